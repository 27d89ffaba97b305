"""How long is the queue on every lane of an intersection now, and how sure is that?"""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np

from signal_control import events
from signal_control.estimates import Estimates
from signal_control.estimation.approach import GRAIN_S
from signal_control.estimation.book import (
    CLOSED_S,
    COUNTED,
    CROSSED_VEH,
    ENTERED_VEH,
    HIDES,
    MISSED_VEH,
    PASSED_VEH,
    SERVED,
    ZONE_COUNT,
    Book,
    approaches_of,
    book_of,
)
from signal_control.estimation.capability import Capability, capabilities
from signal_control.estimation.intake import HEARD, REPORTED, TURNED_OFF, TURNED_ON
from signal_control.estimation.run import code
from signal_control.estimation.told import told_of
from signal_control.estimation.trust import Trust
from signal_control.events import Event
from signal_control.health import SILENT_VEH, DetectorHealth, DetectorWatch
from signal_control.model import Intersection
from signal_control.status import SignalState

CLEARING_S = 6.0
"""So long after green those who leave may have been let go by it."""
REVIEW_S = 5.0
"""Detectors are judged this often."""
KNOWN_AFTER_S = 180.0
"""Flows are told after so long a look."""
MUTE_S = 120.0
"""When no detector has been heard for so long since the start, nothing is known of the street."""
OF_BESIDE = 0.1
"""A lane is used this much as often at least as the busiest lane beside it ..."""
OF_ALL = 0.015
"""... and has at least this part of what is counted everywhere; else its detectors may all be dead."""
LEAST_SERVED = 0.2
"""However rarely a movement finds a gap, its lane goes at this part of saturation flow at least."""
SOON_S = 2.0
"""Cabinets report once a second; what is remembered need not be carried on for less than this."""

_CLOSING = (events.PHASE_YELLOW, events.PHASE_RED_CLEAR, events.PHASE_INACTIVE)


class _Watched(NamedTuple):
    """A detector that estimates use: its place in the book, what it is for, the place of its lane."""

    place: int
    role: str
    lane: int
    watch: DetectorWatch


