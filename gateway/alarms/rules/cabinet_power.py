"""Has a cabinet lost its mains?"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.reading import Reading
from gateway.alarms.rule import Rule, Sighting, flag, from_readings

FAILED, RESTORED = 182, 184


def _seen(reading: Reading) -> Iterator[Sighting]:
    code = reading.fields.get("code")
    if code in (FAILED, RESTORED):
        yield Sighting(reading.device, flag(code == FAILED), (reading.device,))


RULE = Rule(
    name="cabinet_power",
    code="A0009",
    title="A cabinet has no power",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=5.0,
    clear_after_s=30.0,
    says="{subject} has lost its mains.",
    begin=from_readings(("hires",), _seen),
    means="The controller has logged a power failure: it runs on its battery, or is dark.",
    check=("Is it a feeder (other alarms nearby) or this cabinet alone?", "How long does its battery last?"),
    done="Commands go on as long as it answers.",
)
