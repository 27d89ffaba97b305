"""Is the street quiet, oversaturated, or neither, and what does the planner do differently then?

Quiet: hardly anybody is about, and a planner has nothing to weigh; it does what free actuated control does,
so that a lone call is answered as drivers know it. Oversaturated: some approach holds more than its longest
green lets go, and is filling up. Then nobody is spared a stop any more, approaches count the more the fuller
they are (so that none runs back into the signal before it while another has room), and what goes ahead is
held to what fits there. Everything follows from the view alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import msgspec

from signal_control.estimates import estimates_of
from signal_control.estimation.told import QUEUED
from signal_control.model import Lane
from signal_control.planning.lights import situation
from signal_control.safety import review
from signal_control.view import Proposal, View

Name = Literal["normal", "quiet", "oversaturated"]

QUIET_LOAD: Final = 0.02
"""Flow over saturation flow, all lanes together: 40 vehicles an hour at a whole intersection. From there on
planning is worth something: with 100 an hour it halves the delay of free actuated control."""
QUIET_QUEUE_VEH: Final = 3.0
"""More than this standing on all approaches together is not quiet."""
FULL: Final = 0.7
"""An approach filled to this part is filling up."""
SPACING_M: Final = 7.5
SHORTEST_M: Final = 60.0
"""Of a shorter approach it says nothing that it is full."""
PRESSING: Final = 3.0
"""A vehicle on a full approach counts as this many on an empty one."""
STOP: Final = 1.0
"""What a stop costs then, in seconds of delay."""


class Regime(NamedTuple):
    """What is the matter, and one clause that says why; `weights` are by lane, 1 where there is none."""

    name: Name
    why: str = ""
    weights: Mapping[str, float] = MappingProxyType({})


NORMAL: Final = Regime("normal")


def regime_of(view: View) -> Regime:
    """How busy the intersection is; never raises, whatever is missing."""
    lanes, seen = view.intersection.lanes, estimates_of(view.queues)
    most_veh = max([row[QUEUED] for row in seen.rows], default=0.0)
    room_m = 0.99 * FULL * view.intersection.shortest_lane_m
    short = seen.rows and most_veh * SPACING_M < room_m  # then no approach is full
    fills = {} if short else {link: fill for link, fill in _fills(view).items() if fill >= FULL}
    stuck = [lane for lane in lanes if lane.link in fills and _cannot_clear(view, lane)] if fills else []
    if stuck:
        return _oversaturated(view, stuck[0])
    if not lanes or len(view.flows) != len(lanes) or most_veh > QUIET_QUEUE_VEH:
        return NORMAL
    waiting = [seen.rows[place][QUEUED] for place in seen.places.values()]
    if not sum(waiting) <= QUIET_QUEUE_VEH:
        return NORMAL
    load = sum([view.flows.get(lane.id, 0.0) / lane.saturation_veh_h for lane in lanes])
    if load < QUIET_LOAD and all(health == "ok" for health in seen.health):
        total = sum(view.flows.values())
        return Regime("quiet", f"{total:.0f} veh/h on all approaches")
    return NORMAL


def because(regime: Regime, proposal: Proposal, held: tuple[str, ...] = ()) -> Proposal:
    """The proposal with the regime it was made in, and with links that nobody is sent into."""
    if regime.name == "normal":
        return proposal
    tail = f"; nobody is sent into {', '.join(held)}, which has no room" if held else ""
    reason = f"{regime.name.capitalize()} ({regime.why}): {proposal.reason.removesuffix('.')}{tail}."
    return msgspec.structs.replace(proposal, reason=reason)


def within(view: View, proposal: Proposal) -> bool:
    """Whether the safety rules let a proposal pass as it is."""
    seen = situation(view)
    return review(view.intersection, seen, proposal, view.now_ns).serve == proposal.serve


def _oversaturated(view: View, worst: Lane) -> Regime:
    lanes, fills = view.intersection.lanes, _fills(view)
    weights = {lane.id: 1.0 + (PRESSING - 1.0) * min(1.0, fills.get(lane.link, 0.0)) for lane in lanes}
    fill = 100 * min(1.0, fills[worst.link])
    why = f"{worst.link} is {fill:.0f} % full and a longest green does not clear {worst.id}"
    return Regime("oversaturated", why, weights)


def _cannot_clear(view: View, lane: Lane) -> bool:
    """Whether a lane's queue is longer than its longest green lets go."""
    queue = view.queues.get(lane.id)
    if queue is None:
        return False
    longest_s = max(view.intersection.phase(p).max_green_s for p in lane.phases)
    rate = max((lane.rate(stage) for stage in view.intersection.stages()), default=0.0)
    return queue.vehicles > longest_s * lane.saturation_veh_h * rate / 3600.0


def _fills(view: View) -> dict[str, float]:
    """The part of each approach that is taken by those who stand there."""
    found, queues = {}, view.queues
    for link, (lanes, length_m) in view.intersection.approaches.items():
        if length_m >= SHORTEST_M:
            taken_m = sum([queues[lane].vehicles * SPACING_M for lane in lanes if lane in queues])
            found[link] = taken_m / length_m
    return found


def gates(view: View) -> tuple[str, ...]:
    """Links ahead into which nobody is sent, since there is no room; in the order of their names."""
    if not view.downstream:
        return ()
    there = [view.downstream[link] for link in view.intersection.onward if link in view.downstream]
    return tuple(state.link for state in there if state.storage_veh < 1.0)
