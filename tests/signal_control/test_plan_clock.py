"""Is a plan followed to the second, with changes that begin on time and barriers crossed together?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_control.model import Intersection
from signal_control.plan_clock import due

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("at_s", "serve"),
    [
        (0, (1, 5)),
        (9.9, (1, 5)),
        (10, (2, 6)),  # phases 1 and 5 need 5 s of clearance to end their 15 s split on time
        (44.9, (2, 6)),
        (45, (3, 7)),
        (60, (4, 8)),
        (94.9, (4, 8)),
        (95, (1, 5)),
        (100, (1, 5)),
    ],
)
def test_the_phase_due_changes_when_its_clearance_must_begin(
    at_s: float, serve: tuple[int, ...], intersection: Intersection
) -> None:
    assert due(intersection, intersection.plan, int(at_s * SECOND)).serve == serve


def test_the_offset_moves_the_cycle(intersection: Intersection) -> None:
    moved = intersection.plan.model_copy(update={"offset_s": 30.0})
    assert due(intersection, moved, 30 * SECOND) == due(intersection, intersection.plan, 0)


@given(at_s=st.floats(0, 1000), long_s=st.floats(2.7, 6.0))
def test_rings_cross_a_barrier_together_whatever_their_clearances(
    at_s: float,
    long_s: float,
    make_intersection: Callable[..., Intersection],
    make_phase: Callable[..., dict[str, object]],
) -> None:
    phases = [make_phase(n) for n in (2, 4, 8)] + [make_phase(6, yellow_s=long_s)]
    x = make_intersection((2, 4, 6, 8), phases=phases)
    now = due(x, x.plan, int(at_s * SECOND))
    assert now.serve in ((2, 6), (4, 8))
    assert 0 < now.left_s <= 60
