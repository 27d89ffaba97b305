"""Does a bin lie on its side?"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.reading import Reading
from gateway.alarms.rule import Rule, Sighting, from_readings


def _seen(reading: Reading) -> Iterator[Sighting]:
    tilt = reading.fields.get("tilt_deg")
    if isinstance(tilt, int | float):
        yield Sighting(reading.device, abs(float(tilt)), (reading.kind,))


RULE = Rule(
    name="bin_tipped",
    code="A9303",
    title="A bin has tipped over",
    priority=3,
    category="D",
    raise_at=60.0,
    clear_at=20.0,
    raise_after_s=300.0,
    clear_after_s=0.0,
    says="Bin {subject} leans by {level:.0f}°.",
    begin=from_readings(("waste",), _seen),
    unit="deg",
    means="It has been lying for five minutes: longer than it takes to empty it.",
    check=("Is it in the way of people or traffic?",),
    done="Nothing: it cannot reach the bin.",
)
