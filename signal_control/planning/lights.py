"""What do the lights allow, and what are they due for? (The timing side of what the search starts from.)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from signal_control.model import Phase
from signal_control.numbers import packer
from signal_control.planning.arrays import NEVER, Now
from signal_control.planning.layout import Layout, Outlet
from signal_control.situation import Light, Situation
from signal_control.view import View

PED_VEH: Final = 1.0
"""A pedestrian call weighs as much as so many vehicles."""
CALL_VEH: Final = 0.5
"""A call that no queue estimate explains counts as this much, so that no detector is ever in vain."""
RECALL_VEH: Final = 0.02
"""So much draws a phase with recall back to green when nobody needs another."""
SOON_S: Final = 0.5
"""A phase that waits for nothing shows green so soon after the order."""
EARLY_S: Final = 2.0
"""Calls are answered so long before the safety rule would insist."""
OUT_S: Final = 6.0
"""Those whom turners yield to end so long before their maximum, to let the turners out within it."""
LEAVE_S: Final = 3.0
"""Turners, and those behind them inside the junction, need so long to leave it."""
HELD_S: Final = 3.0
"""Who stands at the line for so long in green is held by a turner before it."""
ACROSS_S: Final = 4.0
"""So long after the last one from elsewhere crossed its line a turner behind it is out."""
INSIDE_S: Final = 20.0
"""Who left a lane longer ago is out, whoever turned before it: streams of turners end sooner, for sooner or
later somebody at their head wants to go on straight."""
LONG_S: Final = 15.0
"""Who waits longer weighs more and more ..."""
DOUBLE_S: Final = 30.0
"""... twice as much after so much longer, three times after twice as much."""


def situation(view: View) -> Situation:
    """The lights and calls with their times; out of the view's other fields where it holds none."""
    if view.situation is not None:
        return view.situation
    state, lights = view.state, {}
    for phase in view.intersection.phases:
        n = phase.number
        since_ns = view.green_since_ns.get(n, view.red_since_ns.get(n, view.now_ns))
        ped = "walk" if n in state.walks else "clear" if n in state.ped_clears else "dont"
        color = (
            "green"
            if n in view.green_since_ns
            else "yellow"
            if n in state.yellows
            else "red_clear"
            if n in state.red_clears
            else "red"
        )
        lights[n] = Light(color, since_ns, ped, since_ns)  # type: ignore[arg-type]
    waits = {n: view.red_since_ns.get(n, view.now_ns) for n in lights if n not in view.green_since_ns}
    veh = {n: waits[n] for n in state.veh_calls if n in waits}
    ped_waits = {n: waits[n] for n in state.ped_calls if n in waits}
    return Situation(state.mode, state.at_ns, lights, veh, ped_waits, view.serving)


def heading(view: View, seen: Situation) -> tuple[int, ...]:
    """Phases that are green or will be: what was commanded last; before the first command, the greens."""
    target = {*view.serving}.intersection(seen.lights)
    return tuple(sorted(target or view.green_since_ns))


class Times:
    """Seconds from now by phase, as `Now` has them; lists, for single numbers are read and written."""

    __slots__ = ("call", "due_s", "first_s", "free_s", "gone_s", "limit_s", "most_s", "ready_s")

    def __init__(self, layout: Layout) -> None:
        nothing, never = layout.nothing, layout.never
        self.ready_s, self.free_s, self.gone_s = nothing[:], nothing[:], nothing[:]
        self.limit_s, self.first_s, self.most_s = never[:], layout.shortest_s[:], layout.longest_s[:]
        self.call, self.due_s = nothing[:], never[:]

    def arrays(self, layout: Layout) -> Now:
        """The same as arrays, with every stage allowed; valid until the next call."""
        write, flat, now = _room(len(layout.phases), len(layout.masks))
        own = [*self.ready_s, *self.free_s, *self.limit_s, *self.gone_s, *self.first_s]
        write(flat, 0, *own, *layout.shortest_s, *self.most_s, *self.call, *self.due_s)
        now.allowed.fill(True)
        return now


@lru_cache(maxsize=64)
def _room(phases: int, stages: int) -> tuple[Callable[..., None], memoryview, Now]:
    """What writes all times of `Now`, where to, and itself; intersections of the same size share it."""
    flat = np.zeros(9 * phases)
    now = Now(*flat.reshape(9, phases), np.full(stages, True))  # type: ignore[call-arg]
    return packer(9 * phases), flat.data, now


def timing(view: View, seen: Situation, layout: Layout, shown: tuple[int, ...]) -> Times:
    """Seconds from now to everything the lights hold in store."""
    times, place = Times(layout), layout.place
    for number, light in seen.lights.items():
        if light.color == "red" or number not in place:
            continue
        i = place[number]
        if light.color == "green":
            times.free_s[i] = _held_s(view, layout.phases[i], light)
        else:
            times.gone_s[i] = _clearing_s(view, layout.phases[i], light)
    held_s = times.free_s[:]
    for number in view.green_since_ns:
        if number not in shown and number in place:
            i = place[number]
            times.gone_s[i] = times.free_s[i] + layout.phases[i].clearance_s
    for number in (*seen.ped_waiting, *layout.recalled_on_foot):
        i = place.get(number, -1)
        if i >= 0 and layout.walks[i]:
            times.first_s[i] = max(times.first_s[i], layout.phases[i].ped_s)
    _let_out(view, layout, times)
    for number in shown:
        if number in place:
            i = place[number]
            _running(view, seen, layout, times, i, held_s[i])
    return times


