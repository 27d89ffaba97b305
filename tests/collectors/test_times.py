"""Is a device time read exactly, and an implausible one refused?"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import BadPayload, Reason
from collectors.times import AHEAD_MS, EARLIEST_MS, Instant, TimeUnit, instant_ns, time_rule

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
        ("2025-07-31T22:13:20.123456789Z", 1_754_000_000_123_456_789),
        ("2025-07-31T22:13:20.1234567899+00:00", 1_754_000_000_123_456_789),
        (datetime(2025, 7, 31, 22, 13, 20, 7, UTC), 1_754_000_000_000_007_000),
        (Instant(1_754_000_000_123_456_789), 1_754_000_000_123_456_789),
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
        ("9999-12-31T23:59:59.5-23:59", "9999-12-31"),
        (Instant(0), "0 ns since the epoch"),
        (Instant(NOW_NS + AHEAD_MS * 1_000_000 + 1_000_000), "ns since the epoch"),
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


AT_NS = 1_754_000_000_123_456_789
IN_UNIT: dict[TimeUnit, int] = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@pytest.mark.parametrize("unit", IN_UNIT)
def test_a_declared_unit_reads_its_counts_exactly_and_no_others(unit: TimeUnit) -> None:
    read = time_rule(unit)
    assert read(AT_NS // IN_UNIT[unit], NOW_NS, "t") == AT_NS // IN_UNIT[unit] * IN_UNIT[unit]
    for other in IN_UNIT.keys() - {unit}:
        with pytest.raises(BadPayload, match="bad_time"):
            read(AT_NS // IN_UNIT[other], NOW_NS, "t")


@pytest.mark.parametrize(
    ("unit", "value", "at_ns"),
    [
        ("s", 1_754_000_000.25, 1_754_000_000_250_000_000),
        ("s", 1_754_000_000.123456, 1_754_000_000_123_456_000),
        ("us", 1_754_000_000_123_456.0, 1_754_000_000_123_456_000),
        ("ns", 1_754_000_000_123_456_789, 1_754_000_000_123_456_789),
        ("s", "2025-07-31T22:13:20Z", 1_754_000_000_000_000_000),
        ("iso", "2025-07-31T22:13:20.5Z", 1_754_000_000_500_000_000),
        *[("auto", AT_NS // factor, AT_NS // factor * factor) for factor in IN_UNIT.values()],
        ("auto", 1_754_000_000.5, 1_754_000_000_500_000_000),
        ("arrival", None, NOW_NS),
        ("arrival", 0, NOW_NS),
    ],
)
def test_each_rule_reads_what_it_declares(unit: TimeUnit, value: object, at_ns: int) -> None:
    assert time_rule(unit)(value, NOW_NS, "t") == at_ns


@pytest.mark.parametrize("unit", ["s", "us", "ns", "iso", "auto"])
@pytest.mark.parametrize(
    "value", [0, -1, 1, True, None, float("nan"), float("-inf"), 1e308, 10**400, -(10**400), "x", []]
)
def test_1970_and_nonsense_are_refused_by_every_rule(unit: TimeUnit, value: object) -> None:
    with pytest.raises(BadPayload) as caught:
        time_rule(unit)(value, NOW_NS, "t")
    assert caught.value.reason is Reason.BAD_TIME


def test_a_future_is_a_future_in_every_unit() -> None:
    late_ns = NOW_NS + (AHEAD_MS + 1) * 1_000_000
    for unit, factor in {**IN_UNIT, "s": 10**9}.items():
        with pytest.raises(BadPayload, match="a day ahead of now"):
            time_rule(unit)(late_ns // factor + 1, NOW_NS, "t")


def test_text_only_means_no_numbers() -> None:
    with pytest.raises(
        BadPayload, match=r"1754000000000; as milliseconds .*; allowed: RFC 3339 text with a zone, from 2000"
    ):
        time_rule("iso")(1_754_000_000_000, NOW_NS, "t")


@pytest.mark.parametrize(
    ("unit", "value", "hint"),
    [
        ("ms", 1_754_000_000, '; as seconds it is 2025-07-31T22:13Z, with time_unit = "s"'),
        ("s", 1_754_000_000_123, '; as milliseconds it is 2025-07-31T22:13Z, with time_unit = "ms"'),
        ("ms", AT_NS, '; as nanoseconds it is 2025-07-31T22:13Z, with time_unit = "ns"'),
    ],
)
def test_a_wrong_unit_is_refused_with_the_right_one(unit: TimeUnit, value: int, hint: str) -> None:
    with pytest.raises(BadPayload) as caught:
        time_rule(unit)(value, NOW_NS, "t")
    assert caught.value.detail.startswith(f"t: {value}{hint}; allowed: ")


def test_a_unit_that_does_not_exist_is_answered_with_the_choices() -> None:
    with pytest.raises(
        ValueError, match="no time_unit named 'min'; there are: ms, s, us, ns, iso, auto, arrival"
    ):
        time_rule("min")  # type: ignore[arg-type]


@given(st.sampled_from(["s", "us", "ns", "auto", "ms"]), st.integers() | st.floats() | st.text())
def test_whatever_comes_is_an_instant_that_can_be_or_a_refusal(unit: TimeUnit, value: object) -> None:
    with contextlib.suppress(BadPayload):
        at_ns = time_rule(unit)(value, NOW_NS, "t")
        assert EARLIEST_MS * 10**6 <= at_ns < NOW_NS + (AHEAD_MS + 1) * 10**6
