"""Is a store far behind what has come in?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for store in health.stores:
        yield Sighting(store.name, store.lag_s, (store.name,))


RULE = Rule(
    name="pipeline_lag",
    code="A9102",
    title="Readings reach the store late",
    priority=2,
    category="D",
    raise_at=60.0,
    clear_at=10.0,
    raise_after_s=60.0,
    clear_after_s=60.0,
    says="Store {subject} is {level:.0f} s behind.",
    begin=from_health(_look),
    unit="s",
    causes=("store_away",),
    means="The store takes readings more slowly than they come. What boards and reports show is old.",
    check=(
        "How busy is the database server?",
        "Has the number of devices grown?",
        "`arterial status`: how much waits, and does it grow?",
    ),
    done="Nothing is lost: what waits is on the disk. Control and this board do not read the store.",
)
