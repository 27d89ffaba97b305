"""Which detectors of an intersection are believed now, and what can be known of its lanes by those?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from signal_control.estimation.book import (
    ASSUMED_VEH_H,
    COUNTED,
    COVER_ON_S,
    COVERING,
    FED,
    HIDDEN_VEH,
    IS_ON,
    LOST_VEH,
    MISSED_VEH,
    NEVER,
    OFF_S,
    ON_COUNT,
    ON_S,
    PASSED_VEH,
    READY_S,
    REMEMBERED_VEH_H,
    TRUSTED,
    UNSEEN,
    ZONE_M,
    ZONED,
    Book,
    expect,
)
from signal_control.estimation.lane_choice import SURELY, absolve
from signal_control.estimation.run import code
from signal_control.model import Detector, Lane
from signal_control.queue_estimate import LaneHealth

FEEDS: Final = 0.15
"""A detector that sends this part of its traffic to a lane sees that lane's arrivals."""


class Trust:
    """Keeps who is believed, and writes into the book what follows for each lane.

    Lanes and detectors are in the order of the book, times are seconds.
    """

    def __init__(self, book: Book, lanes: Sequence[Lane], detectors: Sequence[Detector]) -> None:
        self._book, self._lanes, self._detectors = book, lanes, detectors
        where = {lane.id: n for n, lane in enumerate(lanes)}
        self._place = [where[d.lane] for d in detectors]
        self._spans: list[list[int]] = book.spans.tolist()
        self._believed = [True] * len(detectors)
        self.health: list[LaneHealth] = ["ok"] * len(lanes)
        """Whether all detectors of each lane are believed, or some replaced, or nobody sees it at all."""
        self.sight_s = [0.0] * len(lanes)
        """How far ahead arrivals at each stop line are known, seconds (rounded); 0: nobody sees them come."""
        for a in range(len(book.spans)):
            self._follow(a, 0.0)

    def believe(self, trusted: Sequence[bool], on: Sequence[bool], at_s: float) -> None:
        """Believe these detectors and no others, where that is a change; `on` says who is on somebody now."""
        if list(trusted) == self._believed:
            return
        before, self._believed = self._believed, list(trusted)
        for a in range(len(self._book.spans)):
            _, _, first, end = self._span(a)
            changed = [d for d in range(first, end) if before[d] != trusted[d]]
            if changed:
                self._turn(changed)
                self._forgive(a, [d for d in changed if before[d]], [d for d in changed if trusted[d]])
                self._follow(a, at_s)
                for lane in {self._place[d] for d in changed}:
                    self._resume(a, lane, on, at_s)

    def _turn(self, changed: Sequence[int]) -> None:
        """Believe these, or no longer: what they said before says nothing of now."""
        rows = self._book.detectors
        rows[changed, MISSED_VEH] = rows[changed, PASSED_VEH] = 0.0
        rows[changed, TRUSTED] = [float(self._believed[d]) for d in changed]
        rows[changed, COVERING] = rows[changed, HIDDEN_VEH] = 0.0
        rows[changed, COVER_ON_S] = NEVER

    def _forgive(self, a: int, lost: Sequence[int], back: Sequence[int]) -> None:
        """Forget what was learned wrongly: whoever passed a dead stop line seemed lost, whoever passed a dead
        advance detector a stranger (and still is one, until it works again)."""
        stop = any(self._detectors[d].role == "stop" for d in lost)
        if stop or any(self._detectors[d].role == "advance" for d in back):
            absolve(self._book, a)
        if stop:
            self._unlearn(a)

    def _unlearn(self, a: int) -> None:
        """A dead stop line taught that nobody goes there: what was learned of lane choice is forgotten."""
        lane_0, lane_end, first, end = self._span(a)
        for d in range(first, end):
            expect(self._book, d, self._place[d] - lane_0, lane_end - lane_0)

    def _resume(self, a: int, lane: int, on: Sequence[bool], at_s: float) -> None:
        """Detectors at a stop line of which nothing was known are believed again: look at them."""
        row = self._book.lanes[lane]
        if row[COUNTED] == 0.0 or not (math.isnan(row[ON_S]) and math.isnan(row[OFF_S])):
            return
        own = [d for d in self._those(a) if self._place[d] == lane and self._detectors[d].role == "stop"]
        busy = [d for d in own if on[d]]
        self._book.detectors[busy, IS_ON], row[ON_COUNT] = 1.0, len(busy)
        row[ON_S if busy else OFF_S] = at_s

    def _span(self, a: int) -> tuple[int, int, int, int]:
        lane_0, lane_end, detector_0, detector_end = self._spans[a]
        return lane_0, lane_end, detector_0, detector_end

    def _follow(self, a: int, at_s: float) -> None:
        """What of the lanes of an approach can be known by those who are believed."""
        first, end, _, _ = self._span(a)
        flows = np.zeros((len(self._lanes), 2))
        code().flows(self._book, at_s, flows)
        for lane in range(first, end):
            row, known = self._book.lanes[lane], float(flows[lane, 0])
            row[REMEMBERED_VEH_H] = max(known, row[REMEMBERED_VEH_H] if known <= 0.0 else ASSUMED_VEH_H)
            self._see(lane, self._trusted(a, "stop", lane), self._zoned(a, lane), at_s)
        for lane in range(first, end):
            self._book.lanes[lane, FED] = float(self._fed(a, lane))
            self._book.lanes[lane, UNSEEN] = self._unseen(a, lane - first)
            self.health[lane], self.sight_s[lane] = self._health(a, lane), self._sight_s(a, lane)

    def _see(self, lane: int, counted: bool, zoned: bool, at_s: float) -> None:
        """Say which kinds of detectors of a lane are believed; forgets what the others said."""
        row = self._book.lanes[lane]
        was_counted, was_zoned = row[COUNTED] > 0.0, row[ZONED] > 0.0
        if (was_counted and not counted) or (not counted and was_zoned and not zoned):
            row[ON_S] = row[OFF_S] = NEVER
            row[ON_COUNT] = 0.0
            row[READY_S] = at_s
            for detector, place in enumerate(self._place):
                if place == lane:
                    self._book.detectors[detector, IS_ON] = 0.0
        row[COUNTED], row[ZONED] = float(counted), float(zoned)

    def _trusted(self, a: int, role: str, lane: int) -> bool:
        """Whether a detector of this kind on a lane is believed."""
        return any(self._detectors[d].role == role and self._place[d] == lane for d in self._those(a))

    def _zoned(self, a: int, lane: int) -> bool:
        """Whether the zone of a lane is believed: its first, should there be several."""
        _, _, first, end = self._span(a)
        zones = [d for d in range(first, end) if self._detectors[d].role == "area" and self._place[d] == lane]
        return bool(zones) and self._believed[zones[0]]

    def _fed(self, a: int, lane: int) -> bool:
        """Whether a believed advance detector sees the arrivals of a lane."""
        k = lane - self._span(a)[0]
        return any(
            self._share(detector, k) >= FEEDS
            for detector in self._those(a)
            if self._detectors[detector].role == "advance"
        )

    def _unseen(self, a: int, k: int) -> float:
        """The part of a lane's traffic that passes advance detectors which are not believed."""
        _, _, first, end = self._span(a)
        sends = {d: self._share(d, k) for d in range(first, end) if self._detectors[d].role == "advance"}
        hidden = sum(part for d, part in sends.items() if not self._believed[d])
        return hidden / sum(sends.values()) if hidden else 0.0

    def _share(self, detector: int, k: int) -> float:
        chosen = self._book.chosen[detector].tolist()
        lost = float(self._book.detectors[detector, LOST_VEH])
        return min(SURELY, float(chosen[k]) / (sum(chosen) + lost))

    def _health(self, a: int, lane: int) -> LaneHealth:
        row = self._book.lanes[lane]
        if not (row[COUNTED] or row[ZONED] or row[FED]):
            return "blind"
        _, _, first, end = self._span(a)
        lost = any(self._place[d] == lane and not self._believed[d] for d in range(first, end))
        return "substituted" if lost else "ok"

    def _sight_s(self, a: int, lane: int) -> float:
        seen = [self._detectors[d].distance_m for d in self._those(a) if self._detectors[d].role == "advance"]
        if self._book.lanes[lane, ZONED]:
            seen.append(float(self._book.lanes[lane, ZONE_M]))
        return round(max(seen, default=0.0) / self._lanes[lane].speed_mps, 1)

    def _those(self, a: int) -> list[int]:
        """The detectors of an approach that are believed."""
        _, _, first, end = self._span(a)
        return [d for d in range(first, end) if self._believed[d]]
