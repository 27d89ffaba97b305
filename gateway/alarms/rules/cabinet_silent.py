"""Does a cabinet say nothing?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        if cabinet.age_s is not None:
            yield Sighting(cabinet.intersection, cabinet.age_s, (cabinet.intersection,), cabinet.fault)


RULE = Rule(
    name="cabinet_silent",
    code="A0007",
    title="A cabinet is silent",
    priority=2,
    category="D",
    raise_at=30.0,
    clear_at=5.0,
    raise_after_s=0.0,
    clear_after_s=10.0,
    says="{subject} has not reported its lights for {level:.0f} s. {detail}",
    begin=from_health(_look),
    unit="s",
    causes=("broker_away", "cabinet_power"),
    means="Nothing is known of the lights. The line to the cabinet is down, or the cabinet is.",
    check=("Modem, switch and power at the cabinet.", "Do its neighbours on the same line report?"),
    done="No command is sent to it. When the last one expires the cabinet runs its local plan by itself.",
)
