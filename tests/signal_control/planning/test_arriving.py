"""When does the planner expect those who are on their way?"""

from __future__ import annotations

import numpy as np
import pytest

from signal_control.model import Intersection
from signal_control.planning.arriving import Approaches
from signal_control.planning.layout import Layout
from signal_control.planning.rows import STRAGGLES_S
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import SignalState
from signal_control.strategies.lookahead import Lookahead
from signal_control.view import View
from tests.signal_control.small_street import eight_phases

SECOND_NS = 1_000_000_000
NOW_NS = 1_790_000_100 * SECOND_NS
GREENS = (2, 6)
OVERDUE = ((0.0, 1.0), (0.5, 0.5), (4.0, 1.0))


@pytest.fixture(scope="module")
def x() -> Intersection:
    return eight_phases("x")


def seen(x: Intersection, queues: dict[str, QueueEstimate]) -> View:
    """Phases 2 and 6 have been green for 20 s."""
    since_ns = NOW_NS - 20 * SECOND_NS
    return View(
        now_ns=NOW_NS,
        intersection=x,
        state=SignalState(NOW_NS, "remote", GREENS),
        green_since_ns=dict.fromkeys(GREENS, since_ns),
        red_since_ns={p.number: since_ns for p in x.phases if p.number not in GREENS},
        queues=queues,
        flows={},
        downstream={},
        serving=GREENS,
    )


def lane_of(x: Intersection, phase: int) -> str:
    return next(lane.id for lane in x.lanes if phase in lane.phases)


def expected_s(x: Intersection, phase: int, left_s: float, front_s: float = 0.0) -> list[float]:
    """When the vehicles of OVERDUE are expected on a lane of `phase`."""
    name = lane_of(x, phase)
    queue = QueueEstimate(
        name, 0.0, 0.3, 0.0, moving=2.5, arrivals=OVERDUE, sight_s=6.0, left_s=left_s, front_s=front_s
    )
    layout = Layout(x)
    traffic = Approaches(x, layout).look(seen(x, {name: queue}), np.ones(len(x.lanes)))
    return traffic.eta[layout.lane_place[name], :3].tolist()


def test_who_should_have_been_at_a_free_stop_line_by_now_does_not_come_in_the_next_moment(
    x: Intersection,
) -> None:
    assert expected_s(x, 2, left_s=3.0) == [STRAGGLES_S, STRAGGLES_S, 4.0]


@pytest.mark.parametrize(
    ("phase", "left_s", "front_s"),
    [
        pytest.param(2, 1.5, 0.0, id="a queue is passing"),
        pytest.param(2, 3.0, 0.7, id="somebody is on the stop line"),
        pytest.param(2, -1.0, 0.0, id="nobody sees who crosses the line"),
        pytest.param(4, 30.0, 0.0, id="red"),
    ],
)
def test_otherwise_they_come_when_they_are_due(
    x: Intersection, phase: int, left_s: float, front_s: float
) -> None:
    assert expected_s(x, phase, left_s, front_s) == [0.0, 0.5, 4.0]


def test_a_queue_on_the_other_street_is_not_kept_waiting_by_a_straggler(x: Intersection) -> None:
    main, side = lane_of(x, 2), lane_of(x, 4)
    late = QueueEstimate(main, 0.0, 0.3, 0.0, moving=0.6, arrivals=((0.0, 0.6),), sight_s=6.0, left_s=4.0)
    queue = QueueEstimate(side, 8.0, 0.3, 0.0, sight_s=6.0, left_s=30.0, front_s=15.0)
    proposal = Lookahead(x).decide(seen(x, {main: late, side: queue}))
    assert 4 in proposal.serve
