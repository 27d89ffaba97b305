"""Which phase should each ring show next: by the local plan, or by a command from outside?

Both guides answer the same questions; the cabinet alone moves the lights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulators.local_plan import Leg, LocalPlan
from simulators.ring import HiresEvent, Ring

GAP_OUT, MAX_OUT, FORCE_OFF = 4, 5, 6

Rings = dict[int, Ring]


class Guide(Protocol):
    """What the cabinet asks of whoever leads it."""

    def update(self, t: int) -> None:
        """Take note of the time."""

    def leaves(self, ring: int, t: int) -> int:
        """The cause (4, 5 or 6) for which the running green of `ring` should end now, or 0 to stay."""

    def heading(self, ring: int) -> int:
        """The phase that `ring` will show after the one it shows; 0 for red."""

    def starts(self, ring: int, t: int) -> int:
        """The phase that `ring`, which shows red, should start now; 0 for none."""

    def waits(self, ring: int, t: int) -> bool:
        """Whether a green that should end may stay until the other rings can cross the barrier with it."""

    def walk_fits(self, ring: int, t: int) -> bool:
        """Whether a walk that starts now, inside a green, fits."""

    def ended(self, ring: int) -> None:
        """The green of `ring` has ended."""


class RemoteGuide:
    """Leads the rings to what an order says."""

    def __init__(self, serve: tuple[int, ...], rings: Rings, conflicting_call: Callable[[int], bool]) -> None:
        self._serve, self._rings = serve, rings
        self._target = {
            number: phase for number, ring in rings.items() for phase in serve if phase in ring.timings
        }
        self._conflicting_call = conflicting_call

    def update(self, t: int) -> None:
        """Orders do not change with time."""

    def leaves(self, ring: int, t: int) -> int:
        """Everything not ordered ends."""
        return 0 if self._rings[ring].phase in self._serve else FORCE_OFF

    def heading(self, ring: int) -> int:
        """The ordered phase of the ring."""
        return self._target.get(ring, 0)

    def starts(self, ring: int, t: int) -> int:
        """The ordered phase of the ring."""
        return self._target.get(ring, 0)

    def waits(self, ring: int, t: int) -> bool:
        """Greens cross a barrier together."""
        return True

    def walk_fits(self, ring: int, t: int) -> bool:
        """A held phase serves pedestrians again while nobody waits on a conflicting one."""
        phase = self._rings[ring].phase
        return phase in self._serve and not self._conflicting_call(phase)

    def ended(self, ring: int) -> None:
        """Nothing to remember."""


class PlanGuide:
    """Leads the rings through the local plan, and back into it from wherever they are."""

    def __init__(
        self,
        plan: LocalPlan,
        rings: Rings,
        log: list[HiresEvent],
        called: Callable[[int], bool],
        gap: Callable[[int, int], int] | None = None,
    ) -> None:
        """`called(phase)`: has it a call; `gap(phase, t)`: ms since its last vehicle, given if actuated."""
        self._plan, self._rings, self._log = plan, rings, log
        self._called, self._gap = called, gap
        self._leg: Leg | None = None
        self._at = dict.fromkeys(rings, 0)
        self._left: int | None = None
        self._step = -1

    def enter(self, t: int) -> None:
        """Take over at `t`: stay in the barrier group if the plan is in it or soon will be, else leave it."""
        barriers = {self._barrier(ring) for ring in self._rings.values() if ring.active}
        self._leg, self._left = None, None
        if len(barriers) == 1:
            index = self._plan.index_of(barriers.pop())
            group, since = self._plan.groups[index], self._plan.since(index, t)
            if since < group.length:
                self._join(self._plan.planned(index, t), t)
            elif self._plan.cycle - since < since - group.length:
                self._join(self._plan.leg(index, t), t)
            else:
                self._left = index

    def update(self, t: int) -> None:
        """Cross the barrier when every ring is red and the plan says so."""
        if any(ring.active for ring in self._rings.values()):
            return
        if self._leg is None:
            self._cross(self._plan.nearest(t, self._left), t)
        elif t >= self._leg.crosses and all(self._slot_over(ring) for ring in self._rings):
            self._cross((self._leg.index + 1) % len(self._plan.groups), t)

    def leaves(self, ring: int, t: int) -> int:
        """Force-off by the plan; max-out or gap-out before it where the phase is limited or actuated."""
        if self._leg is None:
            return FORCE_OFF
        slot, since = self._leg.slots[ring][self._at[ring]], self._rings[ring].since
        if t >= self._leg.green_ends[ring][self._at[ring]]:
            return FORCE_OFF
        if t - since >= slot.timing.max_green:
            return MAX_OUT
        gone = (
            self._gap is not None and slot.actuated and self._gap(slot.timing.number, t) > slot.timing.passage
        )
        return GAP_OUT if gone else 0

    def heading(self, ring: int) -> int:
        """The next phase in the ring's sequence, in this leg or the next."""
        leg = self._leg
        if leg is None:
            return 0
        place = self._at[ring] + (1 if self._rings[ring].green else 0)
        if place < len(leg.slots[ring]):
            return leg.slots[ring][place].timing.number
        following = self._plan.groups[(leg.index + 1) % len(self._plan.groups)]
        return following.slots[ring][0].timing.number

    def starts(self, ring: int, t: int) -> int:
        """The ring's next phase of this leg; an actuated one without a call is passed over."""
        if self._leg is None:
            return 0
        slots = self._leg.slots[ring]
        while self._at[ring] < len(slots):
            slot = slots[self._at[ring]]
            if self._gap is None or not slot.actuated or self._called(slot.timing.number):
                return slot.timing.number
            self._at[ring] += 1
        return 0

    def waits(self, ring: int, t: int) -> bool:
        """A green waits for the other rings at the barrier up to its maximum."""
        state = self._rings[ring]
        return self._leg is not None and t - state.since < state.timings[state.phase].max_green

    def walk_fits(self, ring: int, t: int) -> bool:
        """Walk and clearance fit into what is left of the green."""
        state = self._rings[ring]
        if self._leg is None:
            return False
        return t + state.timings[state.phase].ped <= self._leg.green_ends[ring][self._at[ring]]

    def ended(self, ring: int) -> None:
        """On to the ring's next slot."""
        self._at[ring] += 1

    def _slot_over(self, ring: int) -> bool:
        return self._leg is None or self._at[ring] >= len(self._leg.slots[ring])

    def _barrier(self, ring: Ring) -> int:
        return next(
            group.barrier
            for group in self._plan.groups
            for slots in group.slots.values()
            if any(slot.timing.number == ring.phase for slot in slots)
        )

    def _cross(self, index: int, t: int) -> None:
        self._take(self._plan.leg(index, t), t)
        self._at = dict.fromkeys(self._rings, 0)

    def _join(self, leg: Leg, t: int) -> None:
        """Enter a leg half way: go on from the phase that shows, or from the one planned for now."""
        self._take(leg, t)
        for number, ring in self._rings.items():
            if ring.active:
                phases = [slot.timing.number for slot in leg.slots[number]]
                self._at[number] = phases.index(ring.phase) + (0 if ring.green else 1)
            else:
                self._at[number] = sum(end <= t for end in leg.green_ends[number])

    def _take(self, leg: Leg, t: int) -> None:
        self._leg = leg
        if leg.step != self._step:
            self._step = leg.step
            self._log.append((t, 150, leg.step))
