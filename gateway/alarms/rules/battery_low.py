"""Whose battery ends soon?"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.reading import Reading
from gateway.alarms.rule import Rule, Sighting, from_readings

KINDS = ("water", "gas", "waste", "heat")


def _seen(reading: Reading) -> Iterator[Sighting]:
    volts = reading.fields.get("battery_v")
    if isinstance(volts, int | float):
        yield Sighting(reading.device, float(volts), (reading.kind,))


RULE = Rule(
    name="battery_low",
    code="A9201",
    title="A battery is low",
    priority=3,
    category="D",
    raise_at=3.0,
    clear_at=3.2,
    raise_after_s=3600.0,
    clear_after_s=0.0,
    says="The battery of {subject} has {level:.2f} V left.",
    begin=from_readings(KINDS, _seen),
    unit="V",
    means="A lithium cell of 3.6 V has some weeks left below 3.0 V. Other cells need another bound.",
    check=("Order a battery, and change it with others of the same age.",),
    done="Nothing: readings go on as long as they come.",
)
