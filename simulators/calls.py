"""Who is waiting at the signal, as the cabinet's detectors and push buttons tell?"""

from __future__ import annotations

from signal_control.model import Intersection
from simulators.ring import HiresEvent

AT_LINE_M = 15.0
"""A presence detector or zone that ends further from the stop line than this calls nobody."""

_NEVER = -(10**15)


class Calls:
    """Vehicle calls by presence at the stop line, pedestrian calls by push button, kept until walk.

    Inputs wait until the cabinet's clock reaches them; every change is written to `log`.
    """

    def __init__(self, intersection: Intersection, log: list[HiresEvent]) -> None:
        lanes = {lane.id: lane.phases for lane in intersection.lanes}
        self._phases = {
            d.channel: lanes[d.lane] if d.role != "advance" and d.distance_m <= AT_LINE_M else ()
            for d in intersection.detectors
        }
        self._has_ped = {phase.number for phase in intersection.phases if phase.has_ped}
        self._ped_recall = {p.number for p in intersection.phases if p.recall == "ped"} & self._has_ped
        self._pending: list[tuple[int, str, int]] = []
        self._on: set[int] = set()
        self._present: set[int] = set()
        self._greens: tuple[int, ...] = ()
        self._changed = False
        self._called: set[int] = set()
        self._pressed: set[int] = set()
        self._last_seen = {phase.number: _NEVER for phase in intersection.phases}
        self._log = log

    def detection(self, channel: int, t_ms: int, on: bool) -> None:
        """A detector changes at `t_ms`; unknown channels are ignored."""
        if channel in self._phases:
            self._pending.append((t_ms, "on" if on else "off", channel))

    def press(self, phase: int, t_ms: int) -> None:
        """A button is pressed at `t_ms`; phases without pedestrians have none."""
        if phase in self._has_ped:
            self._pending.append((t_ms, "press", phase))

    def take(self, t: int) -> None:
        """Take in what happened up to `t`, the end of a tenth of a second."""
        if not self._pending:
            return
        due = sorted((x for x in self._pending if x[0] <= t), key=lambda x: x[0])
        self._pending = [x for x in self._pending if x[0] > t]
        for _, what, number in due:
            self._happened(t, what, number)

    def settle(self, t: int, greens: tuple[int, ...]) -> None:
        """Register and drop vehicle calls: a call is presence at a stop line that has no green."""
        if not self._changed and greens is self._greens:
            return
        self._changed, self._greens = False, greens
        self._present = {phase for channel in self._on for phase in self._phases[channel]}
        wanted = self._present.difference(greens)
        self._log += [(t, 44, phase) for phase in sorted(self._called - wanted)]
        self._log += [(t, 43, phase) for phase in sorted(wanted - self._called)]
        self._called = wanted

    def vehicles(self) -> list[int]:
        """Phases with a vehicle call, sorted."""
        return sorted(self._called)

    def pedestrians(self) -> list[int]:
        """Phases with a pedestrian call, sorted."""
        return sorted(self._pressed)

    def called(self, phase: int) -> bool:
        """Whether anybody waits for `phase`."""
        return phase in self._called or self.wants_walk(phase)

    def pressed(self, phase: int) -> bool:
        """Whether the button of `phase` waits for an answer."""
        return phase in self._pressed

    def wants_walk(self, phase: int) -> bool:
        """Whether a green of `phase` that starts now brings a walk."""
        return phase in self._pressed or phase in self._ped_recall

    def walked(self, phase: int) -> None:
        """The walk of `phase` has begun: its call is answered."""
        self._pressed.discard(phase)

    def gap(self, phase: int, t: int) -> int:
        """Milliseconds since a vehicle was last at the stop line of `phase`."""
        return 0 if phase in self._present else t - self._last_seen[phase]

    def _happened(self, t: int, what: str, number: int) -> None:
        if what == "press":
            if number not in self._pressed:
                self._pressed.add(number)
                self._log.append((t, 45, number))
        elif (what == "on") != (number in self._on):
            self._on ^= {number}
            self._changed = True
            self._log.append((t, 82 if what == "on" else 81, number))
            self._last_seen.update(dict.fromkeys(self._phases[number], t))
