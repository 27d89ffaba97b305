"""Is the connection to the broker down?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health


def _look(health: Health) -> Iterator[Sighting]:
    yield Sighting("broker", flag(not health.broker_up), detail=health.broker_why)


RULE = Rule(
    name="broker_away",
    code="A9105",
    title="The broker is away",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=30.0,
    clear_after_s=10.0,
    says="No connection to the MQTT broker. {detail}",
    begin=from_health(_look),
    means="Nothing arrives from any device that speaks MQTT, and no cabinet on it can be commanded.",
    check=(
        "Is the broker up, and can this computer reach it?",
        "Certificates, name and password: what does the log in VAR/log say?",
    ),
    done=(
        "It tries again every few seconds. Commands expire, so the cabinets run their local plans. The "
        "broker keeps messages of QoS 1."
    ),
)
