"""Does arterial know which devices are broken, since when, and also after a restart; and does it say so?"""

from __future__ import annotations

from pathlib import Path

from collectors.judge.judge import Noted
from collectors.quality import Flag
from gateway.devices.facts import Facts
from gateway.quality.feeds import Feeds, FeedSettings
from gateway.quality.health import AGAIN_NS, Declared, DeviceHealth
from storage.findings import Findings

S = 1_000_000_000
T_NS = 1_790_000_000 * S


def facts(device: str, ago_s: float, now_ns: int, every_s: int = 60) -> Facts:
    gaps = [every_s * 1000] * 5
    return Facts("north", device, ["water"], last_ns=now_ns - round(ago_s * S), gaps_ms=gaps)


def well(now_ns: int, count: int = 9) -> list[Facts]:
    return [facts(f"w-{n}", 10, now_ns) for n in range(count)]


def test_a_clock_that_is_set_makes_nobody_silent() -> None:
    health = started()
    health.look(well(T_NS), T_NS, "", "north")
    jumped_ns = T_NS + 7 * 3600 * S
    health.look(well(T_NS), jumped_ns, "", "north")
    assert health.open == ()


def test_cabinets_are_watched_by_others() -> None:
    health = started()
    cabinet = Facts("north", "x1", ["hires"], last_ns=T_NS - 900 * S, gaps_ms=[1000] * 5)
    health.look([*well(T_NS), cabinet], T_NS, "", "north")
    assert health.open == ()


def started(path: Path | None = None, feeds: tuple[FeedSettings, ...] = ()) -> DeviceHealth:
    """A city that has listened for a day."""
    health = DeviceHealth(Feeds(feeds), Findings(path) if path else None)
    for ago_s in (86_400, 600):
        health._looked_ns = health._began_ns  # nobody looks for a whole day here
        health.look(well(T_NS - ago_s * S), T_NS - ago_s * S, "", "north")
        health._began_ns = T_NS - 86_400 * S
    return health


def test_a_silent_device_is_found_told_once_and_again_after_an_hour_and_ends_when_it_speaks() -> None:
    health = started()
    health.look([*well(T_NS), facts("w-9", 500, T_NS)], T_NS, "", "north")
    (found,) = health.open
    assert (found.what, found.subject, found.since_ns) == ("silent", "w-9", T_NS - 500 * S)
    (told,) = health.readings(T_NS)
    assert (told.kind, told.device, told.fields["state"], told.fields["broken_s"]) == (
        "health",
        "w-9",
        "open",
        500,
    )
    health.keep()
    assert health.readings(T_NS + 60 * S) == []
    later_ns = T_NS + AGAIN_NS
    assert [r.fields["state"] for r in health.readings(later_ns)] == ["open"]
    health.look([*well(later_ns), facts("w-9", 20, later_ns)], later_ns, "", "north")
    assert health.open == ()
    (over,) = health.readings(later_ns)
    assert over.fields["state"] == "over"
    assert over.fields["broken_s"] == (later_ns - 20 * S - (T_NS - 500 * S)) / S


def test_a_feed_that_is_out_is_told_instead_of_its_devices() -> None:
    feed = FeedSettings(name="gw-7", devices=("w-7##",))
    health = started(feeds=(feed,))
    behind = [facts(f"w-7{n:02d}", 95, T_NS) for n in range(20)]
    health.look([*well(T_NS), *behind], T_NS, "", "north")
    assert [(one.what, one.subject, one.devices) for one in health.open] == [("outage", "gw-7", 20)]
    back_ns = T_NS + 600 * S
    health.look([*well(back_ns), *[facts(f.device, 695, back_ns) for f in behind]], back_ns, "", "north")
    first, *others = behind
    back_ns += 10 * S
    there = [facts(first.device, 5, back_ns), *[facts(f.device, 705, back_ns) for f in others]]
    health.look([*well(back_ns), *there], back_ns, "", "north")
    assert health.open == (), "those that have not spoken yet get the time they always get"
    later_ns = back_ns + 400 * S
    there = [facts(first.device, 5, later_ns), *[facts(f.device, 1105, later_ns) for f in others[:2]]]
    health.look([*well(later_ns), *there], later_ns, "", "north")
    assert {one.subject for one in health.open} == {f.device for f in others[:2]}


def test_what_the_registry_declares_counts() -> None:
    health = started()
    registered = {
        ("north", "w-9"): Declared("water", 600.0),
        ("north", "w-8"): Declared("water", retired=True),
        ("north", "w-new"): Declared("water", 600.0, since_ns=T_NS - 3600 * S),
        ("north", "w-newer"): Declared("water", 600.0, since_ns=T_NS - 60 * S),
    }
    silent = [facts("w-9", 500, T_NS), facts("w-8", 5000, T_NS)]
    health.look([*well(T_NS, 8), *silent], T_NS, "", "north", registered)
    assert [(one.subject, one.since_ns) for one in health.open] == [("w-new", T_NS - 3600 * S)]


def test_a_fault_is_known_after_a_restart_and_ends_with_the_first_clean_reading(tmp_path: Path) -> None:
    before = started(tmp_path / "health.sqlite")
    assert before.note(Noted("power", "north", "p-1", T_NS, int(Flag.STUCK), 3, T_NS - 60 * S))
    before.keep()
    after = DeviceHealth(Feeds(), Findings(tmp_path / "health.sqlite"))
    (found,) = after.open
    assert (found.what, found.since_ns) == ("stuck", T_NS - 60 * S)
    after.note(Noted("power", "north", "p-1", T_NS + S, 0, 3))
    after.keep()
    assert after.open == ()
    (over,) = after.history("p-1")
    assert (over.since_ns, over.until_ns) == (T_NS - 60 * S, T_NS + S)


def test_after_a_start_a_silent_device_is_not_taken_to_have_spoken(tmp_path: Path) -> None:
    before = started(tmp_path / "health.sqlite")
    before.look([*well(T_NS), facts("w-9", 500, T_NS)], T_NS, "", "north")
    before.keep()
    after = DeviceHealth(Feeds(), Findings(tmp_path / "health.sqlite"))
    for now_ns in (T_NS + 60 * S, T_NS + 300 * S, T_NS + 1000 * S):
        after.look([*well(now_ns), facts("w-9", 500 + (now_ns - T_NS) / S, now_ns)], now_ns, "", "north")
        assert [(one.subject, one.since_ns) for one in after.open] == [("w-9", T_NS - 500 * S)]


def test_a_disk_that_takes_nothing_costs_the_history_only(tmp_path: Path) -> None:
    health = started(tmp_path / "health.sqlite")
    health.look([*well(T_NS), facts("w-9", 500, T_NS)], T_NS, "", "north")
    history = health._history
    assert history is not None
    history._db.execute("DROP TABLE finding")
    health.keep()
    assert [one.subject for one in health.open] == ["w-9"]
