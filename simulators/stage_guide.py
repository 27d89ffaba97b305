"""Which phases does a local plan of stages want green now, whatever the cabinet came from?"""

from __future__ import annotations

from collections.abc import Callable

from signal_control.model import Intersection
from simulators.guides import RemoteGuide, Rings
from simulators.ring import grid_ms


class StageGuide:
    """Leads the rings through the stages of the plan by the clock; each is due until clearances must begin.

    Whoever comes late catches up with the plan at once, as far as minimum greens and clearances allow.
    """

    def __init__(
        self, intersection: Intersection, rings: Rings, conflicting_call: Callable[[int], bool]
    ) -> None:
        self._changes = _changes(intersection)
        self._cycle = round(intersection.plan.cycle_s * 1000)
        self._offset = round(intersection.plan.offset_s * 1000)
        self._rings, self._conflicting_call = rings, conflicting_call
        self._until, self._lead = -1, RemoteGuide((), rings, conflicting_call)

    def enter(self, t: int) -> None:
        """Take over at `t`."""
        self._until = -1
        self.update(t)

    def update(self, t: int) -> None:
        """Turn to the next stage when it is due."""
        if t < self._until:
            return
        at = (t - self._offset) % self._cycle
        _, serve = max((c for c in self._changes if c[0] <= at), default=self._changes[-1])
        after = min((c[0] for c in self._changes if c[0] > at), default=self._cycle + self._changes[0][0])
        self._until = t - at + after
        self._lead = RemoteGuide(serve, self._rings, self._conflicting_call)

    def leaves(self, ring: int, t: int) -> int:
        """What is not of the stage ends."""
        return self._lead.leaves(ring, t)

    def heading(self, ring: int) -> int:
        """The phase of the stage in this ring."""
        return self._lead.heading(ring)

    def starts(self, ring: int, t: int) -> int:
        """The phase of the stage in this ring."""
        return self._lead.starts(ring, t)

    def waits(self, ring: int, t: int) -> bool:
        """A green stays until all that conflicts with what follows may end with it."""
        return self._lead.waits(ring, t)

    def walk_fits(self, ring: int, t: int) -> bool:
        """A held phase serves pedestrians again while nobody waits on a conflicting one."""
        return self._lead.walk_fits(ring, t)

    def ended(self, ring: int) -> None:
        """Nothing to remember."""


def _changes(intersection: Intersection) -> list[tuple[int, tuple[int, ...]]]:
    """When in the cycle each stage becomes due, ms, in order: the clearance of the one before begins then."""
    stages, found, start = intersection.plan.stages, [], 0
    cycle = round(intersection.plan.cycle_s * 1000)
    for n, stage in enumerate(stages):
        ending = set(stages[n - 1].phases) - set(stage.phases)
        clearance = max((_clearance(intersection, p) for p in ending), default=0)
        found.append(((start - clearance) % cycle, tuple(sorted(stage.phases))))
        start += round(stage.split_s * 1000)
    return sorted(found)


def _clearance(intersection: Intersection, number: int) -> int:
    phase = intersection.phase(number)
    return grid_ms(phase.yellow_s) + grid_ms(phase.red_clear_s)
