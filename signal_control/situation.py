"""What does each phase show, since when, and who is waiting?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from signal_control import events
from signal_control.events import Event
from signal_control.status import CabinetMode, SignalState

Color = Literal["green", "yellow", "red_clear", "red"]
Ped = Literal["walk", "clear", "dont"]

UNWATCHED_NS: Final = 5_000_000_000
"""After a longer silence of the cabinet nothing is known about since when a light is shown."""

_COLORS: Final[dict[int, Color]] = {
    events.PHASE_GREEN: "green",
    events.PHASE_YELLOW: "yellow",
    events.PHASE_RED_CLEAR: "red_clear",
    events.PHASE_RED_CLEAR_END: "red",
    events.PHASE_INACTIVE: "red",
}
_OVERLAPS: Final[dict[int, Color]] = {
    events.OVERLAP_GREEN: "green",
    events.OVERLAP_YELLOW: "yellow",
    events.OVERLAP_RED_CLEAR: "red_clear",
    events.OVERLAP_OFF: "red",
}
_PEDS: Final[dict[int, Ped]] = {
    events.PED_WALK: "walk",
    events.PED_CLEAR: "clear",
    events.PED_DONT_WALK: "dont",
}


_HEARD: Final = frozenset({*_COLORS, *_OVERLAPS, *_PEDS, events.PHASE_CALL, events.PED_CALL})


class Light(msgspec.Struct, frozen=True, gc=False):
    """What one phase shows, and since when (device time, nanoseconds)."""

    color: Color
    since_ns: int
    ped: Ped = "dont"
    ped_since_ns: int = 0


class Situation(msgspec.Struct, frozen=True, gc=False):
    """Everything the safety rules need to know; `serving` is what was commanded last.

    `veh_waiting` and `ped_waiting` hold, for each phase with an unanswered call, since when it waits.
    `overlaps` holds those that the cabinet has told of, by number.
    """

    mode: CabinetMode
    at_ns: int
    lights: dict[int, Light]
    veh_waiting: dict[int, int] = {}
    ped_waiting: dict[int, int] = {}
    serving: tuple[int, ...] = ()
    overlaps: dict[int, Light] = {}

    def showing(self, color: Color) -> tuple[int, ...]:
        """Phases that show `color`, ascending."""
        return tuple(sorted(p for p, light in self.lights.items() if light.color == color))


class SituationTracker:
    """Follows the lights through events (exact to 0.1 s) and the cabinet's reports (the truth)."""

    def __init__(self, phases: Iterable[int]) -> None:
        self._lights = {phase: Light("red", 0) for phase in phases}
        self._overlaps: dict[int, Light] = {}
        self._veh_waiting: dict[int, int] = {}
        self._ped_waiting: dict[int, int] = {}
        self._agreed: tuple[object, ...] | None = None
        """The report that said what `_lights` say; None once an event has said something else."""
        self._called: tuple[object, ...] | None = None
        """The same of calls, and those who wait."""
        self.state: SignalState | None = None
        self.ended_ns: dict[int, int] = {}
        """When each phase was last seen to end its green (or first seen, if it never did)."""

    def observe(self, event: Event) -> None:
        """Take one event in; what is not about a known phase is ignored."""
        if event.code not in _HEARD:
            return
        if event.code in _OVERLAPS:
            self._overlap(event.param, _OVERLAPS[event.code], event.at_ns)
        if event.param not in self._lights:
            return
        if event.code in _COLORS:
            self._color(event.param, _COLORS[event.code], event.at_ns)
        elif event.code in _PEDS:
            self._ped(event.param, _PEDS[event.code], event.at_ns)
        elif event.code == events.PHASE_CALL and self._lights[event.param].color != "green":
            self._veh_waiting.setdefault(event.param, event.at_ns)
            self._called = None
        elif event.code == events.PED_CALL and self._lights[event.param].ped != "walk":
            self._ped_waiting.setdefault(event.param, event.at_ns)
            self._called = None

    def observe_state(self, state: SignalState) -> None:
        """Take the cabinet's report in; a report older than the last one is ignored."""
        if self.state is not None and state.at_ns < self.state.at_ns:
            return
        if self.state is None or state.at_ns - self.state.at_ns > UNWATCHED_NS:
            self._lights, self._agreed = {phase: Light("red", state.at_ns) for phase in self._lights}, None
            self.ended_ns = {phase: self.ended_ns.get(phase, state.at_ns) for phase in self._lights}
        self.state = state
        self._report_overlaps(state)
        shown = state.greens, state.yellows, state.red_clears, state.walks, state.ped_clears
        if shown != self._agreed:
            for phase in self._lights:
                self._color(phase, _color_in(state, phase), state.at_ns)
                self._ped(phase, _ped_in(state, phase), state.at_ns)
            self._agreed = shown
        called = state.veh_calls, state.greens, state.ped_calls, state.walks
        if called != self._called:
            self._wait(self._veh_waiting, set(state.veh_calls).difference(state.greens), state.at_ns)
            self._wait(self._ped_waiting, set(state.ped_calls).difference(state.walks), state.at_ns)
            self._called = called

    def situation(self, serving: tuple[int, ...]) -> Situation:
        """The situation now; a cabinet that never reported counts as offline."""
        state = self.state or SignalState(at_ns=0, mode="offline")
        return Situation(
            mode=state.mode,
            at_ns=state.at_ns,
            lights=dict(self._lights),
            veh_waiting=dict(self._veh_waiting),
            ped_waiting=dict(self._ped_waiting),
            serving=serving,
            overlaps=dict(self._overlaps),
        )

    def _report_overlaps(self, state: SignalState) -> None:
        """Those that show something, and those that did."""
        if not (self._overlaps or state.overlap_greens or state.overlap_yellows or state.overlap_red_clears):
            return
        shown: dict[int, Color] = dict.fromkeys(self._overlaps, "red")
        shown |= dict.fromkeys(state.overlap_red_clears, "red_clear")
        shown |= dict.fromkeys(state.overlap_yellows, "yellow")
        shown |= dict.fromkeys(state.overlap_greens, "green")
        for number, color in shown.items():
            self._overlap(number, color, state.at_ns)

    def _overlap(self, number: int, color: Color, at_ns: int) -> None:
        light = self._overlaps.get(number)
        if light is None or light.color != color:
            self._overlaps[number] = Light(color, at_ns)

    def _color(self, phase: int, color: Color, at_ns: int) -> None:
        light = self._lights[phase]
        if light.color == color:
            return
        self._lights[phase], self._agreed = Light(color, at_ns, light.ped, light.ped_since_ns), None
        if light.color == "green":
            self.ended_ns[phase] = at_ns
        if color == "green":
            self._veh_waiting.pop(phase, None)
            self._called = None

    def _ped(self, phase: int, ped: Ped, at_ns: int) -> None:
        light = self._lights[phase]
        if light.ped == ped:
            return
        self._lights[phase], self._agreed = Light(light.color, light.since_ns, ped, at_ns), None
        if ped == "walk":
            self._ped_waiting.pop(phase, None)
            self._called = None

    def _wait(self, waiting: dict[int, int], called: set[int], at_ns: int) -> None:
        if waiting.keys() == called:
            return
        for phase in [p for p in waiting if p not in called]:
            del waiting[phase]
        for phase in called & self._lights.keys():
            waiting.setdefault(phase, at_ns)


def _color_in(state: SignalState, phase: int) -> Color:
    if phase in state.greens:
        return "green"
    if phase in state.yellows:
        return "yellow"
    return "red_clear" if phase in state.red_clears else "red"


def _ped_in(state: SignalState, phase: int) -> Ped:
    if phase in state.walks:
        return "walk"
    return "clear" if phase in state.ped_clears else "dont"
