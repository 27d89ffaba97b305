"""Do the measures say what their definitions say, on logs small enough to do by hand?"""

from __future__ import annotations

import numpy as np
import pytest

from signal_control.eventlog import SECOND_NS, cycles, ordered, pairs
from signal_control.measures.approach_delay import approach_delay
from signal_control.measures.approach_speed import approach_speed
from signal_control.measures.detector_health import detector_health
from signal_control.measures.green_time_utilization import green_time_utilization
from signal_control.measures.left_turn_gap import left_turn_gap
from signal_control.measures.pedestrian_delay import pedestrian_delay
from signal_control.measures.phase_termination import in_a_row
from signal_control.measures.platoon_ratio import platoon_ratio
from signal_control.measures.preemption import preemption
from signal_control.measures.purdue_coordination_diagram import purdue_coordination_diagram
from signal_control.measures.split_failures import split_failures
from signal_control.measures.split_monitor import split_monitor
from signal_control.measures.timing_and_actuation import timing_and_actuation
from signal_control.measures.transit_priority import transit_priority
from signal_control.measures.turning_movement_counts import peak_hour, turning_movement_counts
from signal_control.measures.wait_time import wait_time

Row = tuple[float, int, int]
ON, OFF = 82, 81


def log(*rows: Row) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array([(round(t * SECOND_NS), c, p) for t, c, p in rows], np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def cycle(green: float, yellow: float, phase: int = 2) -> list[Row]:
    """Green, three seconds of yellow, two of red clearance."""
    lights = [(green, 1), (yellow, 8), (yellow + 3, 9), (yellow + 3, 10), (yellow + 5, 11)]
    return [(t, c, phase) for t, c in lights]


def test_a_cycle_that_lost_an_event_is_no_cycle() -> None:
    rows = [*cycle(10, 30), *cycle(60, 80)[:1], *cycle(100, 130), (160, 1, 2)]
    assert [c.green_ns // SECOND_NS for c in cycles(ordered(*log(*rows)), 2)] == [10, 100]
    assert [c.green_ns // SECOND_NS for c in cycles(ordered(*log(*rows[:-1])), 2, 10**15)] == [10, 100]


def test_a_second_begin_starts_anew() -> None:
    rows = ordered(*log((1, ON, 5), (2, ON, 5), (4, OFF, 5), (6, OFF, 5)))
    assert pairs(rows, ON, OFF, 5) == [(2 * SECOND_NS, 4 * SECOND_NS)]


def test_a_split_fails_when_somebody_waits_before_and_after() -> None:
    full = [(1.0, ON, 7), (70.0, OFF, 7), (70.5, ON, 7)]
    rows = [*cycle(10, 30), *cycle(60, 80), *cycle(110, 130), *full]
    (cell,) = split_failures(*log(*rows), {2: (7,)})
    assert (cell.cycles, cell.failures, cell.green_s) == (3, 3, 20.0)
    assert cell.green_occupancy == pytest.approx((1 + 19.5 / 20 + 1) / 3)
    free = [(1.0, ON, 7), (20.0, OFF, 7), (65.0, ON, 7), (66.0, OFF, 7)]
    (cell,) = split_failures(*log(*cycle(10, 30), *cycle(60, 80), *cycle(110, 130), *free), {2: (7,)})
    assert cell.failures == 0
    assert cell.green_occupancy == pytest.approx((0.5 + 0.05 + 0) / 3)


def test_an_approach_is_occupied_when_any_of_its_lanes_is() -> None:
    rows = [*cycle(10, 30), *cycle(60, 80), (1, ON, 7), (21, OFF, 7), (19, ON, 8), (90, OFF, 8)]
    (cell,) = split_failures(*log(*rows), {2: (7, 8)})
    assert (cell.green_occupancy, cell.red_occupancy) == (1.0, 1.0)
    assert cell.failures == cell.cycles == 2


def test_a_detector_that_is_on_since_before_the_log_is_full_not_empty() -> None:
    rows = [*cycle(10, 30), *cycle(60, 80), (5, ON, 7), (500, 1, 2)]
    (cell,) = split_failures(*log(*rows), {2: (7,)})
    assert cell.green_occupancy == 1.0


def test_delay_is_the_time_to_green_of_those_who_arrive_on_red() -> None:
    rows = [*cycle(10, 30), (20, ON, 5), (31, ON, 5), (50, ON, 5), (60, 1, 2), (70, ON, 5)]
    (cell,) = approach_delay(*log(*rows), {2: (5,)})
    assert (cell.total, cell.average_s) == (4, (0 + 29 + 10 + 0) / 4)
    (moved,) = approach_delay(*log(*rows), {2: (5,)}, travel_s={2: 12.0})
    assert (moved.total, moved.average_s) == (4, (28 + 17 + 0 + 0) / 4)


def test_who_sees_no_green_any_more_is_left_out() -> None:
    assert approach_delay(*log(*cycle(10, 30), (40, ON, 5)), {2: (5,)}) == []


def test_platoons_on_green_have_a_ratio_above_one() -> None:
    greens = [row for k in range(9) for row in cycle(k * 100, k * 100 + 50)]
    on_green = [(k * 100 + 20.0, ON, 5) for k in range(9)]
    (cell,) = platoon_ratio(*log(*greens, *on_green), {2: (5,)})
    assert (cell.green_ratio, cell.on_green, cell.platoon_ratio, cell.arrival_type) == (0.5, 1.0, 2.0, 5)


def test_the_diagram_counts_from_red() -> None:
    rows = [*cycle(0, 20), *cycle(50, 80), (30, ON, 5), (60, ON, 5)]
    points = [(p.what, p.since_s, p.on_green) for p in purdue_coordination_diagram(*log(*rows), {2: (5,)})]
    assert points == [
        ("arrival", 7.0, False),
        ("green", 27.0, False),
        ("arrival", 37.0, True),
        ("yellow", 57.0, False),
        ("end", 60.0, False),
    ]


def test_a_split_is_green_yellow_and_red_clearance() -> None:
    rows = [*cycle(0, 20), (20, 5, 2), *cycle(50, 60), (60, 4, 2), *cycle(100, 130), (130, 5, 2)]
    (cell,) = split_monitor(*log(*rows))
    assert (cell.services, cell.average_s, cell.max_out, cell.gap_out) == (3, 25.0, 2 / 3, 1 / 3)
    assert cell.percentile_85_s == pytest.approx(np.percentile([25, 15, 35], 85))


def test_pedestrians_wait_from_the_first_press_after_their_walk() -> None:
    rows = [(5, 90, 4), (6, 90, 4), (20, 21, 4), (22, 90, 4), (27, 22, 4), (30, 90, 4), (70, 21, 4)]
    (cell,) = pedestrian_delay(*log(*rows))
    assert (cell.average_s, cell.longest_s, cell.samples) == ((15 + 40) / 2, 40.0, 2)


def test_a_call_waits_until_green_and_again_after_it_while_it_stands() -> None:
    rows = [
        (5, 43, 2),
        (20, 1, 2),
        (40, 7, 2),
        (90, 1, 2),
        (91, 44, 2),
        (110, 7, 2),
        (130, 43, 2),
        (131, 44, 2),
    ]
    (cell,) = wait_time(*log(*rows))
    assert (cell.average_s, cell.longest_s, cell.waits, cell.skips) == ((15 + 50) / 2, 50.0, 2, 0)


def test_a_wait_longer_than_one_and_a_half_cycles_is_a_skip() -> None:
    (cell,) = wait_time(*log((0, 132, 60), (5, 43, 2), (96, 1, 2)))
    assert cell.skips == 1
    (cell,) = wait_time(*log((0, 132, 70), (5, 43, 2), (96, 1, 2)))
    assert cell.skips == 0


def test_waits_around_a_preemption_are_left_out() -> None:
    rows = [
        (50, 102, 1),
        (80, 111, 1),
        (40, 43, 2),
        (90, 1, 2),
        (91, 7, 2),
        (92, 44, 2),
        (250, 43, 2),
        (260, 1, 2),
    ]
    (cell,) = wait_time(*log(*rows))
    assert (cell.waits, cell.average_s) == (1, 10.0)


def test_three_max_outs_in_a_row_are_found() -> None:
    rows = [(10, 5, 2), (20, 4, 2), (30, 5, 2), (40, 5, 2), (50, 5, 2), (60, 6, 2), (70, 5, 4)]
    assert in_a_row(*log(*rows), "max_out", 3) == [(2, 30 * SECOND_NS, 50 * SECOND_NS)]
    assert in_a_row(*log(*rows), "max_out", 4) == []


def test_the_use_of_green_is_per_green_and_two_seconds() -> None:
    rows = [*cycle(0, 10), *cycle(50, 60), (1, ON, 9), (2.5, ON, 9), (51, ON, 9), (11, ON, 9)]
    cells = green_time_utilization(*log(*rows), {2: (9,)})
    assert [(c.since_s, c.vehicles, c.greens) for c in cells] == [(0, 1.0, 2), (2, 0.5, 2)]


def test_gaps_are_sorted_by_what_fits_into_them() -> None:
    rows = [*cycle(0, 20), (2, ON, 9), (5.5, ON, 9), (6, ON, 9), (11, ON, 9)]
    (cell,) = left_turn_gap(*log(*rows), {2: (9,)})
    assert cell[2:] == (1, 1, 1, 1)  # 2.0; 3.5; 5.0; 9.0; the half second is none


def test_speed_comes_from_the_time_on() -> None:
    rows = [*cycle(0, 20), (5, ON, 9), (5.5, OFF, 9), (8, ON, 9), (9, OFF, 9), (30, ON, 9), (40, OFF, 9)]
    (cell,) = approach_speed(*log(*rows), {2: (9,)})
    assert (cell.vehicles, cell.average_mps) == (2, (13.0 + 6.5) / 2)


def test_a_preemption_is_told_step_by_step() -> None:
    rows = [(100, 102, 3), (101, 105, 3), (104, 106, 3), (112, 107, 3), (130, 104, 3), (140, 111, 3)]
    (found,) = preemption(*log(*rows))
    assert found == (100 * SECOND_NS, 3, 1.0, 11.0, 8.0, 28.0, 30.0, 40.0)
    (short,) = preemption(*log((5, 102, 1), (6, 105, 1), (9, 111, 1)))
    assert (short.delay_s, short.to_dwell_s, short.dwell_s, short.total_s) == (1.0, -1.0, -1.0, 4.0)


def test_priority_is_told_from_check_in_to_check_out() -> None:
    rows = [(10, 112, 7), (12, 113, 7), (13, 113, 7), (40, 115, 7), (60, 112, 7), (61, 112, 7), (70, 115, 7)]
    first, second = transit_priority(*log(*rows))
    assert first == (10 * SECOND_NS, 7, 30.0, 2, 0)
    assert (second.at_ns, second.took_s) == (61 * SECOND_NS, 9.0)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([(5.0, ON, 1), (6.0, OFF, 1)], "ok"),
        ([(5.0, ON, 1), (700.0, OFF, 1)], "stuck_on"),
        ([(i * 0.5 + (c == OFF) * 0.2, c, 1) for i in range(100) for c in (ON, OFF)], "erratic"),
        ([(i * 0.05 + (c == OFF) * 0.02, c, 1) for i in range(40) for c in (ON, OFF)], "chatter"),
        ([], "silent"),
    ],
)
def test_a_detector_is_judged_by_what_it_says(rows: list[Row], state: str) -> None:
    other = [(1.0, ON, 2), (2.0, OFF, 2), (890.0, ON, 2), (891.0, OFF, 2)]
    cells = detector_health(*log(*rows, *other), {2: (1, 2)})
    assert [c.state for c in cells] == [state, "ok"]


def test_counts_make_a_peak_hour() -> None:
    rows = [(q * 900 + i, ON, 1) for q, n in enumerate((10, 20, 40, 20, 5)) for i in range(n)]
    cells = turning_movement_counts(*log(*rows), {2: (1,)})
    assert [(c.vehicles, c.veh_h) for c in cells][:2] == [(10, 40.0), (20, 80.0)]
    assert peak_hour(cells) == (0, 90, 90 / 160)
    assert peak_hour([]) is None


def test_stretches_are_what_a_strip_chart_shows() -> None:
    rows = [*cycle(0, 10), (2, ON, 9), (4, OFF, 9), (8, ON, 9), (20, 1, 4)]
    found = [
        (s.what, s.number, s.begin_ns // SECOND_NS, s.end_ns // SECOND_NS)
        for s in timing_and_actuation(*log(*rows))
    ]
    assert found == [
        ("green", 2, 0, 10),
        ("on", 9, 2, 4),
        ("on", 9, 8, 20),
        ("yellow", 2, 10, 13),
        ("red_clear", 2, 13, 15),
    ]
