"""Is a device that is silent told from a feed that is out?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.health.finding import Finding
from collectors.health.silence import EVERYTHING, Heard, silences

NOW_S = 1_790_000_000
S = 1_000_000_000


def heard(
    device: str, ago_s: float, every_s: float | None = 60.0, site: str = "north", gateway: str = "gw-1"
) -> Heard:
    feeds = (site, gateway)
    return Heard(site, device, "water", round((NOW_S - ago_s) * S), every_s, every_s, feeds=feeds)


def told(*devices: Heard, **more: object) -> list[tuple[str, str]]:
    found = silences(devices, NOW_S * S, **more).findings  # type: ignore[arg-type]
    return [(one.what, one.subject) for one in found]


def test_a_device_is_silent_when_it_should_have_spoken_several_times() -> None:
    rest = [heard(f"w-{n}", 10) for n in range(5)]
    assert told(*rest, heard("w-9", 200)) == []
    assert told(*rest, heard("w-9", 400)) == [("silent", "w-9")]
    assert told(*rest, heard("w-9", 400, every_s=3600.0)) == []
    assert told(*rest, heard("w-9", 4 * 3600, every_s=3600.0)) == [("silent", "w-9")]


def test_a_device_whose_interval_is_not_known_is_silent_after_a_day() -> None:
    rest = [heard(f"w-{n}", 10) for n in range(5)]
    assert told(*rest, heard("w-9", 20 * 3600, every_s=None)) == []
    assert told(*rest, heard("w-9", 30 * 3600, every_s=None)) == [("silent", "w-9")]


def test_what_was_promised_counts_more_than_what_was_learned() -> None:
    rest = [heard(f"w-{n}", 10) for n in range(5)]
    one = heard("w-9", 250)
    assert told(*rest, one) == [("silent", "w-9")]
    assert told(*rest, one._replace(every_s=600.0, declared=True)) == []


def test_an_irregular_device_may_pause_as_long_as_it_has_before() -> None:
    rest = [heard(f"w-{n}", 10) for n in range(5)]
    assert told(*rest, heard("w-9", 900)._replace(longest_s=800.0)) == []


def test_a_gateway_that_is_out_is_one_finding_and_none_of_its_devices() -> None:
    behind = [heard(f"w-{n}", 95 + n) for n in range(20)]
    others = [heard(f"w-1{n}", 10, gateway="gw-2") for n in range(20)]
    assert told(*behind, *others) == [("outage", "gw-1")]
    found, shared = silences([*behind, *others], NOW_S * S)[0][0], silences([*behind], NOW_S * S).shared
    assert shared == {(one.site, one.device) for one in behind}
    assert (found.devices, found.severity, found.since_ns) == (20, "critical", behind[0].last_ns)


def test_a_site_that_is_out_is_told_as_the_site_and_a_broker_as_everything() -> None:
    north = [heard(f"w-{n}", 95, gateway=f"gw-{n % 2}") for n in range(20)]
    south = [heard(f"w-2{n}", 5, site="south", gateway="gw-9") for n in range(20)]
    assert told(*north, *south) == [("outage", "north")]
    silent = [one._replace(last_ns=one.last_ns - 120 * S) for one in south]
    assert told(*north, *silent) == [("outage", EVERYTHING)]


def test_devices_that_speak_together_once_an_hour_are_no_outage_in_between() -> None:
    assert told(*[heard(f"w-{n}", 3000, every_s=3600.0) for n in range(300)]) == []


def test_a_device_that_was_silent_before_its_feed_has_a_finding_of_its_own() -> None:
    behind = [heard(f"w-{n}", 95) for n in range(20)]
    others = [heard("w-99", 1, gateway="gw-2")] * 3
    broken = heard("w-old", 5000)
    assert told(*behind, broken, *others) == [("outage", "gw-1"), ("silent", "w-old")]


def test_a_feed_of_which_some_still_speak_is_out_when_most_are_overdue() -> None:
    late = [heard(f"w-{n}", 500) for n in range(9)]
    assert told(*late, heard("w-a", 5)) == [("outage", EVERYTHING)]
    few = [heard(f"w-{n}", 500) for n in range(3)]
    assert told(*few, *[heard(f"w-b{n}", 5) for n in range(7)]) == [("silent", f"w-{n}") for n in range(3)]


def test_devices_that_were_never_heard_make_no_outage() -> None:
    never = [heard(f"w-{n}", 5000)._replace(never=True) for n in range(90)]
    assert {what for what, _ in told(*never, heard("w-a", 5))} == {"silent"}


def test_a_lost_connection_is_told_with_its_reason_after_half_a_minute() -> None:
    one = heard("w-1", 20)
    assert told(one, link_fault="refused") == []
    late = one._replace(last_ns=one.last_ns - 20 * S)
    (found,) = silences([late], NOW_S * S, link_fault="refused").findings
    assert (found.what, found.subject, found.why) == ("outage", EVERYTHING, "refused")


def test_what_was_before_arterial_listened_says_nothing() -> None:
    devices = [heard(f"w-{n}", 9000) for n in range(9)]
    assert told(*devices, began_ns=(NOW_S - 60) * S) == []
    assert told(*devices, began_ns=(NOW_S - 600) * S) == [("outage", EVERYTHING)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_devices_make_no_feed(count: int) -> None:
    assert told(*[heard(f"w-{n}", 1000) for n in range(count)]) == [
        ("silent", f"w-{n}") for n in range(count)
    ]


ages = st.floats(0, 100_000)


@given(st.lists(st.tuples(ages, st.sampled_from([10.0, 60.0, 3600.0, None]), st.integers(0, 3)), max_size=30))
def test_no_device_is_told_twice_and_one_that_has_just_spoken_never(
    devices: list[tuple[float, float | None, int]],
) -> None:
    all_of_them = [heard(f"w-{n}", a, e, gateway=f"gw-{g}") for n, (a, e, g) in enumerate(devices)]
    found: list[Finding] = silences(all_of_them, NOW_S * S).findings
    assert len({one.key for one in found}) == len(found)
    silent = {one.subject for one in found if one.what == "silent"}
    assert all(NOW_S * S - one.last_ns > one.patience_s * S for one in all_of_them if one.device in silent)
