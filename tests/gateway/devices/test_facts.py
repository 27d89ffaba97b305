"""What is known of a device: when it was heard, how often, how regularly, and its battery."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.devices import facts as module
from gateway.devices.facts import DeviceFacts, Facts
from gateway.devices.memory import load, save
from gateway.intake.ingest import Ingest
from gateway.links.link import Message
from storage.refused import Refused
from storage.spool import Spool

NOW_MS = 1_790_000_000_000
WATER = "arterial/demo/water/w-0001"


class TickingClock:
    """Stands still until it is told otherwise."""

    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0
    ms = NOW_MS

    def now_ns(self) -> int:
        return self.ms * 1_000_000


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def ingest(tmp_path: Path, clock: TickingClock) -> Ingest:
    sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
    return Ingest(sources, Spool(tmp_path / "spool.sqlite"), Refused(tmp_path / "refused.sqlite"), clock)


def water(t_ms: int, volume: float = 1.0, battery: float = 3.6) -> bytes:
    return f'{{"t": {t_ms}, "volume_m3": {volume}, "battery_v": {battery}}}'.encode()


def known(ingest: Ingest, device: str = "w-0001") -> Facts:
    found = ingest.facts.of("demo", device)
    assert found is not None
    return found


def reading(at_s: float, kind: str = "water", device: str = "w-0001", **more: object) -> Reading:
    at_ns = NOW_MS * 1_000_000 + int(at_s * 1e9)
    fields = {"volume_m3": 1.0} if kind == "water" else {"value": 71.0}
    tags = {} if kind == "water" else {"name": "status.batteryLevel", "unit": "%"}
    return Reading(kind, "demo", device, at_ns, fields, tags, received_ns=at_ns)  # type: ignore[arg-type]


def test_each_message_counts_by_whichever_way_it_came(ingest: Ingest, clock: TickingClock) -> None:
    for n in range(6):
        clock.ms = NOW_MS + n * 60_000
        ingest.take([Message(WATER, water(clock.ms, battery=3.6 - n / 10))])
    found = known(ingest)
    assert (found.readings, found.kinds) == (6, ["water"])
    assert found.first_ns == NOW_MS * 1_000_000
    assert found.last_ns == clock.now_ns()
    assert (found.battery, found.battery_unit) == (pytest.approx(3.1), "V")
    assert found.interval_s == 60


def test_many_messages_of_one_device_in_one_batch_are_so_many_intervals(ingest: Ingest) -> None:
    times = [NOW_MS - 200_000 + 10_000 * n for n in range(12)]
    for start in range(0, 12, 4):
        ingest.take([Message(WATER, water(t)) for t in times[start : start + 4]])
    found = known(ingest)
    assert found.readings == 12
    assert found.gaps_ms[-2:] == [10_000, 10_000]


def test_an_outage_does_not_change_the_usual_interval_but_is_the_longest() -> None:
    facts = Facts("demo", "w-0001")
    for at_s in (0, 60, 120, 180, 240, 7_440, 7_500):
        facts.learn(NOW_MS + at_s * 1000)
    assert (facts.interval_s, facts.longest_s) == (60, 7200)


def test_a_clock_that_jumps_back_teaches_no_negative_interval() -> None:
    facts = Facts("demo", "w-0001")
    for at_s in (0, 60, 120, 180, -10_000, -9_940):
        facts.learn(NOW_MS + at_s * 1000)
    assert facts.interval_s == 60


def test_no_interval_is_told_before_three_gaps_are_known() -> None:
    facts = Facts("demo", "w-0001")
    for at_s in (0, 60, 120):
        facts.learn(NOW_MS + at_s * 1000)
    assert facts.interval_s is facts.longest_s is None


def test_a_retained_message_does_not_make_a_device_alive(ingest: Ingest) -> None:
    ingest.take([Message(WATER, water(NOW_MS), retain=True)])
    assert ingest.facts.of("demo", "w-0001") is None


def test_refusals_are_counted_for_known_devices_only(ingest: Ingest) -> None:
    ingest.take([Message(WATER, water(NOW_MS)), Message(WATER, b"{oops"), Message(f"{WATER}x", b"{oops")])
    assert known(ingest).refusals == 1
    assert known(ingest).refused_ns == NOW_MS * 1_000_000
    assert len(ingest.facts) == 1


def test_the_battery_of_any_make_is_understood() -> None:
    facts = DeviceFacts({})
    facts.readings([reading(0), reading(0, "measurement")])
    found = next(facts.every())
    assert (found.battery, found.battery_unit, found.kinds) == (71.0, "%", ["water", "measurement"])
    assert found.readings == 2


def test_one_message_may_speak_for_several_devices() -> None:
    facts = DeviceFacts({})
    for at_s in (0, 60, 120, 180):
        facts.readings([reading(at_s, device="a"), reading(at_s, device="b"), reading(at_s, device="a")])
    assert {f.device: (f.readings, f.interval_s) for f in facts.every()} == {"a": (8, 60), "b": (4, 60)}


def test_facts_survive_a_restart(tmp_path: Path, ingest: Ingest) -> None:
    for n in range(6):
        ingest.take([Message(WATER, water(NOW_MS - 300_000 + n * 60_000))])
    save(ingest.facts, tmp_path / "devices.msgpack")
    later = DeviceFacts({})
    load(later, tmp_path / "devices.msgpack")
    assert later.of("demo", "w-0001") == known(ingest)
    assert known(ingest).interval_s == 60


def test_a_broken_file_is_no_reason_not_to_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "devices.msgpack"
    path.write_bytes(b"\x00 no such thing")
    facts = DeviceFacts({})
    load(facts, path)
    assert len(facts) == 0
    assert "got to know anew" in caplog.text


def test_a_full_memory_forgets_who_was_heard_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEVICES", 32)
    facts = DeviceFacts({})
    for n in range(33):
        facts.readings([reading(n, device=f"w-{n:04d}")])
    assert len(facts) == 31
    assert facts.of("demo", "w-0001") is None
    assert facts.of("demo", "w-0032") is not None
