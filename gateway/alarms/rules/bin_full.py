"""Which bin is full?"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.reading import Reading
from gateway.alarms.rule import Rule, Sighting, from_readings


def _seen(reading: Reading) -> Iterator[Sighting]:
    fill = reading.fields.get("fill")
    if isinstance(fill, int | float):
        yield Sighting(reading.device, float(fill), (reading.kind,))


RULE = Rule(
    name="bin_full",
    code="A9301",
    title="A bin is full",
    priority=3,
    category="D",
    raise_at=0.95,
    clear_at=0.6,
    raise_after_s=7200.0,
    clear_after_s=0.0,
    says="Bin {subject} is {level:.0%} full and has not been emptied for two hours.",
    begin=from_readings(("waste",), _seen),
    means="The collection that such a bin calls for has not come in its usual time.",
    check=("Is it on today's route?", "Is the sensor dirty, so that it sees a full bin?"),
    done="Nothing: emptying is a matter of people.",
)
