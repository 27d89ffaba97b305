"""What is remembered of the approaches of an intersection, and where in the arrays does it lie?

Approaches, lanes and detectors are named by their place; the lanes of an approach lie together, and so do
its detectors. All numbers are float64: one type keeps the compiled code simple. Times are seconds and never
run backwards; NEVER is a time that is not known, or that has not come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from signal_control.model import Detector, Intersection, Lane

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER: Final = math.nan

MOST_VEHICLES: Final = 150
NO_DETECTOR: Final = -1
"""The source of a vehicle that no detector saw come ..."""
ASSUMED: Final = -2
"""... and of one that nobody has seen at all: so many come unseen on average."""
SPACING_M: Final = 7.3
"""Road a standing vehicle takes up: 5 m and the gap to the next."""
ASSUMED_VEH_H: Final = 120.0
"""Flow assumed where nothing is measured, so that nobody is forgotten."""
PRIOR_VEH: Final = 4.0
"""What is expected of lane choice, and of strangers, weighs as much as this many vehicles."""
OWN_LANE: Final = 0.8
"""Part of the prior that stays on its lane; the rest is shared by the others."""
OF_A_BAY: Final = 0.95
"""Least part that stays in a bay from which alone one may turn where it leads."""
SHORT: Final = 0.7
"""A lane shorter than this part of the longest beside it is a bay."""
PRIOR_HEADWAYS: Final = 10.0
HESITATES: Final = 0.3

# Of an approach: first lane, end of its lanes, first detector, end of its detectors.
LANE_0, LANE_END, DETECTOR_0, DETECTOR_END = 0, 1, 2, 3
SPANS_WIDTH: Final = 4
# Of an approach.
SETTLED_S: Final = 0
"""Until when time has passed for it."""
REACH_M: Final = 1
"""How far back it is known to go: its longest lane or farthest detector."""
ENTERED_VEH, HIDES = 2, 3
"""How many have come into sight on it since that was asked, and whether more may have come unseen."""
APPROACH_WIDTH: Final = 4

# Of a lane: what does not change ...
APPROACH: Final = 0
SPEED_MPS: Final = 1
CONFIGURED_HEADWAY_S: Final = 2
# ... its light and its stop line (see stop_line.py) ...
COUNTED, ZONED, FED = 3, 4, 5
"""Whether trusted detectors at the line tell when somebody leaves, whether a trusted zone counts who is
there, and whether a trusted advance detector sees its arrivals."""
GREEN_S, CLOSED_S = 6, 7
"""Since when it is green (NEVER: it is not), and when it last ceased to be."""
MOVING_S, GONE = 8, 9
"""Since when the front moves (NEVER: it does not), and how many left since then."""
READY_S: Final = 10
"""When the next one may go, where nobody counts departures."""
ON_S, OFF_S, ON_COUNT = 11, 12, 13
"""Since when somebody is at the line, or nobody; on how many detectors."""
LEFT_S: Final = 14
"""When somebody last crossed the line."""
HESITATION: Final = 15
"""How often the queue goes on after a gap in green: its front had waited beside the loop."""
QUEUED_AT_GREEN, STALLED_UNTIL_S = 16, 17
# ... its discharge rate as learned (saturation.py) ...
SAT_VEHICLES, SAT_SECONDS, SAT_SEEN, SAT_PLACE, SAT_LAST_S = 18, 19, 20, 21, 22
# ... who passes unseen (lane_choice.py) ...
LEFT_VEH, STRANGE_VEH = 23, 24
REMEMBERED_VEH_H: Final = 25
"""Its flow when it was last seen by anybody."""
# ... and its zone (zone.py); ZONE_M is 0 where there is none.
ZONE_M, ZONE_COUNT, ZONE_STANDING, ZONE_TOLD_S = 26, 27, 28, 29
GAPS: Final = 30
"""How often its stop line was free in this green before somebody came."""
PROVEN_S: Final = 31
"""When its stop line was last free for so long that nobody can have stood behind it (NEVER: not yet)."""
SURPRISE_VEH, SURPRISE_VAR = 32, 33
"""How many more left it since its last green than were known of, and the mean square of that."""
UNSEEN: Final = 34
"""The part of its traffic that passes advance detectors which are not believed."""
SERVED: Final = 35
"""The part of its saturation flow that the greens shown let go, where nobody counts departures."""
UNCOUNTED_VEH: Final = 36
"""How many are assumed to stand on it whom nobody has seen, where advance detectors see the others come."""
PART_VEH: Final = 37
"""Elsewhere: how much is assumed to have come and is not among the vehicles yet."""
CROSSED_VEH: Final = 38
"""How many crossed its stop line since that was asked, where no detector there counts them."""
TURNS: Final = 39
"""Where it leads: the sum of LEADS."""
LANE_WIDTH: Final = 40
LEADS: Final = {"left": 1.0, "through": 2.0, "right": 4.0}

# Of a detector.
PLACE: Final = 0
"""Its lane."""
ROLE: Final = 1
STOP, ADVANCE, AREA = 0.0, 1.0, 2.0
DISTANCE_M: Final = 2
RESET_VEH: Final = 3
"""PASSED_VEH after a pulse: less nothing by as many as fit between it and the others."""
IS_ON: Final = 4
"""Whether a detector at the stop line, which is believed, is on."""
MISSED_VEH, PASSED_VEH = 5, 6
"""Vehicles it should have seen since its last pulse and did not; who passed elsewhere since it turned on."""
LOST_VEH: Final = 7
"""How many of those it saw turned up nowhere (lane_choice.py)."""
COVERING, HIDDEN_VEH, COVER_TOLD_S, COVER_ON_S, COVER_OFF_S, BEYOND_VEH = 8, 9, 10, 11, 12, 13
"""The queue beyond it (cover.py); BEYOND_VEH is how many fit there."""
BAY: Final = 14
"""Whether it sees who turns into a bay that begins behind a detector farther back (bays.py)."""
OWN_SHARE: Final = 15
"""So many of those it sees, at least, are on its lane in the end: no other lane leads where it leads."""
OWN_PASSED_VEH: Final = 16
"""Of one at the stop line: how many passed the advance detectors of its own lane since it was last heard."""
TRUSTED: Final = 17
"""Whether it is believed."""
ON_LANE: Final = 18
"""Whether it lies on its lane itself, with no junction between it and the stop line."""
DETECTOR_WIDTH: Final = 19

# Smoothed rates: of a lane, the last of a detector.
EXITS, ARRIVALS, STRANGERS, ENTRIES, PASSES = 0, 1, 2, 3, 4
RATES: Final = 5
FLOW_MEMORY_S: Final = 300.0
STRANGER_MEMORY_S: Final = 600.0

# Room for one update of beliefs, by vehicle.
THERE, LIKELY, FOUND, BEFORE = 0, 1, 2, 3
SCRATCH: Final = 4


class Book(NamedTuple):
    """The arrays; they are changed in place."""

    spans: Ints
    """[approach, SPANS_WIDTH]"""
    approaches: Floats
    lanes: Floats
    detectors: Floats
    rates: Floats
    """[rate, place, 4]: see rates.py."""
    chosen: Floats
    """[detector, lane of its approach] vehicles seen there that were found on this lane lately."""
    number: Ints
    """[approach] vehicles believed to be on it, in order of their time at the stop line:"""
    due_s: Floats
    """[approach, vehicle] at the stop line if nothing held it up"""
    source: Ints
    """[approach, vehicle] the detector that saw it come"""
    p: Floats
    """[approach, vehicle, lane of the approach] probability to be there; the rest: gone, or never was."""
    scratch: Floats

    def copy(self) -> Book:
        """A book that goes its own way."""
        return Book._make([array.copy() for array in self])


def book_of(approaches: Sequence[tuple[Sequence[Lane], Sequence[Detector]]]) -> Book:
    """An empty book for these approaches: the lanes and the detectors of each."""
    lanes = [lane for own, _ in approaches for lane in own]
    detectors = [d for _, own in approaches for d in own]
    widest = max([len(own) for own, _ in approaches], default=1)
    n, rows = len(approaches), MOST_VEHICLES + 1
    book = Book(
        spans=np.zeros((n, SPANS_WIDTH), np.int64),
        approaches=np.zeros((n, APPROACH_WIDTH)),
        lanes=np.zeros((len(lanes), LANE_WIDTH)),
        detectors=np.zeros((len(detectors), DETECTOR_WIDTH)),
        rates=np.zeros((RATES, max(len(lanes), len(detectors), n), 4)),
        chosen=np.zeros((len(detectors), widest)),
        number=np.zeros(n, np.int64),
        due_s=np.zeros((n, rows)),
        source=np.zeros((n, rows), np.int64),
        p=np.zeros((n, rows, widest)),
        scratch=np.zeros((SCRATCH, rows)),
    )
    book.rates[:, :, 0] = FLOW_MEMORY_S
    book.rates[STRANGERS, :, 0] = STRANGER_MEMORY_S
    book.rates[:, :, 1] = NEVER
    lane_0 = detector_0 = 0
    for a, (own, seen) in enumerate(approaches):
        book.spans[a] = lane_0, lane_0 + len(own), detector_0, detector_0 + len(seen)
        reach_m = max([x.length_m for x in own] + [d.distance_m for d in seen])
        book.approaches[a, REACH_M] = reach_m
        for k, lane in enumerate(own):
            _write_lane(book.lanes[lane_0 + k], a, lane)
        for k, detector in enumerate(seen):
            _write_detector(book, a, detector_0 + k, detector, own, seen)
        lane_0, detector_0 = lane_0 + len(own), detector_0 + len(seen)
    return book


def approaches_of(intersection: Intersection) -> list[tuple[list[Lane], list[Detector]]]:
    """The lanes and detectors of each link, in the order in which links are first named."""
    links: dict[str, list[Lane]] = {}
    for lane in intersection.lanes:
        links.setdefault(lane.link, []).append(lane)
    found = []
    for lanes in links.values():
        names = {lane.id for lane in lanes}
        found.append((lanes, [d for d in intersection.detectors if d.lane in names]))
    return found


def _write_lane(row: Floats, approach: int, lane: Lane) -> None:
    row[APPROACH], row[SPEED_MPS] = approach, lane.speed_mps
    row[CONFIGURED_HEADWAY_S] = 3600.0 / lane.saturation_veh_h
    row[[GREEN_S, MOVING_S, ON_S, OFF_S, LEFT_S, ZONE_TOLD_S, PROVEN_S]] = NEVER
    row[HESITATION] = HESITATES
    row[SAT_VEHICLES] = PRIOR_HEADWAYS
    row[SAT_SECONDS] = PRIOR_HEADWAYS * row[CONFIGURED_HEADWAY_S]
    row[LEFT_VEH] = PRIOR_VEH
    row[REMEMBERED_VEH_H] = ASSUMED_VEH_H
    row[SERVED] = 1.0
    row[TURNS] = sum(LEADS[turn] for turn in set(lane.turns))


def _write_detector(
    book: Book, a: int, at: int, detector: Detector, lanes: Sequence[Lane], beside: Sequence[Detector]
) -> None:
    row, own = book.detectors[at], [lane.id for lane in lanes].index(detector.lane)
    lane = int(book.spans[a, LANE_0]) + own
    row[PLACE], row[DISTANCE_M] = lane, detector.distance_m
    row[ROLE] = {"stop": STOP, "advance": ADVANCE, "area": AREA}[detector.role]
    farthest_m = max([d.distance_m for d in beside if d.role == "advance"], default=0.0)
    row[RESET_VEH] = -(farthest_m if detector.role == "stop" else detector.distance_m) / SPACING_M
    row[COVER_ON_S], row[TRUSTED] = NEVER, 1.0
    row[ON_LANE] = float(detector.distance_m <= lanes[own].length_m)
    row[BEYOND_VEH] = max(0.0, float(book.approaches[a, REACH_M]) - detector.distance_m) / SPACING_M
    expect(book, at, own, len(lanes))
    if detector.role == "advance":
        row[BAY], row[OWN_SHARE] = _bay(lanes[own], lanes, beside, detector)
    if detector.role == "area":
        book.lanes[lane, ZONE_M] = detector.length_m + detector.distance_m


def expect(book: Book, detector: int, own: int, lanes: int) -> None:
    """What is expected of lane choice before anything was learned: most stay on the detector's own lane."""
    other = (1.0 - OWN_LANE) / (lanes - 1) if lanes > 1 else 0.0
    book.chosen[detector, :lanes] = PRIOR_VEH * other
    book.chosen[detector, own] = PRIOR_VEH * OWN_LANE if lanes > 1 else PRIOR_VEH


def _bay(
    lane: Lane, lanes: Sequence[Lane], beside: Sequence[Detector], detector: Detector
) -> tuple[float, float]:
    """BAY and OWN_SHARE of an advance detector on `lane`."""
    others = [x for x in lanes if x is not lane]
    if (
        lane.length_m >= SHORT * max((x.length_m for x in others), default=0.0)
        or detector.distance_m > lane.length_m
    ):
        return 0.0, 0.0
    farther = any(d.role == "advance" and d.distance_m > lane.length_m for d in beside if d.lane != lane.id)
    alone = not set(lane.turns) & {turn for x in others for turn in x.turns}
    return float(farther), OF_A_BAY if alone else 0.0
