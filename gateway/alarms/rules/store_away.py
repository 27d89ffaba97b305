"""Does a store take nothing?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for store in health.stores:
        yield Sighting(store.name, flag(store.state == "down"), (store.name,), store.why)


RULE = Rule(
    name="store_away",
    code="A9101",
    title="A store is away",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=60.0,
    clear_after_s=10.0,
    says="Store {subject} takes nothing. {detail}",
    begin=from_health(_look),
    means="The database does not answer, or refuses what it is sent.",
    check=(
        "Is the server up, is its disk full, can this computer reach it?",
        "`arterial status` tells what it answered last.",
    ),
    done="Readings wait on the disk here and are written when it is back. Control does not need the store.",
)
