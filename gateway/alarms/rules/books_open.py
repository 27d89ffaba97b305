"""Do the books not balance?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for store in health.stores:
        yield Sighting(store.name, flag(not store.balanced), (store.name,))


RULE = Rule(
    name="books_open",
    code="A9104",
    title="The books do not balance",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=30.0,
    clear_after_s=10.0,
    says="In the books of {subject} received is not stored + refused + duplicate + waiting.",
    begin=from_health(_look),
    means=(
        "A reading is unaccounted for, or counted twice. That must never happen; it is a fault of arterial."
    ),
    check=("`arterial status` shows the books by kind.", "Keep the folder VAR with its log, and report it."),
    done="Nothing but counting: readings go on being kept and written.",
)
