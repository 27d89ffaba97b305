"""What should this intersection be told now, and from what does that follow?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from signal_control.decision import OPERATOR, Decision, DecisionMode, Withheld
from signal_control.departures import Departures
from signal_control.discharge import Discharge
from signal_control.estimates import Estimates
from signal_control.estimation.told import MOVING, QUEUED
from signal_control.events import Event
from signal_control.health import DetectorHealth
from signal_control.model import Intersection
from signal_control.platoons import Coming, Platoons
from signal_control.queues import QueueEstimator
from signal_control.safety import MAX_LIFETIME_S, Verdict, command, review
from signal_control.safety_rules import MAX_STATE_AGE_S
from signal_control.situation import Situation, SituationTracker
from signal_control.status import LinkState, SignalState
from signal_control.turners import Turners
from signal_control.view import Proposal, Strategy, View, create, named

SPACING_M = 7.5


class Controller:
    """Decides for one intersection. Pure: time is an argument, the same calls give the same decisions."""

    def __init__(self, intersection: Intersection, strategy: str, lifetime_s: float = 10.0) -> None:
        """Raises KeyError naming the choices for an unknown strategy, ValueError for a bad lifetime."""
        if not 1.0 <= lifetime_s <= MAX_LIFETIME_S:
            raise ValueError(f"lifetime_s must lie between 1 and {MAX_LIFETIME_S:g}; it is {lifetime_s:g}")
        self.intersection = intersection
        self._lifetime_s = lifetime_s
        self._queues = QueueEstimator(intersection)
        self._estimated: tuple[int, Estimates] | None = None
        self._departures = Departures(intersection)
        self._sends = bool(intersection.onward)
        self._discharge, self._turners = Discharge(intersection), Turners(intersection)
        self._always = None if intersection.schedule else intersection.in_force(0)
        """How it runs at any time, if no schedule says otherwise."""
        self._platoons = Platoons(intersection)
        self._tracker = SituationTracker(p.number for p in intersection.phases)
        self._serving: tuple[int, ...] = ()
        self._issued = 0
        self.use(strategy)

    @property
    def strategy(self) -> str:
        """The name of the strategy in use."""
        return self._name

    @property
    def state(self) -> SignalState | None:
        """The cabinet's last report; None before the first."""
        return self._tracker.state

    def queues(self, now_ns: int) -> Estimates:
        """The queue estimate of every lane, by lane id."""
        if self._estimated is None or self._estimated[0] != now_ns:
            self._estimated = (now_ns, self._queues.at(now_ns))
        return self._estimated[1]

    def detectors(self) -> dict[int, DetectorHealth]:
        """What is thought of every detector, by channel."""
        return self._queues.health()

    def occupied(self) -> dict[int, float]:
        """Detectors that are on, by channel, and since when (seconds since the epoch)."""
        return self._queues.occupied()

    def since_ns(self, phase: int) -> int | None:
        """Since when `phase` shows what it shows; None while nothing is known of it."""
        light = self._tracker.situation(self._serving).lights.get(phase)
        return (light.since_ns or None) if light else None

    def use(self, strategy: str) -> None:
        """Decide by another strategy from now on; raises KeyError naming the choices."""
        self._strategy: Strategy = create(strategy, self.intersection)
        self._name = strategy

    def observe(self, event: Event) -> None:
        """Take one event of the intersection in."""
        self._estimated = None
        self._queues.observe(event)
        if self._sends:
            self._departures.observe(event)
        self._tracker.observe(event)

    def observe_state(self, state: SignalState) -> None:
        """Take one report of the cabinet in."""
        self._estimated = None
        self._queues.observe_state(state)
        self._tracker.observe_state(state)

    def tick(
        self,
        now_ns: int,
        downstream: Mapping[str, LinkState],
        held: tuple[int, ...] = (),
        withheld: Withheld | None = None,
    ) -> Decision:
        """Decide; meant to be called once a second.

        An operator's `held` phases are proposed in the strategy's place; the safety rules judge them alike. A
        `withheld` decision is made in full, but without a command.
        """
        state, situation = self._tracker.state, self._tracker.situation(self._serving)
        waiting = _why_waiting(state, now_ns)
        if state is None or waiting:
            return self._wait(now_ns, waiting)
        view = self._view(now_ns, state, situation, downstream)
        proposal = Proposal(held, f"An operator holds phases {named(held)}.") if held else None
        proposal = proposal or self._strategy.decide(view)
        verdict = review(view.intersection, situation, proposal, now_ns)
        return self._decision(view, proposal, verdict, OPERATOR if held else self._name, withheld)

    def stand_by(self, now_ns: int, mode: DecisionMode, why: str) -> Decision:
        """Decide nothing, because somebody wants it so."""
        return msgspec.structs.replace(self._wait(now_ns, why), mode=mode)

    @property
    def links(self) -> Collection[str]:
        """The approaches of this intersection."""
        return self.intersection.approaches.keys()

    def link_states(self, now_ns: int, wanted: Collection[str] | None = None) -> dict[str, LinkState]:
        """What neighbours need to know: the approaches here by link, and who was sent into their approaches.

        The latter stand under `link<intersection`, since the link itself is reported by who it belongs to.
        Of the approaches only those `wanted`, where that is said.
        """
        found = {}
        for link, (lanes, length_m) in self.intersection.approaches.items():
            if wanted is None or link in wanted:
                seen = self.queues(now_ns)
                there = [seen.rows[seen.places[lane]] for lane in lanes]
                queued = sum([lane[QUEUED] for lane in there])
                room = length_m / SPACING_M - (queued + sum([lane[MOVING] for lane in there]))
                found[link] = LinkState(link, round(queued, 2), round(max(0.0, room), 1), now_ns, len(lanes))
        if self._sends:
            for lane, vehicles in self._queues.crossed():
                self._departures.left(lane, vehicles, now_ns)
            found |= self._departures.into(now_ns)
        return found

    def _view(
        self, now_ns: int, state: SignalState, situation: Situation, downstream: Mapping[str, LinkState]
    ) -> View:
        flows, queues = self._queues.flows(now_ns), self.queues(now_ns)
        ahead = {}
        if downstream:
            ahead = {name: downstream[name] for name in self.intersection.onward if name in downstream}
        green_since_ns = {p: x.since_ns for p, x in situation.lights.items() if x.color == "green"}
        return View(
            now_ns=now_ns,
            intersection=self._always or self.intersection.in_force(now_ns),
            state=state,
            green_since_ns=green_since_ns,
            red_since_ns={p: at for p, at in self._tracker.ended_ns.items() if p not in green_since_ns},
            queues=queues,
            flows=flows,
            downstream=ahead,
            serving=self._serving,
            coming=self._coming(now_ns, flows, downstream),
            situation=situation,
            unserved=self._discharge.watch(now_ns, green_since_ns, queues),
            inside=self._turners.watch(now_ns, green_since_ns, queues),
        )

    def _coming(
        self, now_ns: int, flows: Mapping[str, float], neighbours: Mapping[str, LinkState]
    ) -> dict[str, Coming]:
        """Who was sent here and has not been seen yet, by lane."""
        was_alone = self._platoons.alone
        for name, state in neighbours.items():
            if state.sent:
                self._platoons.hear(name, state)
        if self._platoons.alone:
            return {}
        entered = self._queues.entered()
        for link, vehicles, hidden in () if was_alone else entered:
            self._platoons.see(link, vehicles, hidden, now_ns)
        return self._platoons.coming(flows, now_ns)

    def _decision(
        self, view: View, proposal: Proposal, verdict: Verdict, by: str, withheld: Withheld | None
    ) -> Decision:
        reason = proposal.reason if not verdict.binding else verdict.why
        self._issued += 1
        name = f"{self.intersection.id}-{self._issued}"
        order = command(verdict, name, self.intersection.id, view.now_ns, self._lifetime_s, by, reason)
        mode: DecisionMode = ("held" if by == OPERATOR else "adaptive") if order else "waiting"
        self._serving = verdict.serve
        if withheld is not None:
            order, mode, self._serving = None, withheld.mode, ()
        return Decision(
            at_ns=view.now_ns,
            intersection=self.intersection.id,
            strategy=by,
            command=order,
            proposal=proposal,
            verdict=verdict,
            reason=reason,
            binding=verdict.binding,
            view=view,
            mode=mode,
        )

    def _wait(self, now_ns: int, why: str) -> Decision:
        self._serving = ()
        return Decision(
            at_ns=now_ns,
            intersection=self.intersection.id,
            strategy=self._name,
            command=None,
            proposal=None,
            verdict=None,
            reason=why,
            binding="",
            view=None,
            mode="waiting",
        )


def _why_waiting(state: SignalState | None, now_ns: int) -> str:
    """Why nothing can be commanded, or ""."""
    if state is None:
        return "The cabinet has not reported its lights yet, so its local plan runs."
    age_s = (now_ns - state.at_ns) / 1e9
    if abs(age_s) > MAX_STATE_AGE_S:
        return f"The last report of the lights is {age_s:.1f} s old, so the local plan runs."
    if state.mode not in ("remote", "local"):
        return f"The cabinet is in mode {state.mode}, so it is not commanded."
    return ""
