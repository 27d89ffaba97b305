"""Which greens may end and start now, so that the rings cross barriers together and nothing conflicts?"""

from __future__ import annotations

from signal_control.model import Intersection
from simulators.calls import Calls
from simulators.guides import Guide, Rings
from simulators.overlap_heads import OverlapHeads
from simulators.ring import HiresEvent


class RingBarrier:
    """Moves the rings of one intersection where a guide wants them, as far as the rings' own times allow."""

    def __init__(
        self,
        intersection: Intersection,
        rings: Rings,
        calls: Calls,
        overlaps: OverlapHeads,
        log: list[HiresEvent],
    ) -> None:
        self._barrier_of = {phase.number: phase.barrier for phase in intersection.phases}
        self._conflicts = {
            a: {b for b in self._barrier_of if not intersection.compatible(a, b)} for a in self._barrier_of
        }
        self._rings, self._calls, self._overlaps, self._log = rings, calls, overlaps, log
        self._barrier = 0

    def lead(self, guide: Guide, t: int) -> bool:
        """End, walk and start what may be at `t`; returns whether the lights changed."""
        guide.update(t)
        leaving = {number: cause for number in self._rings if (cause := self._leaves(guide, number, t))}
        for number, cause in leaving.items():
            self._rings[number].end_green(t, cause)
            guide.ended(number)
        changed = [bool(leaving), self._walk_on(guide, t), self._start(guide, t)]
        return any([*changed, self._overlaps.follow(guide, t)])

    def conflicting_call(self, phase: int) -> bool:
        """Whether anybody waits on a phase that conflicts with `phase`."""
        return not self._conflicts[phase].isdisjoint((*self._calls.vehicles(), *self._calls.pedestrians()))

    def _leaves(self, guide: Guide, number: int, t: int) -> int:
        """The cause for which the green of a ring ends at `t`, or 0 if it stays."""
        if not self._rings[number].may_end(t):
            return 0
        cause = guide.leaves(number, t)
        if cause and guide.waits(number, t) and self._others_hold(guide, number, t):
            return 0
        return cause

    def _others_hold(self, guide: Guide, number: int, t: int) -> bool:
        """Whether another ring still keeps this one from where it is heading, beyond the barrier."""
        goal = guide.heading(number)
        if not goal:
            return False
        for other, ring in self._rings.items():
            stays = ring.green and not (ring.may_end(t) and guide.leaves(other, t))
            soon = ring.phase if stays else guide.heading(other)
            if other != number and soon in self._conflicts[goal]:
                return True
        return False

    def _walk_on(self, guide: Guide, t: int) -> bool:
        """Start walks for those who pressed during green, where they fit."""
        changed = False
        for number, ring in self._rings.items():
            waiting = ring.green and ring.ped == "dont" and self._calls.pressed(ring.phase)
            if waiting and guide.walk_fits(number, t):
                ring.begin_walk(t)
                self._calls.walked(ring.phase)
                changed = True
        return changed

    def _start(self, guide: Guide, t: int) -> bool:
        changed = False
        for number, ring in self._rings.items():
            phase = 0 if ring.active else guide.starts(number, t)
            if not phase or self._blocked(phase):
                continue
            self._cross(t, self._barrier_of[phase])
            walk = self._calls.wants_walk(phase)
            ring.begin_green(t, phase, walk)
            if walk:
                self._calls.walked(phase)
            changed = True
        return changed

    def _blocked(self, phase: int) -> bool:
        """Whether something in conflict with `phase`, or an overlap, is not red yet."""
        rings = self._rings.values()
        return any(r.active and r.phase in self._conflicts[phase] for r in rings) or self._overlaps.blocks(
            phase
        )

    def _cross(self, t: int, barrier: int) -> None:
        if self._barrier not in (0, barrier):
            self._log.append((t, 31, self._barrier))
        self._barrier = barrier
