"""Are those counted who may be waiting inside the junction, and forgotten once they had a gap?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.turners import EACH_S, GAP_S, MANY, Turners, outlets

SECOND_NS = 1_000_000_000
STAGES = ((1, 2), (2,), (3,))


def crossing(detector: str) -> Intersection:
    """Lanes `e` and `w` against each other, turners of both yield while 1 is green; lane `n` across."""
    phases = [
        {"number": n, "label": f"p{n}", "ring": n, "min_green_s": 5, "max_green_s": 60, "yellow_s": 3.0}
        for n in (1, 2, 3)
    ]
    waits = {"together": [{"phases": (1, 2), "service": 0.7, "waits_inside": True}]}
    lanes: list[dict[str, Any]] = [
        {"id": name, "link": name, "phases": served, "turns": ["left"], "length_m": 100, **more}
        for name, served, more in (("e", (1, 2), waits), ("w", (1, 2), waits), ("n", (3,), {}))
    ]
    size = {"distance_m": 1.0, "length_m": 2.0} if detector == "stop" else {"distance_m": 0, "length_m": 50}
    detectors = [{"channel": n, "lane": x["id"], "role": detector, **size} for n, x in enumerate(lanes, 1)]
    plan = {"cycle_s": 60, "stages": [{"phases": (1, 2), "split_s": 30}, {"phases": (3,), "split_s": 30}]}
    return Intersection.model_validate(
        {"id": "c", "name": "c", "phases": phases, "lanes": lanes, "declared_stages": STAGES, "plan": plan}
        | {"detectors": detectors}
    )


class Street:
    """Green for `greens` since second 0; `step` is one decision, at which some lanes have just been left."""

    def __init__(self, detector: str = "stop") -> None:
        self._turners, self._left_s = Turners(crossing(detector)), dict[str, float]()

    def step(
        self, at_s: float, *left: str, greens: tuple[int, ...] = (1, 2), broken: tuple[str, ...] = ()
    ) -> dict[str, int]:
        self._left_s |= dict.fromkeys(left, at_s)
        queues = {
            name: QueueEstimate(
                name,
                0.0,
                0.3,
                0.1,
                left_s=at_s - self._left_s.get(name, at_s + 1.0),
                health="substituted" if name in broken else "ok",
            )
            for name in ("e", "w", "n")
        }
        green_since_ns = dict.fromkeys(greens, SECOND_NS)
        return dict(self._turners.watch(int(at_s * SECOND_NS), green_since_ns, queues))


def test_the_part_of_a_stage_that_lets_turners_out_is_known() -> None:
    found = [(lane.id, stage, way) for lane, stage, way in outlets(crossing("stop"))]
    assert found == [("e", (1, 2), (2,)), ("w", (1, 2), (2,))]


def test_two_who_left_while_others_passed_may_still_be_inside() -> None:
    street = Street()
    assert street.step(3, "e", "w") == {}
    assert street.step(5, "e", "w") == {"e": 2, "w": 2}
    assert street.step(7, "w") == {"e": 2, "w": 3}
    assert street.step(8) == {"e": 2, "w": 3}


def test_a_gap_lets_them_out_one_after_the_other() -> None:
    street = Street()
    street.step(3, "e", "w")
    street.step(5, "e", "w")
    street.step(7, "e")
    assert street.step(5 + GAP_S + EACH_S - 0.5) == {"e": 3, "w": 2}
    assert street.step(5 + GAP_S + 2 * EACH_S) == {}


def test_who_left_in_an_earlier_green_is_not_counted() -> None:
    street = Street()
    street.step(3, "e", "w")
    street.step(5, "e", "w")
    assert street.step(8, greens=(3,)) == {}
    assert street.step(9, "w") == {}


@pytest.mark.parametrize("greens", [(2,), (3,)])
def test_nobody_waits_where_turners_need_not_yield(greens: tuple[int, ...]) -> None:
    street = Street()
    for at_s in (3, 5, 7):
        assert street.step(at_s, "e", "w", greens=greens) == {}


def test_zones_do_not_say_when_somebody_left() -> None:
    street = Street("area")
    for at_s in (3, 5, 7):
        assert street.step(at_s, "e", "w") == {}


def test_where_a_stop_line_is_broken_several_may_be_inside_until_there_is_a_gap() -> None:
    street = Street()
    assert street.step(3, "w", broken=("e",)) == {"e": MANY}
    assert street.step(3 + GAP_S, broken=("e",)) == {"e": MANY}
    assert street.step(3 + GAP_S + EACH_S, broken=("e",)) == {}
    assert street.step(12, "w", broken=("e",)) == {"e": MANY}


def test_where_nobody_has_left_a_sound_stop_line_nobody_is_inside() -> None:
    assert Street().step(3, "w") == {}


def test_nothing_is_made_of_streams_of_which_nobody_can_tell_when_they_passed() -> None:
    assert Street().step(3, broken=("e", "w")) == {}
