"""Does a layout of detectors say what it can know and what it cannot?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signal_control.estimation.capability import Capability, capabilities
from signal_control.model import Intersection

LANE = "x1_eb_1"
STOP = {"channel": 1, "lane": LANE, "role": "stop", "distance_m": 1}
ADVANCE = {"channel": 2, "lane": LANE, "role": "advance", "distance_m": 90}
ZONE = {"channel": 3, "lane": LANE, "role": "area", "distance_m": 0, "length_m": 50}


def of(make: Callable[..., Intersection], *detectors: dict[str, Any], lane: str = LANE) -> Capability:
    return capabilities(make(detectors=list(detectors)))[lane]


def test_loops_count_up_to_the_advance_loop(make_intersection: Callable[..., Intersection]) -> None:
    found = of(make_intersection, STOP, ADVANCE)
    assert (found.arrivals, found.departures, found.measured_m) == ("lane", "counted", 90.0)
    assert found.sight_s == 6.5
    assert "12 vehicles" in found.words


def test_a_zone_counts_within_itself(make_intersection: Callable[..., Intersection]) -> None:
    found = of(make_intersection, ZONE)
    assert (found.arrivals, found.departures, found.measured_m) == ("zone", "zone", 50.0)


def test_a_pocket_learns_from_its_neighbour(make_intersection: Callable[..., Intersection]) -> None:
    assert of(make_intersection, ADVANCE, lane="x1_eb_2").arrivals == "approach"


def test_a_stop_line_alone_sees_nobody_come(make_intersection: Callable[..., Intersection]) -> None:
    found = of(make_intersection, STOP)
    assert (found.arrivals, found.sight_s, found.measured_m) == ("none", 0.0, 0.0)


def test_a_lane_without_detectors_admits_that_it_knows_nothing(
    make_intersection: Callable[..., Intersection],
) -> None:
    found = of(make_intersection)
    assert (found.arrivals, found.departures) == ("none", "modelled")
    assert "No part of the queue is counted" in found.words
