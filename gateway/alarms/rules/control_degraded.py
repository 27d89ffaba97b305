"""Have detectors failed so far that an intersection is not controlled adaptively?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health

DEGRADED = ("actuated", "local")


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        yield Sighting(
            cabinet.intersection, flag(cabinet.step in DEGRADED), (cabinet.intersection,), cabinet.cause
        )


RULE = Rule(
    name="control_degraded",
    code="A0304",
    title="An intersection has lost its sight",
    priority=2,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=60.0,
    says="{subject} is no longer controlled adaptively. {detail}",
    begin=from_health(_look),
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means=(
        "More than a third of the lanes have no detector that can be believed; a look ahead would be a guess."
    ),
    check=(
        "Which detectors, and since when: the alarms of single detectors, and the board Detector health.",
        "One amplifier or card for all of them? Roadworks?",
    ),
    done=(
        "It has gone down the ladder: actuated control, or the local plan. It goes up again by itself a "
        "minute after the detectors are well."
    ),
)
