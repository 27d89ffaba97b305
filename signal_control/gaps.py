"""Who calls for green, and which greens have run out of traffic? (What a local actuated controller asks.)"""

from __future__ import annotations

from typing import Final

from signal_control.model import Phase
from signal_control.view import View

NOBODY_S: Final = 999.0
"""The gap of a lane where nobody was seen to leave for long, or ever."""
WAITING_VEH: Final = 0.5
"""A lane with so much in its queue calls, whether or not its stop-line detector works."""
LEAST_GAP: Final = 0.6
"""The allowed gap shrinks to this share of the passage time (gap reduction, NEMA TS 2 3.5.3)."""
REDUCE_AFTER: Final = 0.25
REDUCED_AT: Final = 0.75
"""It begins and ends to shrink after these shares of the maximum green, while somebody waits."""


def called(view: View) -> set[int]:
    """Red phases somebody waits for: by detectors, buttons, queue estimates, or recall."""
    greens = set(view.green_since_ns)
    found = {*view.state.veh_calls, *view.state.ped_calls}
    found |= {p.number for p in view.intersection.phases if p.recall != "none"}
    for lane in view.intersection.lanes:
        queue = view.queues.get(lane.id)
        if queue is not None and queue.vehicles >= WAITING_VEH and not greens & set(lane.phases):
            found |= set(lane.phases)
    return found - greens


def waiting(view: View) -> set[int]:
    """Those of them that are not only recalled."""
    recalled = {p.number for p in view.intersection.phases if p.recall != "none"}
    return called(view) - (recalled - {*view.state.veh_calls, *view.state.ped_calls})


def gap_s(view: View, phase: int) -> float:
    """Seconds since traffic of a green phase was last seen at its stop line; 0: somebody is there."""
    gap = NOBODY_S
    for lane in view.intersection.lanes:
        queue = view.queues.get(lane.id)
        if phase in lane.phases and queue is not None:
            there = (queue.front_s > 0.0 and not queue.stalled) or queue.vehicles >= WAITING_VEH
            gap = min(gap, 0.0 if there else queue.left_s if queue.left_s >= 0.0 else NOBODY_S)
    return gap


def allowed_gap_s(phase: Phase, green_s: float) -> float:
    """The gap that ends a green of this length, seconds."""
    begin_s, end_s = REDUCE_AFTER * phase.max_green_s, REDUCED_AT * phase.max_green_s
    share = min(1.0, max(0.0, (green_s - begin_s) / max(1.0, end_s - begin_s)))
    return phase.passage_s * (1.0 - share * (1.0 - LEAST_GAP))


def done(view: View, number: int) -> str:
    """Why a green may end: "gapped out", "maximum green", or "" while it should go on."""
    phase = view.intersection.phase(number)
    green_s = (view.now_ns - view.green_since_ns[number]) / 1e9
    walking = number in view.state.walks or number in view.state.ped_clears
    if green_s < phase.min_green_s or walking:
        return ""
    if green_s >= phase.max_green_s:
        return "maximum green"
    return "gapped out" if gap_s(view, number) > allowed_gap_s(phase, green_s) else ""


def changing(view: View) -> bool:
    """Whether the lights are on their way to what was commanded last."""
    clearing = {*view.state.yellows, *view.state.red_clears}
    pending = set(view.serving) - set(view.green_since_ns)
    return bool(view.serving and pending and clearing and not clearing & set(view.serving))
