"""What do the overlaps of a cabinet show, as its phases come and go?

An overlap begins green with an included phase, stays green on the way to the next one, and otherwise clears
by its own trail: green, yellow, red. While it clears, neither a phase in conflict with it nor one that it
goes with may begin.
"""

from __future__ import annotations

from typing import Literal

from signal_control.model import Intersection, Overlap
from simulators.guides import Guide, Rings
from simulators.ring import HiresEvent, grid_ms

Interval = Literal["red", "green", "trail", "yellow", "red_clear"]

BEGIN_GREEN, BEGIN_TRAIL, BEGIN_YELLOW, BEGIN_RED_CLEAR, OFF = 61, 62, 63, 64, 65


class OverlapHead:
    """The light of one overlap; every transition is written to `log`."""

    def __init__(self, overlap: Overlap, against: frozenset[int], log: list[HiresEvent]) -> None:
        self.number, self.included = overlap.number, frozenset(overlap.included)
        self.modifiers, self.against = frozenset(overlap.modifiers), against
        self.interval: Interval = "red"
        self.since = 0
        self._min_green = 0
        self._lengths: dict[Interval, int] = {
            "trail": grid_ms(overlap.trail_green_s),
            "yellow": grid_ms(overlap.yellow_s),
            "red_clear": grid_ms(overlap.red_clear_s),
        }
        self._log = log

    @property
    def clearing(self) -> bool:
        """Whether it is on its way from green to red."""
        return self.interval in ("trail", "yellow", "red_clear")

    def begin(self, t: int, min_green: int) -> None:
        """Show green, for `min_green` ms at least."""
        self._min_green = min_green
        self._turn(t, "green", BEGIN_GREEN)

    def may_end(self, t: int) -> bool:
        """Whether its green has been shown for long enough."""
        return t - self.since >= self._min_green

    def end(self, t: int) -> None:
        """Leave green."""
        if self._lengths["trail"]:
            self._turn(t, "trail", BEGIN_TRAIL)
        else:
            self._turn(t, "yellow", BEGIN_YELLOW)

    def advance(self, t: int) -> bool:
        """Make the transition that is due at `t` by time alone; returns whether the light changed."""
        if not self.clearing or t - self.since < self._lengths[self.interval]:
            return False
        if self.interval == "trail":
            self._turn(t, "yellow", BEGIN_YELLOW)
        elif self.interval == "yellow" and self._lengths["red_clear"]:
            self._turn(t, "red_clear", BEGIN_RED_CLEAR)
        else:
            self._turn(t, "red", OFF)
        return True

    def drop(self) -> None:
        """Forget everything: the cabinet flashes."""
        self.interval = "red"

    def _turn(self, t: int, interval: Interval, code: int) -> None:
        self.interval, self.since = interval, t
        self._log.append((t, code, self.number))


class OverlapHeads:
    """The overlaps of one intersection."""

    def __init__(self, intersection: Intersection, rings: Rings, log: list[HiresEvent]) -> None:
        self.heads = tuple(OverlapHead(o, intersection.against(o), log) for o in intersection.overlaps)
        self._rings = rings

    def advance(self, t: int) -> bool:
        """What is due by time alone; returns whether a light changed."""
        changed = [head.advance(t) for head in self.heads]
        return any(changed)

    def blocks(self, phase: int) -> bool:
        """Whether an overlap keeps `phase` from beginning now."""
        return any(
            (phase in head.against and head.interval != "red") or (phase in head.included and head.clearing)
            for head in self.heads
        )

    def follow(self, guide: Guide, t: int) -> bool:
        """Begin and end greens as the phases show and are going to; returns whether a light changed."""
        changed = [self._follow(head, guide, t) for head in self.heads]
        return any(changed)

    def showing(self, *intervals: Interval) -> tuple[int, ...]:
        """The numbers of the overlaps in one of these intervals, ascending."""
        return tuple(sorted(head.number for head in self.heads if head.interval in intervals))

    def drop(self) -> None:
        """The cabinet flashes."""
        for head in self.heads:
            head.drop()

    def _follow(self, head: OverlapHead, guide: Guide, t: int) -> bool:
        greens = [ring for ring in self._rings.values() if ring.green and ring.phase in head.included]
        coming = self._coming(guide)
        modified = any(r.active and r.phase in head.modifiers for r in self._rings.values())
        modified = modified or not head.modifiers.isdisjoint(coming)
        if head.interval == "red":
            fresh = [ring for ring in greens if ring.since == t]
            if not fresh or modified:
                return False
            head.begin(t, max(ring.timings[ring.phase].min_green for ring in fresh))
            return True
        leads_on = not head.included.isdisjoint(coming) and head.against.isdisjoint(coming)
        carried = bool(greens) or leads_on
        if head.interval != "green" or (carried and not modified) or (greens and not head.may_end(t)):
            return False
        head.end(t)
        return True

    def _coming(self, guide: Guide) -> set[int]:
        """The phases to which rings without a green are going."""
        return {guide.heading(number) for number, ring in self._rings.items() if not ring.green}
