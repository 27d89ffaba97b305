"""Is a device time read exactly, and an implausible one refused?"""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import BadPayload, Reason
from collectors.times import AHEAD_MS, EARLIEST_MS, instant_ns

NOW_NS = 1_760_000_000_000_000_000
NOW_MS = NOW_NS // 1_000_000


@pytest.mark.parametrize(
    ("value", "at_ns"),
    [
        (1_754_000_000_123, 1_754_000_000_123_000_000),
        (1_754_000_000_123.0, 1_754_000_000_123_000_000),
        (1_754_000_000_123.25, 1_754_000_000_123_250_000),
        ("2025-07-31T22:13:20Z", 1_754_000_000_000_000_000),
        ("2025-08-01T00:13:20.123456+02:00", 1_754_000_000_123_456_000),
        (EARLIEST_MS, EARLIEST_MS * 1_000_000),
        (NOW_MS + AHEAD_MS, (NOW_MS + AHEAD_MS) * 1_000_000),
    ],
)
def test_milliseconds_and_text_with_a_zone_are_instants(value: object, at_ns: int) -> None:
    assert instant_ns(value, NOW_NS) == at_ns


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        (None, "missing"),
        (0, "0"),
        (1_754_000_000, "1754000000"),
        (EARLIEST_MS - 1, str(EARLIEST_MS - 1)),
        (NOW_MS + AHEAD_MS + 1, str(NOW_MS + AHEAD_MS + 1)),
        (True, "True"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (1e308, "1e+308"),
        (10**4000, "13288 bits"),
        ([1_754_000_000_000], "a list of 1"),
        ("1754000000000", "'1754000000000'"),
        ("2025-07-31T22:13:20", "2025-07-31T22:13:20"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        (datetime(2025, 7, 31), "2025-07-31T00:00:00"),  # noqa: DTZ001
        ("yesterday", "'yesterday'"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_quoted(value: object, quoted: str) -> None:
    with pytest.raises(BadPayload) as caught:
        instant_ns(value, NOW_NS)
    assert caught.value.reason is Reason.BAD_TIME
    assert caught.value.detail.startswith(f"t: {quoted}") or quoted in caught.value.detail
    assert "a day ahead of now" in caught.value.detail


def test_an_old_log_is_as_good_as_a_fresh_one() -> None:
    assert instant_ns(1_000_000_000_000, NOW_NS) == 1_000_000_000_000_000_000


@given(st.integers(EARLIEST_MS, NOW_MS + AHEAD_MS))
def test_every_whole_millisecond_stays_whole(t: int) -> None:
    assert instant_ns(t, NOW_NS) == instant_ns(float(t), NOW_NS) == t * 1_000_000
