"""Which phases give the street the most, the loss of changing included?

Max pressure (Varaiya 2013): the pressure of a lane is its queue minus the queues its traffic would join, by
turning shares; the stage that relieves most is served. Queues ahead count as far as their link is full
(Gregoire 2015). Varaiya's signals change without loss; here a change blocks the traffic that is cut off for
as long as the visit lasts, clearances there and back included. So a stage takes over when the delay that its
traffic has gathered (pressure x half the time since its last green: arrivals are even) outweighs the delay
that the visit causes (to who is there, is on the way from a neighbour, or will come). That is the lot-size
rule, which minimises delay per time (Harris 1913): short visits come often, long ones with pedestrians
seldom. Decided every second, in any order of phases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signal_control.model import Intersection, Lane
from signal_control.platoons import reach_m
from signal_control.travellers import SET_OFF_S
from signal_control.view import Candidate, Proposal, View, named

NAME = "max_pressure"
DOC = "Every second the stage whose queues have lost most, once that outweighs what the change costs."
UNIT = "veh s relieved per s"

START_UP_S: Final = 2.0
"""Green lost until a queue moves (HCM 2000, start-up lost time)."""
COST_SHARE: Final = 0.5
"""This part of the cost is charged to the visit; the rest to those that follow before the street is back.

