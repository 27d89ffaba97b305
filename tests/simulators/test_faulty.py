"""Does the way in treat every fault of a device right: nothing lost, nothing invented, and the doubt told?"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from collectors.quality import Flag
from collectors.reading import Reading
from gateway.config.settings import load
from gateway.intake.ingest import Ingest
from gateway.intake.pipeline import read_sources
from gateway.links.link import Message
from simulators.devices.meters import UTILITIES, Meter
from simulators.faulty import BURST, FAULTS, SKEW_MS, SOUND, Faulty, afflict, read_faults
from simulators.fleet import Report, fleets
from simulators.foreign import ForeignMeter, Wire, tongues_by_name
from storage.refused import Refused
from storage.spool import Spool

START_MS = 1_790_000_000_000
MINUTE_MS = 60_000
MINUTES = 90
TONGUES = tongues_by_name()
WATER, POWER = UTILITIES[0], UTILITIES[1]
PLAIN = '[[sources]]\ntopic = "arterial/{site}/water/{device}"\nkind = "water"\n'
PLAIN += PLAIN.replace("water", "power")
SAID_ANEW = ("sparkplug",)
"""Says only what changed, loses a message in fifty, and numbers them."""


class WallClock:
    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0
    ms = START_MS

    def now_ns(self) -> int:
        return self.ms * 1_000_000


class Day(NamedTuple):
    """What a device measured and sent in an hour and a half, and what arterial made of it."""

    measured: list[Report]
    sent: list[bytes]
    kept: list[Reading]
    refused: Refused
    ingest: Ingest
    duplicates: int

    @property
    def found(self) -> list[Reading]:
        """The readings of the device's kind."""
        return [reading for reading in self.kept if reading.kind in ("water", "power")]

    def flags(self) -> Flag:
        """All flags of the readings after the fault began."""
        found = Flag(0)
        for reading in self.found[SOUND:]:
            found |= Flag(reading.quality)
        return found


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[tuple[Ingest, WallClock]]:
    city = tmp_path / "city.toml"
    named = "".join(tongue.SOURCE for tongue in TONGUES.values())
    city.write_text(f'[city]\nsite = "demo"\n{PLAIN}{named}', encoding="utf-8")
    clock = WallClock()
    spool, refused = Spool(tmp_path / "spool.sqlite"), Refused(tmp_path / "refused.sqlite")
    yield Ingest(read_sources(load(city)), spool, refused, clock), clock
    spool.close()
    refused.close()


def day(
    parts: tuple[Ingest, WallClock], fault: str, tongue: str = "", utility: int = 0, seed: int = 1
) -> Day:
    """An hour and a half of one device, a report a minute, the messages by the way that live ones take."""
    ingest, clock = parts
    meter = Meter(UTILITIES[utility], f"{UTILITIES[utility].kind[0]}-1", seed)
    device = ForeignMeter(meter, TONGUES[tongue].speaker(1, random.Random(seed))) if tongue else meter
    faulty = Faulty(device, FAULTS[fault](random.Random(seed)))
    measured: list[Report] = []
    sent: list[bytes] = []
    for minute in range(MINUTES):
        clock.ms = START_MS + minute * MINUTE_MS
        report = faulty.report(clock.ms, 60.0, minute * 60.0)
        measured.append(report)
        wires = list(device.wire(report)) if isinstance(device, ForeignMeter) else [_plain(meter, report)]
        for wire in faulty.send(wires):
            sent.append(wire.payload)
            ingest.take([Message(wire.topic, wire.payload, received_ns=clock.now_ns())])
        for topic, payload in ingest._sources.outgoing(clock.now_ns() + 5 * 10**9):
            if isinstance(device, ForeignMeter):
                device.hear(topic, payload)
        batch, ingest.commits.staged = ingest.commits.staged, type(ingest.commits.staged)()
        ingest.commits._write(batch)
    spool = ingest.commits._spool
    kept = [reading for _, readings in spool.read(0, 100_000) for reading in readings]
    return Day(measured, sent, kept, ingest.commits._refused, ingest, spool.books("store").total.duplicate)


def _plain(meter: Meter, report: Report) -> Wire:
    return Wire(f"arterial/demo/{meter.kind}/{meter.id}", json.dumps(report).encode())


def told(reading: Reading) -> int:
    return reading.at_ns // 1_000_000


every_tongue = pytest.mark.parametrize("tongue", ["", *TONGUES])


@every_tongue
def test_silence_is_seen_from_what_is_known_of_the_device(
    ingest: tuple[Ingest, WallClock], tongue: str
) -> None:
    found = day(ingest, "silence", tongue)
    (facts,) = [f for f in found.ingest.facts.every() if f.readings > 5]
    silent_s = (ingest[1].now_ns() - facts.last_ns) / 1e9
    assert facts.interval_s is not None
    assert facts.longest_s is not None
    assert silent_s >= (MINUTES - SOUND) * 60
    assert silent_s > 5 * facts.longest_s
    assert max(map(told, found.found)) < START_MS + SOUND * MINUTE_MS


def test_a_stuck_voltage_is_flagged_and_kept(ingest: tuple[Ingest, WallClock]) -> None:
    found = day(ingest, "stuck", utility=1)
    assert len(found.found) == MINUTES
    assert len({reading.fields["voltage_v"] for reading in found.found[SOUND:]}) == 1
    assert Flag.STUCK in found.flags()
    assert not any(reading.quality & Flag.STUCK for reading in found.found[:SOUND])


