"""Does the water of every foreign meter arrive as water, by the source that its own file declares?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from collectors.reading import BadPayload, Reading
from collectors.source import Sources
from gateway.config.settings import load
from gateway.intake.pipeline import read_sources
from simulators.devices.meters import UTILITIES, Meter
from simulators.fleet import Report
from simulators.foreign import ForeignMeter, Speaker, Tongue, tongues_by_name

TONGUES = tongues_by_name()
START_MS = 1_789_900_000_000
MINUTE_MS = 60_000
every_tongue = pytest.mark.parametrize("tongue", TONGUES.values(), ids=list(TONGUES))


def sources(tongue: Tongue, folder: Path) -> Sources:
    path = folder / "city.toml"
    path.write_text(f'[city]\nsite = "demo"\n{tongue.SOURCE}', encoding="utf-8")
    return read_sources(load(path))


def day(
    meter: ForeignMeter, city: Sources, minutes: int
) -> tuple[dict[int, Report], list[Reading], list[BadPayload]]:
    """What a meter measured by the millisecond, what arrived of it, and what was refused."""
    told: dict[int, Report] = {}
    found: list[Reading] = []
    refused: list[BadPayload] = []
    for minute in range(minutes):
        t = START_MS + minute * MINUTE_MS
        told[t] = meter.report(t, 60.0, minute * 60.0)
        for wire in meter.wire(told[t]):
            try:
                found += city.read(wire.topic, wire.payload, t * 1_000_000)
            except BadPayload as bad:
                refused.append(bad)
        for topic, payload in city.outgoing((t + 5_000) * 1_000_000):
            meter.hear(topic, payload)
    return told, found, refused


def meter_of(tongue: Tongue, number: int, seed: int = 1) -> ForeignMeter:
    speaker: Speaker = tongue.speaker(number, random.Random(seed))
    return ForeignMeter(Meter(UTILITIES[0], f"m{number}", seed), speaker)


@every_tongue
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_water_that_was_measured_is_the_water_that_arrives(
    tongue: Tongue, number: int, tmp_path: Path
) -> None:
    meter = meter_of(tongue, number)
    told, found, refused = day(meter, sources(tongue, tmp_path), 400)
    water = {r.at_ns // 1_000_000: r for r in found if r.kind == "water"}
    assert refused == []
    assert len(water) > 0.6 * len(told)  # Sparkplug says nothing where nothing changed, and loses a little
    for t, reading in water.items():
        want, got = told[t]["volume_m3"], reading.fields["volume_m3"]
        assert isinstance(want, float)
        assert isinstance(got, float)
        assert got == pytest.approx(want, abs=0.0011)
        assert (reading.device, reading.site) == (meter.id, "demo")


def test_an_edge_node_that_died_or_was_not_heard_is_understood_again(tmp_path: Path) -> None:
    tongue = TONGUES["sparkplug"]
    city = sources(tongue, tmp_path)
    told, found, refused = day(meter_of(tongue, 1, seed=5), city, 3000)
    online = [r.fields["state"] for r in found if r.tags.get("name") == "online"]
    assert online.count(False) >= 2, "this seed has deaths"
    assert online[-1] is True
    assert refused == []
    assert len({r.at_ns for r in found if r.kind == "water"}) > 0.6 * len(told)


def test_a_host_that_comes_late_asks_for_a_birth_and_gets_it(tmp_path: Path) -> None:
    tongue = TONGUES["sparkplug"]
    meter = meter_of(tongue, 1)
    meter.wire(meter.report(START_MS - MINUTE_MS, 60.0, 0.0))  # births that nobody hears
    _, found, refused = day(meter, sources(tongue, tmp_path), 5)
    assert [bad.detail.split(";")[0] for bad in refused] == ["edge node 'node1' has sent no birth yet"]
    assert {r.device for r in found if r.kind == "water"} == {"node1:meter"}


@every_tongue
def test_the_same_seed_says_the_same(tongue: Tongue) -> None:
    def said(seed: int) -> list[bytes]:
        meter = meter_of(tongue, 1, seed)
        return [
            wire.payload
            for minute in range(30)
            for wire in meter.wire(meter.report(START_MS + minute * MINUTE_MS, 60.0, 0.0))
        ]

    assert said(3) == said(3)
    assert said(3) != said(4)