0.25 to 0.6 differ by less than the seeds do (corridor, 30 minutes); 1.1 costs a tenth more delay.
"""
PED_VEH: Final = 1.0
"""A pedestrian call weighs as much as so many vehicles."""
CALL_VEH: Final = 0.5
"""A call that no queue estimate explains counts as this much, so that no detector is ever in vain."""
FULL_VEH: Final = 2.0
"""Downstream room below this stops the flow into a link."""
USUAL_VEH_H: Final = 250.0
"""A lane's flow until it is measured."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What it would mean to serve a stage now: vehicles queued on the phases that become green, seconds until
    these can go, seconds they then need, the delay gathered and the delay caused (vehicle seconds)."""

    serve: tuple[int, ...]
    ended: tuple[int, ...]
    queued: float
    lost_s: float
    green_s: float
    gathered: float
    cost: float

    @property
    def merit(self) -> float:
        """Delay relieved less delay caused, per second of the visit."""
        return (self.gathered - self.cost) / (self.lost_s + self.green_s)

    @property
    def pays(self) -> bool:
        """Whether changing to it is worth the cost."""
        return self.gathered > self.cost


class MaxPressure:
    """Acyclic max pressure over all stages of an intersection; keeps nothing between decisions."""

    def __init__(self, intersection: Intersection) -> None:
        self._stages = intersection.stages()
        self._phases = {p.number: p for p in intersection.phases}
        self._lanes = {n: tuple(x for x in intersection.lanes if n in x.phases) for n in self._phases}
        self._sight_s = {
            x.link: SET_OFF_S + reach_m(intersection, x.link) / x.speed_mps for x in intersection.lanes
        }
        self._rivals = {
            a: tuple(b for b in self._phases if not intersection.compatible(a, b)) for a in self._phases
        }

    def decide(self, view: View) -> Proposal:
        """The stage to show now."""
        if _changing(view):
            reason = f"The change to phases {named(view.serving)} is under way and is completed."
            return Proposal(view.serving, reason, (Candidate(view.serving, 0.0, "under way"),), UNIT)
        visits = [self._visit(view, stage) for stage in self._stages]
        spent = self._spent(view)
        stays = [v for v in visits if not v.ended and not spent & set(v.serve)]
        rivals = [v for v in visits if v.ended and not spent & set(v.serve)]
        stay = max(stays, key=lambda v: (v.gathered, v.queued), default=None)
        paying = [v for v in rivals if v.pays] if stay else (rivals or visits)
        best = max(paying, key=lambda v: v.merit, default=None)
        if best is None:
            return _proposal(stay or visits[0], visits, _stays(stay or visits[0], rivals))
        return _proposal(best, visits, _takes_over(best, view, bool(stay)))

    def _visit(self, view: View, stage: tuple[int, ...]) -> Visit:
        fresh = [p for p in stage if p not in view.green_since_ns]
        ended = tuple(p for p in sorted(view.green_since_ns) if p not in stage)
        lost_s = max((self._ready_s(view, p) for p in fresh), default=0.0)
        loads = [
            (p, lane, _pressure(view, lane) + _arriving(view, lane, lost_s))
            for p in fresh
            for lane in self._new_lanes(view, p)
        ]
        green_s = self._green_s(view, fresh, loads)
        gathered = sum(w * self._gathering_s(view, p) for p, _, w in loads)
        gathered += sum(self._calling(view, p, loads) * self._gathering_s(view, p) for p in fresh)
        back_s = max((self._phases[p].clearance_s for p in fresh), default=0.0) + START_UP_S
        cost = COST_SHARE * sum(self._blocked(view, p, stage, lost_s + green_s + back_s) for p in ended)
        queued = sum(view.queues[lane.id].vehicles for _, lane, _ in loads if lane.id in view.queues)
        return Visit(stage, ended, queued, lost_s, green_s, gathered, cost)

    def _new_lanes(self, view: View, phase: int) -> list[Lane]:
        """Lanes of a phase that no green phase serves already."""
        return [lane for lane in self._lanes[phase] if not set(lane.phases) & set(view.green_since_ns)]

    def _green_s(self, view: View, fresh: list[int], loads: list[tuple[int, Lane, float]]) -> float:
        """How long the phases that become green need: their queues, at least minimum green or walk."""
        bounds = [
            p.ped_s if n in view.state.ped_calls else p.min_green_s
            for n, p in self._phases.items()
            if n in fresh
        ]
        served = [
            w / max(0.1, (lane.saturation_veh_h - _flow(view, lane)) / 3600.0)
            for _, lane, w in loads
            if w > 0
        ]
        limit = max((self._phases[p].max_green_s for p in fresh), default=0.0)
        return max([1.0, *bounds, *(min(limit, s) for s in served)])

    def _calling(self, view: View, phase: int, loads: list[tuple[int, Lane, float]]) -> float:
        """Calls beyond the queues, in vehicles: of pedestrians, and of vehicles no estimate explains."""
        seen = sum(w for p, _, w in loads if p == phase)
        called = max(0.0, CALL_VEH - seen) if phase in view.state.veh_calls else 0.0
        return called + (PED_VEH if phase in view.state.ped_calls else 0.0)

    def _blocked(self, view: View, phase: int, stage: tuple[int, ...], away_s: float) -> float:
        """Delay (vehicle s) of those on the lanes of `phase`, and to come, when it is away for so long."""
        delay = 0.0
        for lane in self._lanes[phase]:
            if not set(lane.phases) & set(stage):
                flow, full = _flow(view, lane) / 3600.0, lane.saturation_veh_h / 3600.0
                known = view.coming.get(lane.id, ())
                sight_s = self._sight_s[lane.link] if lane.id in view.coming else 0.0
                unknown_s = max(0.0, away_s - sight_s)
                coming = flow * unknown_s * unknown_s / 2.0
                coming += sum(n * (away_s - eta_s) for eta_s, n in known if eta_s < away_s)
                delay += _pressure(view, lane) * away_s + coming / max(0.2, 1.0 - flow / full)
        return delay

    def _gathering_s(self, view: View, phase: int) -> float:
        """Mean wait of who came evenly since the last green ended."""
        return max(1.0, _since_s(view, view.red_since_ns.get(phase))) / 2.0

    def _ready_s(self, view: View, phase: int) -> float:
        """Seconds until the traffic of a red phase can move."""
        ends = [
            self._left_s(view, r) + self._phases[r].clearance_s for r in self._rivals[phase] if _lit(view, r)
        ]
        return max(ends, default=0.0) + START_UP_S

    def _left_s(self, view: View, phase: int) -> float:
        """Seconds for which a green must still be shown."""
        if phase not in view.green_since_ns:
            return 0.0
        elapsed_s, timing = _since_s(view, view.green_since_ns[phase]), self._phases[phase]
        walking = phase in view.state.walks or phase in view.state.ped_clears
        return max(0.0, timing.min_green_s - elapsed_s, timing.ped_s - elapsed_s if walking else 0.0)

    def _spent(self, view: View) -> set[int]:
        """Greens at their maximum while somebody in conflict with them waits."""
        calls = {*view.state.veh_calls, *view.state.ped_calls} - set(view.green_since_ns)
        return {
            p
            for p, since_ns in view.green_since_ns.items()
            if _since_s(view, since_ns) >= self._phases[p].max_green_s and calls.intersection(self._rivals[p])
        }


def _pressure(view: View, lane: Lane) -> float:
    """Vehicles on a lane less those queued where they go; 0 when it is stalled or there is no room ahead."""
    queue = view.queues.get(lane.id)
    if queue is None or queue.stalled:
        return 0.0
    ahead = 0.0
    for link, share in lane.to.items():
        if link in view.downstream:
            state = view.downstream[link]
            if state.storage_veh < FULL_VEH and share > 0.5:
                return 0.0
            full = state.queue_veh / max(1.0, state.queue_veh + state.storage_veh)
            ahead += share * full * state.queue_veh / max(1, state.lanes)
    return max(0.0, queue.vehicles + queue.moving - ahead)


def _arriving(view: View, lane: Lane, within_s: float) -> float:
    """Vehicles from upstream that would have to stop before the change is done."""
    return sum(n for eta_s, n in view.coming.get(lane.id, ()) if eta_s < within_s)


def _flow(view: View, lane: Lane) -> float:
    return view.flows.get(lane.id, USUAL_VEH_H)


def _changing(view: View) -> bool:
    """Whether the lights are on their way to what was commanded last."""
    target = set(view.serving)
    clearing = {*view.state.yellows, *view.state.red_clears}
    return bool(target and clearing and target - set(view.green_since_ns)) and not clearing & target


def _lit(view: View, phase: int) -> bool:
    return phase in view.green_since_ns or phase in view.state.yellows or phase in view.state.red_clears


def _since_s(view: View, since_ns: int | None) -> float:
    return 0.0 if since_ns is None else max(0.0, (view.now_ns - since_ns) / 1e9)


def _takes_over(best: Visit, view: View, could_stay: bool) -> str:
    new = named(tuple(p for p in best.serve if p not in view.green_since_ns))
    if not best.ended:
        return f"Phases {new} begin with {best.queued:.1f} veh queued, because nothing in conflict is green."
    begin = f"Phases {new} take over: {best.queued:.1f} veh queued there"
    if not could_stay:
        return f"{begin}, and {named(best.ended)} reached maximum green."
    return (
        f"{begin} have gathered {best.gathered:.0f} veh s of delay, worth the {best.cost:.0f} veh s that the "
        f"change costs on {named(best.ended)} with its {best.lost_s:.1f} s of clearance and start-up."
    )


def _stays(stay: Visit, rivals: list[Visit]) -> str:
    first = max(rivals, key=lambda v: v.gathered / max(1.0, v.cost), default=None)
    if first is None or first.gathered <= 0.0:
        return f"Phases {named(stay.serve)} stay: nobody waits elsewhere."
    there = f"{first.queued:.1f} veh queued on {named(first.serve)}"
    return (
        f"Phases {named(stay.serve)} stay: {there} have gathered {first.gathered:.0f} veh s of delay, "
        f"and a change would cost {first.cost:.0f} veh s."
    )


def _proposal(chosen: Visit, visits: list[Visit], reason: str) -> Proposal:
    ranked = sorted(visits, key=lambda v: v.merit, reverse=True)
    notes = {
        v.serve: f"{v.queued:.1f} veh queued, {v.gathered:.0f} gained, {v.cost:.0f} lost" for v in ranked
    }
    candidates = tuple(Candidate(v.serve, round(v.merit, 3), notes[v.serve]) for v in ranked)
    return Proposal(chosen.serve, reason, candidates, UNIT)


def create(intersection: Intersection) -> MaxPressure:
    """A strategy for one intersection."""
    return MaxPressure(intersection)