@every_tongue
def test_a_clock_that_is_off_is_measured_and_its_readings_flagged_not_corrected(
    ingest: tuple[Ingest, WallClock], tongue: str
) -> None:
    found = day(ingest, "skew", tongue)
    off_ms = int(str(found.measured[-1]["t"])) - (START_MS + (MINUTES - 1) * MINUTE_MS)
    assert abs(off_ms) == SKEW_MS
    last = max(found.found, key=lambda reading: reading.received_ns)
    assert told(last) == pytest.approx(last.received_ns // 1_000_000 + off_ms, abs=1000)
    assert Flag(last.quality) & (Flag.CLOCK if off_ms > 0 else Flag.LATE)
    skew_ms = found.ingest.times.clocks.skew_ms("demo", last.device)
    assert skew_ms == pytest.approx(off_ms, abs=1000)


@every_tongue
def test_a_drift_is_kept_as_it_was_said(ingest: tuple[Ingest, WallClock], tongue: str) -> None:
    found = day(ingest, "drift", tongue)
    by_time = {int(str(report["t"])): report for report in found.measured}
    assert found.refused.counts() == {}
    assert len(found.found) > 0.6 * MINUTES
    for reading in found.found:
        volume = by_time[told(reading)]["volume_m3"]
        assert reading.fields["volume_m3"] == pytest.approx(volume, abs=0.0011)
    battery = found.found[-1].fields.get("battery_v")
    if battery is not None:  # two of the formats say nothing of it
        assert float(battery) > 2 * float(str(found.measured[0]["battery_v"]))


@every_tongue
def test_duplicates_are_counted_and_kept_once(ingest: tuple[Ingest, WallClock], tongue: str) -> None:
    found = day(ingest, "duplicates", tongue)
    keys = [(reading.kind, reading.device, reading.key_ns) for reading in found.kept]
    assert len(keys) == len(set(keys))
    assert found.duplicates >= (0.5 if tongue in SAID_ANEW else 1) * (MINUTES - SOUND)
    assert len(found.found) > 0.6 * MINUTES


@every_tongue
def test_a_burst_arrives_whole_with_the_times_it_was_measured(
    ingest: tuple[Ingest, WallClock], tongue: str
) -> None:
    found = day(ingest, "bursts", tongue)
    whole = SOUND + (MINUTES - SOUND) // BURST * BURST
    times = {told(reading) for reading in found.found}
    expected = {int(str(report["t"])) for report in found.measured[:whole]}
    assert times <= expected
    assert len(times) > (0.5 if tongue in SAID_ANEW else 0.9) * len(expected)
    held = [r for r in found.found if r.received_ns // 1_000_000 - told(r) > 5 * MINUTE_MS]
    assert held
    assert all(reading.quality & Flag.LATE for reading in held)
    facts = max(found.ingest.facts.every(), key=lambda facts: facts.readings)
    assert facts.interval_s == pytest.approx(60, abs=120)


@every_tongue
def test_garbage_is_refused_kept_and_hides_nothing(ingest: tuple[Ingest, WallClock], tongue: str) -> None:
    found = day(ingest, "garbage", tongue)
    ledger = found.refused.ledger()
    assert ledger.refused > 10
    assert ledger.balanced
    by_time = {int(str(report["t"])): report for report in found.measured}
    sound = [reading for reading in found.found if told(reading) in by_time]
    assert len(sound) > 0.3 * MINUTES
    assert len(sound) >= len(found.found) - 2, "what was cut off may say less, but nothing else"


@pytest.mark.parametrize("utility", [0, 1])
def test_a_counter_that_begins_anew_is_flagged_and_no_negative_use_is_made_of_it(
    ingest: tuple[Ingest, WallClock], utility: int
) -> None:
    found = day(ingest, "reset", utility=utility)
    counter = "volume_m3" if utility == 0 else "energy_kwh"
    assert Flag.RESET in found.flags()
    assert found.found[-1].fields[counter] < found.found[0].fields[counter]
    derived = [r for r in found.kept if r.kind not in ("water", "power", "measurement")]
    numbers = [v for r in derived for v in r.fields.values() if isinstance(v, float)]
    assert all(number >= 0 for number in numbers)


def test_the_command_line_names_the_faults() -> None:
    assert read_faults("stuck=3, silence") == {"stuck": 3, "silence": 1}
    assert read_faults("all=2") == dict.fromkeys(FAULTS, 2)
    assert read_faults("") == {}
    for wrong, said in (("stuk", "no fault 'stuk'; there are: silence"), ("skew=x", "how many devices")):
        with pytest.raises(ValueError, match=said):
            read_faults(wrong)


def test_devices_of_all_fleets_get_their_faults_the_same_for_the_same_seed() -> None:
    def afflicted(seed: int) -> dict[str, str]:
        made = fleets({"meters": 30, "bins": 10, "foreign": 20}, 1, START_MS)
        found = afflict(made, read_faults("all=5"), seed)
        ids = {d.id for fleet in made for d in fleet.devices if isinstance(d, Faulty)}
        assert ids == set(found)
        return found

    first = afflicted(1)
    assert len(first) == 40
    assert first == afflicted(1)
    assert first != afflicted(2)
    assert {device[:2] for device in first} >= {"w-", "b-"}
    with pytest.raises(ValueError, match="40 faults for 3 devices"):
        afflict(fleets({"meters": 3}, 1, START_MS), read_faults("all=5"), 1)
