"""Does the room for what waits come to its end?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, from_health


def _look(health: Health) -> Iterator[Sighting]:
    yield Sighting("spool", health.spool_used)


RULE = Rule(
    name="spool_filling",
    code="A9103",
    title="The spool fills up",
    priority=1,
    category="D",
    raise_at=0.7,
    clear_at=0.5,
    raise_after_s=0.0,
    clear_after_s=30.0,
    says="{level:.0%} of the room for waiting readings is used.",
    begin=from_health(_look),
    means="A store has been away or slow for so long that the room on this disk ends soon.",
    check=(
        "Which store is away? Bring it back, or take it out of the city file and restart.",
        "Is there disk for a larger [spool] max_mb?",
    ),
    done=(
        "Readings are kept. When the spool is full, arterial stops acknowledging, and the broker keeps "
        "what comes."
    ),
)
