"""Does control step down when detectors fail, and up only when they are believed again?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.model import Intersection
from signal_control.operation.ladder import DOWN_NS, UP_NS, Ladder, Step
from signal_control.queue_estimate import QueueEstimate

SECOND = 1_000_000_000


def lanes(x: Intersection, blind: int = 0, poor: int = 0) -> dict[str, QueueEstimate]:
    """Estimates whose first lanes are blind, the next substituted."""
    health = ["blind"] * blind + ["substituted"] * poor + ["ok"] * len(x.lanes)
    return {
        lane.id: QueueEstimate(lane.id, 0.0, 1.0, 0.0, health=health[i])  # type: ignore[arg-type]
        for i, lane in enumerate(x.lanes)
    }


@pytest.mark.parametrize(
    ("blind", "poor", "step"),
    [
        (0, 0, "adaptive"),
        (0, 1, "substituted"),
        (2, 0, "substituted"),
        (3, 0, "actuated"),
        (7, 1, "actuated"),
        (8, 0, "local"),
    ],
)
def test_the_step_follows_what_is_believed(
    blind: int, poor: int, step: Step, intersection: Intersection
) -> None:
    ladder, queues = Ladder(intersection), lanes(intersection, blind, poor)
    for t in range(10):
        ladder.judge(queues, t * SECOND)
    assert ladder.rung.step == step


def test_down_takes_seconds_and_up_a_minute(intersection: Intersection) -> None:
    ladder, good, bad = Ladder(intersection), lanes(intersection), lanes(intersection, blind=8)
    assert ladder.judge(bad, 0) is None
    assert ladder.judge(bad, DOWN_NS - 1) is None
    changed = ladder.judge(bad, DOWN_NS)
    assert changed is not None
    assert (changed.step, changed.cause) == ("local", "No lane's detectors can be believed.")
    assert ladder.judge(good, DOWN_NS + SECOND) is None
    assert ladder.judge(good, DOWN_NS + SECOND + UP_NS - 1) is None
    assert ladder.judge(good, DOWN_NS + SECOND + UP_NS) is not None
    assert ladder.rung.step == "adaptive"


def test_a_short_doubt_changes_nothing_and_a_relapse_begins_anew(intersection: Intersection) -> None:
    ladder, good, bad = Ladder(intersection), lanes(intersection), lanes(intersection, blind=3)
    for t in range(0, 300, 4):
        assert ladder.judge(bad if t % 8 else good, t * SECOND) is None
    for t in range(300, 310):
        ladder.judge(bad, t * SECOND)
    assert ladder.rung.step == "actuated"
    for t in range(310, 600, 30):
        ladder.judge(good, t * SECOND)
        ladder.judge(bad, (t + 20) * SECOND)
    assert ladder.rung.step == "actuated"


def test_lanes_without_detectors_are_not_blamed(make_intersection: Callable[..., Intersection]) -> None:
    bare = make_intersection(detectors=[])
    ladder = Ladder(bare)
    for t in range(10):
        ladder.judge(lanes(bare, blind=8), t * SECOND)
    assert ladder.rung.step == "adaptive"
