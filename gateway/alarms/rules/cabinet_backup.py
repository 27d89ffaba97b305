"""Does a cabinet run its own plan although it is commanded?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health

COMMANDED = ("adaptive", "held")


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        if cabinet.mode and cabinet.decision != "waiting":  # which it is during every yellow of its own
            alone = cabinet.mode == "local" and cabinet.decision in COMMANDED
            yield Sighting(
                cabinet.intersection, flag(alone), (cabinet.intersection,), cabinet.refused or cabinet.fault
            )


RULE = Rule(
    name="cabinet_backup",
    code="A0009",
    title="A cabinet does not follow",
    priority=2,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=60.0,
    clear_after_s=30.0,
    says="{subject} runs its local plan (backup) although it is commanded. {detail}",
    begin=from_health(_look),
    causes=("cabinet_silent", "cabinet_flash", "conflict", "commands_refused"),
    means=(
        "Commands do not reach the cabinet, or it does not act on them. Traffic is controlled, but by the"
        " fixed plan."
    ),
    check=(
        "Is remote control enabled at the cabinet?",
        "`arterial check-cabinets`",
        "Are the clocks of cabinet and arterial apart, so that commands seem expired?",
    ),
    done=(
        "It goes on offering commands every few seconds, and leaves the cabinet alone for ten seconds "
        "after two without an answer."
    ),
)
