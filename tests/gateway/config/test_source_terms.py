"""Does a city file say in a few lines what a foreign device means, and hear what is wrong with them?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.reading import Reading
from gateway.config.settings import SettingsError, load
from gateway.intake.pipeline import read_sources

NOW_NS = 1_790_000_000_000_000_000
UPLINK = (
    b'{"deduplicationId":"3ac7e3c4","time":"2025-08-01T10:00:00.775023242+00:00","deviceInfo":{"applicationId":'
    b'"17c82e96","devEui":"0101010101010101"},"fCnt":7,"fPort":1,"object":{"volume":812374,"battery":3.6}}'
)
TOPIC = "application/17c82e96/device/0101010101010101/event/up"


def city(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text('[city]\nsite = "demo"\n' + text, encoding="utf-8")
    return path


def read(path: Path, topic: str, payload: bytes) -> list[Reading]:
    return read_sources(load(path)).read(topic, payload, NOW_NS)


def test_a_chirpstack_water_meter_takes_five_lines(tmp_path: Path) -> None:
    lines = (
        '[[sources]]\nformat = "chirpstack"\nkind = "water"\n'
        'fields = { volume_m3 = "volume" }\nunits = { volume = "L" }\n'
    )
    assert len(lines.splitlines()) == 5
    (water, battery) = read(city(tmp_path, lines), TOPIC, UPLINK)
    assert (water.kind, water.site, water.device) == ("water", "demo", "0101010101010101")
    assert water.fields == {"volume_m3": 812.374, "original": "volume_m3=812374 L"}
    assert (battery.kind, battery.tags["name"], battery.fields) == ("measurement", "battery", {"value": 3.6})


def test_the_topic_of_a_rich_format_is_subscribed(tmp_path: Path) -> None:
    path = city(tmp_path, '[[sources]]\nformat = "chirpstack"\nkind = "water"\n')
    assert read_sources(load(path)).subscriptions == ("application/+/device/+/event/+",)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            'format = "chirpstak"\nkind = "water"',
            "format: no format named 'chirpstak' (did you mean 'chirpstack'?)",
        ),
        (
            'format = "chirpstack"\nkind = "water"\nfields = { volume = "v" }',
            "fields: no field named 'volume'",
        ),
        (
            'format = "chirpstack"\nkind = "water"\nfields = { volume_m3 = "v" }\nunits = { v = "kWh" }',
            "units: 'kWh' is a unit of energy, 'm3' of volume",
        ),
        ('format = "chirpstack"\nkind = "water"\nx = 1', "x: no key named 'x'"),
        (
            'format = "chirpstack"\nkind = "water"\nfields = { volume_m3 = "v" }\nunits = { v = "blub" }',
            "units: no unit 'blub'",
        ),
        ('kind = "water"', "topic: topic is missing"),
        (
            'format = "sparkplug"\nkind = "water"\ntopic = "spBv1.0/+"',
            "topic: topic 'spBv1.0/+': Sparkplug topics are",
        ),
        ('kind = "water"\ntopic = "a/{device}"\nothers = "lose"', "others: no choice named 'lose'"),
    ],
)
def test_a_fault_is_named_with_its_key(tmp_path: Path, lines: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(city(tmp_path, f"[[sources]]\n{lines}\n"))
    assert complaint in str(caught.value)


def test_two_rich_sources_of_one_topic_are_a_fault(tmp_path: Path) -> None:
    entry = '[[sources]]\nformat = "wmbus"\nkind = "water"\n'
    with pytest.raises(SettingsError, match="two sources read the same topics"):
        load(city(tmp_path, entry + entry))