class QueueEstimator:
    """Keeps the queues of one intersection from detector events, phase events and the cabinet's reports.

    Event times may repeat but should not run backwards. What names unknown channels or phases is ignored.
    """

    def __init__(self, intersection: Intersection) -> None:
        self._intersection = intersection
        approaches = approaches_of(intersection)
        self._book = book_of(approaches)
        lanes = [lane for own, _ in approaches for lane in own]
        detectors = [d for _, own in approaches for d in own]
        self._trust = Trust(self._book, lanes, detectors)
        self._flow_names = [lane.id for lane in lanes]
        self._lanes, self._links = lanes, [lane.link for lane in lanes]
        self._approaches = [own[0].link for own, _ in approaches]
        self._phases = [frozenset(lane.phases) for lane in lanes]
        places = {lane.id: n for n, lane in enumerate(lanes)}
        self._places = {lane.id: places[lane.id] for lane in intersection.lanes}
        self._green = [False] * len(lanes)
        self._told, self._flows = told_of(len(lanes)), np.zeros((len(lanes), 2))
        self._pending = array("d")
        """What detectors and the cabinet said, not yet taken in (see intake.py). It waits for the next look,
        which needs the same memory close at hand, or the next review of detectors."""
        watches = self._watches = {d.channel: DetectorWatch(d) for d in intersection.detectors}
        self._watched = {
            d.channel: _Watched(n, d.role, places[d.lane], watches[d.channel])
            for n, d in enumerate(detectors)
        }
        self._judged = [True] * len(detectors)
        """Whether each detector was found to behave when it was last judged."""
        self._silent = {watched.lane for watched in self._watched.values()}
        """Lanes with detectors of which none was heard when they were last judged."""
        self._greens: set[int] = set()
        self._first_s: float | None = None
        self._last_s = self._reviewed_s = self._settled_s = 0.0

    def observe(self, event: Event) -> None:
        """Take one event in."""
        at_s = self._heard_at(event.at_ns)
        if event.code == events.DETECTOR_ON:
            self._detector(event.param, True, at_s)
        elif event.code == events.DETECTOR_OFF:
            self._detector(event.param, False, at_s)
        elif event.code == events.PHASE_GREEN:
            self._show(self._greens | {event.param}, at_s)
        elif event.code in _CLOSING:
            self._show(self._greens - {event.param}, at_s)
        elif events.ZONE_COUNT < event.code <= events.ZONE_STANDING + events.MAX_CHANNEL:
            self._zone(event, at_s)

    def observe_state(self, state: SignalState) -> None:
        """Take the cabinet's report in: what it shows is what is shown."""
        at_s = self._heard_at(state.at_ns)
        self._show(set(state.greens), at_s)
        self._pending.extend((REPORTED, 0.0, at_s))
        self._settled_s = at_s
        if at_s - self._reviewed_s >= REVIEW_S:
            self._reviewed_s = at_s
            self._review(at_s)

    def health(self) -> dict[int, DetectorHealth]:
        """What is thought of every detector, by channel."""
        return {channel: watch.health for channel, watch in self._watches.items()}

    def occupied(self) -> dict[int, float]:
        """Detectors somebody is on, by channel, and since when (seconds since the epoch); zones without."""
        return {channel: w.on_s for channel, w in self._watches.items() if w.on_s is not None}

    def capability(self) -> dict[str, Capability]:
        """What the detectors of every lane can know while they work, by lane id."""
        return capabilities(self._intersection)

    def at(self, now_ns: int) -> Estimates:
        """The queue of every lane, by lane id; does not change what is remembered."""
        at_s, book = max(now_ns / 1e9, self._last_s), self._upto_now()
        if self._first_s is not None and at_s - self._settled_s > SOON_S - 2 * GRAIN_S:
            book = book.copy()
            code().carry_on(book, at_s, SOON_S)
        code().estimate(book, self._told, at_s)
        return self._estimates(round(at_s - self._last_s, 1))

    def flows(self, now_ns: int) -> dict[str, float]:
        """Smoothed flow by lane in vehicles per hour; empty until three minutes were seen."""
        at_s = max(now_ns / 1e9, self._last_s)
        if self._first_s is None or at_s - self._first_s < KNOWN_AFTER_S:
            return {}
        code().flows(self._upto_now(), at_s, self._flows)
        found = self._flows[:, 1].tolist()
        return dict(zip(self._flow_names, found, strict=True))

    def crossed(self) -> list[tuple[str, float]]:
        """Who has left since the last call, by lane, as far as no detector at the stop line counts them."""
        column = self._upto_now().lanes[:, CROSSED_VEH]
        if not column.any():
            return []
        told = [(name, veh) for name, veh in zip(self._flow_names, column.tolist(), strict=True) if veh > 0.0]
        column[:] = 0.0
        return told

    def entered(self) -> list[tuple[str, float, bool]]:
        """By link how many came into sight since the last call, and whether more may have come unseen."""
        columns = self._upto_now().approaches[:, ENTERED_VEH : HIDES + 1]
        rows = columns.tolist()
        columns[:] = 0.0
        return [(link, veh, hides > 0.0) for link, (veh, hides) in zip(self._approaches, rows, strict=True)]

    def _estimates(self, age_s: float) -> Estimates:
        """What was told last."""
        told, trust = self._told, self._trust
        coming = told.coming[: int(told.spans[-1, 1]) if self._places else 0].copy()
        health, sight_s = tuple(trust.health), tuple(trust.sight_s)
        return Estimates(self._places, told.lanes.copy(), told.spans.copy(), coming, health, sight_s, age_s)

    def _upto_now(self) -> Book:
        """The book once everything that was said is taken in."""
        if self._pending:
            told, self._pending = self._pending, array("d")
            code().take(self._book, np.frombuffer(told))
        return self._book

    def _heard_at(self, at_ns: int) -> float:
        at_s = at_ns / 1e9
        if self._first_s is None:
            self._first_s = at_s
            code().begin(self._book, at_s)
        if at_s > self._last_s:
            self._last_s = at_s
        return self._last_s

    def _show(self, greens: set[int], at_s: float) -> None:
        if greens == self._greens:
            return
        self._greens, book = greens, self._upto_now()
        for n, phases in enumerate(self._phases):
            green = not greens.isdisjoint(phases)
            if green and not self._green[n]:
                code().open_lane(book, n, at_s)
            elif self._green[n] and not green:
                code().close_lane(book, n, at_s)
                self._green_ended(n)
            self._green[n] = green
            if green and self._book.lanes[n, COUNTED] == 0.0:
                self._book.lanes[n, SERVED] = max(LEAST_SERVED, self._lanes[n].rate(greens))

    def _detector(self, channel: int, on: bool, at_s: float) -> None:
        there = self._watched.get(channel)
        if there is None:
            return
        detector, role, lane, watch = there
        if on and watch.on_s is not None:
            self._detector(channel, False, at_s)  # its end was lost on the way
        if on:
            watch.turned_on(at_s)
        else:
            watch.turned_off(at_s, self._may_go(lane, at_s) if role == "stop" else None)
        believed = self._judged[detector] and role != "area"
        self._pending.extend(((TURNED_ON if on else TURNED_OFF) if believed else HEARD, detector, at_s))

    def _may_go(self, lane: int, at_s: float) -> bool | None:
        """Whether the lane of a stop-line detector is green; unclear while the last ones still clear it."""
        if self._green[lane]:
            return True
        return False if at_s - self._book.lanes[lane, CLOSED_S] > CLEARING_S else None

    def _green_ended(self, lane: int) -> None:
        """Nobody is kept on a detector of the lane itself by anything but this light."""
        for watched in self._watched.values():
            if watched.lane == lane and watched.watch.detector.distance_m <= self._lanes[lane].length_m:
                watched.watch.green_ended()

    def _review(self, at_s: float) -> None:
        """Believe those detectors that behave; only those that may not need to be judged."""
        unheard = self._unheard()
        book, judged = self._upto_now(), self._judged
        seen = book.detectors[:, MISSED_VEH : PASSED_VEH + 1].tolist()
        for detector, role, lane, watch in self._watched.values():
            missed, passed = seen[detector]
            if missed < SILENT_VEH and at_s < watch.well_until_s:
                continue
            if role == "stop" and not watch.heard:  # where others went was never learned
                missed = max(missed, code().overdue(book, detector, at_s))
            if lane in unheard:
                missed = max(missed, unheard[lane])
            judged[detector] = watch.review(at_s, missed, passed).trusted
        mute = at_s - (self._first_s or at_s) > MUTE_S and all(not w.heard for w in self._watches.values())
        on = [watched.watch.on_s is not None for watched in self._watched.values()]
        self._trust.believe([False] * len(judged) if mute else judged, on, at_s)

    def _unheard(self) -> dict[int, float]:
        """Lanes of which no detector was ever heard: how many should have been, by what passed elsewhere."""
        if not self._silent:
            return {}
        counted: dict[int, int] = {}
        for _, _, lane, watch in self._watched.values():
            n = watch.counted or int(watch.heard)
            if n >= counted.get(lane, 0):
                counted[lane] = n
        self._silent = {lane for lane, n in counted.items() if n == 0}
        everywhere, found = sum(counted.values()), {}
        busiest: dict[str, int] = {}
        for lane, n in counted.items():
            link = self._links[lane]
            busiest[link] = max(busiest.get(link, 0), n)
        for lane in self._silent:
            found[lane] = max(OF_BESIDE * busiest[self._links[lane]], OF_ALL * everywhere)
        return found

    def _zone(self, event: Event, at_s: float) -> None:
        counts = event.code <= events.ZONE_COUNT + events.MAX_CHANNEL
        channel = event.code - (events.ZONE_COUNT if counts else events.ZONE_STANDING)
        there = self._watched.get(channel)
        if there is None or there.role != "area":
            return
        there.watch.told(at_s)
        if not there.watch.health.trusted:
            return
        if counts:
            self._upto_now().lanes[there.lane, ZONE_COUNT] = max(0, event.param)
        else:
            code().zone_told(self._upto_now(), there.place, float(max(0, event.param)), at_s)
