"""Does a cabinet refuse what it is told?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        yield Sighting(
            cabinet.intersection, flag(bool(cabinet.refused)), (cabinet.intersection,), cabinet.refused
        )


RULE = Rule(
    name="commands_refused",
    code="A0004",
    title="A cabinet refuses commands",
    priority=2,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=30.0,
    clear_after_s=30.0,
    says="{subject} refuses its commands: {detail}",
    begin=from_health(_look),
    causes=("cabinet_flash", "conflict"),
    means=(
        "Cabinet and city file do not agree about phases, minimums or clearances, or the cabinet is not "
        "to be led now."
    ),
    check=(
        "The reason the cabinet gives.",
        "`arterial check-cabinets` compares both.",
        "`arterial explain INTERSECTION` shows what was decided.",
    ),
    done="It sends the newest decision again. The cabinet runs its local plan meanwhile.",
)
