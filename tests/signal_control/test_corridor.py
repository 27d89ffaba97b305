"""Are better offsets found where they can be worked out by hand?"""

from __future__ import annotations

import numpy as np
import pytest

from signal_control.corridor import Leg, Link, Profile, bands, link_pivot, profile
from signal_control.eventlog import SECOND_NS

CYCLE_S = 60


def platoon(at_s: int, vehicles: float = 10.0, green_s: tuple[int, int] = (0, 30)) -> Profile:
    """A platoon of five seconds and one green."""
    arrivals, green = np.zeros(CYCLE_S), np.zeros(CYCLE_S)
    arrivals[np.arange(at_s, at_s + 5) % CYCLE_S] = vehicles / 5
    green[green_s[0] : green_s[1]] = 1.0
    return Profile(arrivals, green)


def test_a_platoon_that_comes_on_red_gets_a_green() -> None:
    assert platoon(40).on_green() == 0.0
    (move,) = link_pivot([Link(platoon(40), platoon(10, 0.0))], CYCLE_S)
    assert (move.before, move.after) == (0.0, pytest.approx(10.0))
    assert move.shift_s == 15  # the smallest that has the whole platoon: 40 to 45 in 15 to 45


def test_both_directions_count() -> None:
    onward, back = platoon(40, 4.0), platoon(10, 10.0)
    (move,) = link_pivot([Link(onward, back)], CYCLE_S)
    assert move.before == pytest.approx(10.0)
    assert move.after == pytest.approx(14.0)
    assert platoon(40, 4.0).on_green(move.shift_s) == pytest.approx(4.0)
    assert back.on_green(-move.shift_s) == pytest.approx(10.0)


def test_a_move_upstream_carries_on() -> None:
    one_way = Link(platoon(40), platoon(10, 0.0))
    first, second = link_pivot([one_way, one_way], CYCLE_S)
    assert (second.shift_s - first.shift_s) % CYCLE_S == 15
    assert second.after == pytest.approx(10.0)


def test_a_profile_is_what_a_cycle_sees() -> None:
    begin = 1_700_000_040 // CYCLE_S * CYCLE_S
    rows = [(begin + 60 * k + s, c, p) for k in range(10) for s, c, p in ((5, 1, 2), (25, 8, 2), (12, 82, 7))]
    columns = np.array([(t * SECOND_NS, c, p) for t, c, p in rows], np.int64).T
    found = profile(*columns, phase=2, channels=(7,), cycle_s=CYCLE_S)
    assert np.flatnonzero(found.green).tolist() == list(range(5, 25))
    assert found.arrivals[12] == pytest.approx(found.green[12])
    assert found.on_green() == pytest.approx(found.arrivals[12] * found.green[12])


def test_cars_that_pass_on_green() -> None:
    first = Leg(0.0, ((0, 20 * SECOND_NS),))
    second = Leg(150.0, ((20 * SECOND_NS, 30 * SECOND_NS),))
    found = bands([first, second], speed_mps=15.0)
    assert [b.leaves_ns // SECOND_NS for b in found] == list(range(10, 20))
    assert all(b.passes_ns[1] - b.passes_ns[0] == 10 * SECOND_NS for b in found)
    with pytest.raises(ValueError, match="passes nothing"):
        bands([first], 0.0)
    assert bands([], 10.0) == []
