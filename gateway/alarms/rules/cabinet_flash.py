"""Does an intersection flash?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        if cabinet.mode:
            yield Sighting(cabinet.intersection, flag(cabinet.mode == "flash"), (cabinet.intersection,))


RULE = Rule(
    name="cabinet_flash",
    code="A0001",
    title="An intersection flashes",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=2.0,
    clear_after_s=10.0,
    says="{subject} flashes: somebody switched it so, or a monitor tripped.",
    begin=from_health(_look),
    causes=("conflict",),
    means="The signals do not control traffic; drivers have to give way by themselves.",
    check=(
        "Is a technician or the police at the cabinet?",
        "Else send one: only a person at the cabinet may end it.",
    ),
    done="No command is sent while it flashes. Neighbours go on without its traffic.",
)
