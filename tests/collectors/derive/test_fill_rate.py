"""Is it told how fast a bin fills, also right after it was emptied?"""

from __future__ import annotations

import pytest

from collectors.derive.fill_rate import FillRate, create
from collectors.reading import Reading
from tests.collectors.judge.judged import T_MS, said

HOUR_MS = 3_600_000


def follow(fills: list[float], rate: FillRate | None = None, start_h: int = 0) -> list[Reading]:
    """One look an hour."""
    rate = rate or create()
    found = []
    for n, fill in enumerate(fills):
        found += rate.follow(said("waste", T_MS + (start_h + n) * HOUR_MS, "b-1", fill=fill), [])
    return found


def test_a_bin_that_fills_evenly_says_when_it_is_full() -> None:
    found = follow([n * 0.02 for n in range(12)])
    assert len(found) == 6
    assert found[-1].fields["per_day"] == pytest.approx(0.48)
    assert found[-1].fields["full_in_h"] == pytest.approx((1 - 0.22) / 0.02)


def test_after_an_emptying_the_rate_before_stands_in() -> None:
    found = follow([*(n * 0.02 for n in range(40)), 0.0, 0.1])
    assert found[-2].fields["per_day"] == pytest.approx(0.48)
    assert found[-1].fields["full_in_h"] == pytest.approx(0.9 / 0.02)


def test_a_bin_that_nobody_uses_is_not_said_to_be_full_one_day() -> None:
    found = follow([0.4] * 10)
    assert found[-1].fields["per_day"] == 0
    assert "full_in_h" not in found[-1].fields


def test_more_than_one_reading_an_hour_is_one_look() -> None:
    rate = create()
    readings = [said("waste", T_MS + n * 60_000, "b-1", fill=n / 1000) for n in range(600)]
    assert len([r for reading in readings for r in rate.follow(reading, [])]) == 4


def test_what_is_known_survives_a_restart() -> None:
    fills = [n * 0.02 for n in range(20)]
    before, after = create(), create()
    follow(fills[:10], before)
    after.take(before.kept())
    assert [r.fields for r in follow(fills[10:], after, 10)] == [r.fields for r in follow(fills)[4:]]
    after.take(b"\xffnonsense")


def test_other_kinds_pass_by() -> None:
    assert create().follow(said("water", T_MS, volume_m3=1.0), []) == []
