"""Where does water or gas run without a break?"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.reading import Reading
from gateway.alarms.rule import Rule, Sighting, from_readings


def _seen(reading: Reading) -> Iterator[Sighting]:
    flow, hours = reading.fields.get("flow_m3_h"), reading.fields.get("hours")
    if isinstance(flow, int | float):
        detail = f"It has not rested for {hours} h."
        yield Sighting(reading.device, float(flow), (reading.tags.get("of", ""),), detail)


RULE = Rule(
    name="leak",
    code="A9402",
    title="A connection leaks",
    priority=2,
    category="D",
    raise_at=0.002,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=0.0,
    says="{subject} leaks at least {level:.3f} m³/h. {detail}",
    begin=from_readings(("leak",), _seen),
    means="The meter has not stood still for one hour of a whole day: a pipe, a cistern or a valve leaks.",
    check=(
        "Tell whoever has the connection: a running cistern is the usual cause.",
        "Several in one street: the main, or the pressure.",
    ),
    done="It follows the least flow hour by hour; what has run through is in the readings of kind `leak`.",
    unit="m³/h",
)