def _let_out(view: View, layout: Layout, times: Times) -> None:
    """Turners go first: their green stays until those they yielded to are cleared, who end in time."""
    for outlet in layout.outlets:
        for number in outlet.met:
            met = layout.place[number]
            if layout.phases[met].max_green_s > 4 * OUT_S:
                times.most_s[met] = layout.phases[met].max_green_s - OUT_S
            if number in view.green_since_ns:
                continue
            ended_s = _since_s(view, view.red_since_ns.get(number, 0))
            out_s = max(times.gone_s[met], layout.phases[met].clearance_s + LEAVE_S - ended_s)
            out_s = max(out_s, _crossed_s(view, outlet))
            for i in range(len(layout.phases)):
                if outlet.turning >> i & 1 and layout.phases[i].number in view.green_since_ns:
                    times.free_s[i] = max(times.free_s[i], out_s)


def _crossed_s(view: View, outlet: Outlet) -> float:
    """Seconds until turners are out who let those cross that turn under the same phases from elsewhere."""
    queue = view.queues.get(outlet.lane.id)
    if queue is None or queue.front_s < HELD_S or not 0.0 <= queue.left_s <= INSIDE_S:
        return 0.0
    others = [view.queues[name].left_s for name in outlet.crossing if name in view.queues]
    return ACROSS_S - min([left_s for left_s in others if left_s >= 0.0], default=ACROSS_S)


def demands(
    view: View, seen: Situation, layout: Layout, times: Times, explained: Mapping[int, float]
) -> None:
    """Write what a second of waiting costs those who called, in vehicles, and when they are due.

    `explained` are the vehicles known, by phase. A recall costs a little.
    """
    place, call, due_s = layout.place, times.call, times.due_s
    for number, since_ns in seen.ped_waiting.items():
        i = place.get(number, -1)
        if i >= 0:
            waited_s = _since_s(view, since_ns)
            call[i], due_s[i] = PED_VEH * growth(waited_s), _due_s(view, layout, i, since_ns)
    for number, since_ns in seen.veh_waiting.items():
        i = place.get(number, -1)
        if i >= 0:
            unknown_veh = CALL_VEH - explained.get(number, 0.0)
            if unknown_veh > 0.0:
                call[i] += unknown_veh * growth(_since_s(view, since_ns))
            due_s[i] = min(due_s[i], _due_s(view, layout, i, since_ns))
    for number in layout.recalled:
        if number not in view.green_since_ns:
            call[place[number]] += RECALL_VEH


def _due_s(view: View, layout: Layout, i: int, since_ns: int) -> float:
    """Seconds until who has waited since then has to be served."""
    return (since_ns - view.now_ns) / 1e9 + layout.phases[i].max_wait_s - EARLY_S


def _running(view: View, seen: Situation, layout: Layout, times: Times, i: int, held_s: float) -> None:
    """When a phase of the present stage begins, and when it must end."""
    light = seen.lights.get(layout.phases[i].number)
    if light is not None and light.color == "green":
        limit_s = _limit_s(view, seen, light, layout.rivals_of[i], times.most_s[i])
        times.limit_s[i] = max(held_s, limit_s)
        times.free_s[i] = min(times.free_s[i], times.limit_s[i])  # turners are let out within the maximum
    else:
        blocked = [times.gone_s[layout.place[rival]] for rival in layout.rivals_of[i]]
        times.ready_s[i] = max([SOON_S, *blocked])
        times.free_s[i] = times.ready_s[i] + times.first_s[i]
        times.limit_s[i] = times.ready_s[i] + max(times.most_s[i], times.first_s[i])


def all_held_s(view: View, seen: Situation, layout: Layout, places: tuple[int, ...]) -> float:
    """Seconds for which minimum green and walks hold every one of these phases that is green; 0: not all."""
    least_s = NEVER
    for i in places:
        phase = layout.phases[i]
        light = seen.lights.get(phase.number)
        if light is not None and light.color == "green":
            least_s = min(least_s, _held_s(view, phase, light))
            if least_s <= 0.0:
                break
    return least_s


def _held_s(view: View, phase: Phase, light: Light) -> float:
    """Seconds for which a green may not be ended."""
    least_s = phase.min_green_s - _since_s(view, light.since_ns)
    if light.ped == "dont":
        return max(0.0, least_s)
    walks_s = phase.ped_s if light.ped == "walk" else phase.ped_clear_s
    return max(0.0, least_s, walks_s - _since_s(view, light.ped_since_ns))


def _clearing_s(view: View, phase: Phase, light: Light) -> float:
    """Seconds until a clearance under way is over."""
    whole_s = phase.clearance_s if light.color == "yellow" else phase.red_clear_s
    return max(0.1, whole_s - _since_s(view, light.since_ns)) if whole_s else 0.0


def _limit_s(view: View, seen: Situation, light: Light, rivals: tuple[int, ...], most_s: float) -> float:
    """Seconds until a green must end: its maximum, counted from when somebody in conflict began to wait."""
    since = [at_ns for number, at_ns in seen.veh_waiting.items() if number in rivals]
    if seen.ped_waiting:
        since += [at_ns for number, at_ns in seen.ped_waiting.items() if number in rivals]
    if not since:
        return most_s if rivals else NEVER
    return most_s - _since_s(view, max(light.since_ns, min(since)))


def growth(waited_s: float) -> float:
    """How much more those weigh who have waited for so long."""
    return 1.0 + max(0.0, waited_s - LONG_S) / DOUBLE_S


def _since_s(view: View, since_ns: int) -> float:
    return (view.now_ns - since_ns) / 1e9
