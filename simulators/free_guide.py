"""Which phase goes next in a controller that runs actuated, without a plan, as its masters hold and call?

The ring-barrier logic of NEMA TS 2 in short: a ring serves the phases with a demand in the order of its
sequence, rings cross a barrier together, a green without anybody in conflict with it rests. Hold keeps a
green, force-off ends it like a maximum reached, omit keeps a phase from being chosen; minimum green and
pedestrians go before all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signal_control.model import Intersection
from simulators.calls import Calls
from simulators.guides import FORCE_OFF, GAP_OUT, MAX_OUT, Rings


@dataclass(slots=True)
class Controls:
    """What a master has written, as masks: phase p is bit p - 1."""

    phase_omit: int = 0
    ped_omit: int = 0
    hold: int = 0
    force_off: int = 0
    veh_call: int = 0
    ped_call: int = 0

    def clear(self) -> None:
        """All of it is taken back."""
        self.phase_omit = self.ped_omit = self.hold = self.force_off = self.veh_call = self.ped_call = 0

    @property
    def any(self) -> bool:
        """Whether anything is written."""
        return bool(
            self.phase_omit | self.ped_omit | self.hold | self.force_off | self.veh_call | self.ped_call
        )


class FreeGuide:
    """Leads the rings by demand.

    With `reservice` a ring may go back within its barrier group while nobody waits beyond the barrier;
    without it ("backup protection", against yellow traps) it has to cross the barrier first.
    """

    def __init__(
        self,
        intersection: Intersection,
        rings: Rings,
        calls: Calls,
        controls: Controls,
        reservice: bool = True,
    ) -> None:
        self._rings, self._calls, self._controls = rings, calls, controls
        self._reservice = reservice
        self._order = {number: tuple(ring.timings) for number, ring in rings.items()}
        self._barrier_of = {phase.number: phase.barrier for phase in intersection.phases}
        self._sides = tuple(dict.fromkeys(self._barrier_of[p] for row in self._order.values() for p in row))
        self._recalled = {p.number for p in intersection.phases if p.recall != "none"}
        self._to_maximum = {p.number for p in intersection.phases if p.recall == "max"}
        self._side = 0
        self._last: dict[int, int] = {}
        self._entries: dict[int, int] = {}
        self._contested: dict[int, int] = {}

    def enter(self, t: int) -> None:
        """Take over at `t`, from whatever shows."""
        self._last, self._entries, self._contested = {}, {}, {}
        self.update(t)

    def update(self, t: int) -> None:
        """See which barrier group shows, choose the next one when all is red, and since when rivals wait."""
        active = {number: ring.phase for number, ring in self._rings.items() if ring.active}
        if active:
            self._side = self._barrier_of[next(iter(active.values()))]
            self._last.update(active)
        else:
            self._choose_side()
        for number, ring in self._rings.items():
            if not (ring.green and self._wanted_elsewhere(number)):
                self._contested.pop(number, None)
            else:
                self._contested.setdefault(number, t)

    def leaves(self, ring: int, t: int) -> int:
        """Force-off, maximum, or gap, when there is somewhere to go."""
        state, since = self._rings[ring], self._contested.get(ring)
        bit = 1 << (state.phase - 1)
        if since is None or self._controls.hold & bit:
            return 0
        if self._controls.force_off & bit:
            return FORCE_OFF
        timing = state.timings[state.phase]
        if t - max(since, state.since) >= timing.max_green:
            return MAX_OUT
        gone = self._calls.gap(state.phase, t) > timing.passage and state.phase not in self._to_maximum
        return GAP_OUT if gone else 0

    def heading(self, ring: int) -> int:
        """The next phase of the ring in this barrier group, else its first one of the next group, else 0."""
        state, last = self._rings[ring], self._last.get(ring, 0)
        here = [p for p in self._order[ring] if self._barrier_of[p] == self._side]
        place = here.index(last) + 1 if last in here else 0
        for phase in here[place:]:
            if self._demand(phase):
                return phase
        if side := self._next_side():
            return self._entry(ring, side)
        for phase in here[:place]:
            again = phase == last and not state.active
            if self._demand(phase) and (again or (self._reservice and phase != last)):
                return phase
        return 0

    def starts(self, ring: int, t: int) -> int:
        """The ring's next phase, when it is of the barrier group that shows."""
        if ring in self._entries:
            return self._entries.pop(ring)
        phase = self.heading(ring)
        return phase if self._barrier_of.get(phase) == self._side else 0

    def waits(self, ring: int, t: int) -> bool:
        """Greens cross a barrier together."""
        return True

    def walk_fits(self, ring: int, t: int) -> bool:
        """A green serves pedestrians again while nobody in conflict can be served, held or not."""
        return ring not in self._contested

    def ended(self, ring: int) -> None:
        """Nothing to remember beyond the lights."""

    def _demand(self, phase: int) -> bool:
        bit = 1 << (phase - 1)
        if self._controls.phase_omit & bit:
            return False
        return bool(self._controls.veh_call & bit) or phase in self._recalled or self._calls.called(phase)

    def _wanted_elsewhere(self, ring: int) -> bool:
        return bool(self.heading(ring)) or bool(self._next_side())

    def _next_side(self) -> int:
        """The next barrier group somebody wants, other than the one that shows; 0 when there is none."""
        at = self._sides.index(self._side) if self._side in self._sides else -1
        later = (*self._sides[at + 1 :], *self._sides[: max(at, 0)])
        return next((side for side in later if any(map(self._demand, self._on(side)))), 0)

    def _entry(self, ring: int, side: int) -> int:
        """The first phase of a barrier group with a demand, or its last one beside the other ring's green."""
        row = [p for p in self._order[ring] if self._barrier_of[p] == side]
        called = next((p for p in row if self._demand(p)), 0)
        beside = row[-1] if row and not self._controls.phase_omit >> (row[-1] - 1) & 1 else 0
        return called or beside

    def _choose_side(self) -> None:
        """All is red: go on in this barrier group, cross, or begin this one again."""
        rest = {ring: self._rest(ring) for ring in self._rings}
        if any(rest.values()):
            self._entries = {ring: phase for ring, phase in rest.items() if phase}
            return
        side = self._next_side() or (self._side if any(map(self._demand, self._on(self._side))) else 0)
        self._entries = {}
        if side:
            self._side, self._last = side, {}
            found = {ring: self._entry(ring, side) for ring in self._rings}
            self._entries = {ring: phase for ring, phase in found.items() if phase}

    def _rest(self, ring: int) -> int:
        """The next phase with a demand behind the last one shown in this barrier group."""
        here = [p for p in self._order[ring] if self._barrier_of[p] == self._side]
        last = self._last.get(ring, 0)
        behind = here[here.index(last) + 1 :] if last in here else []
        return next((p for p in behind if self._demand(p)), 0)

    def _on(self, side: int) -> Iterator[int]:
        return (p for p, barrier in self._barrier_of.items() if barrier == side)
