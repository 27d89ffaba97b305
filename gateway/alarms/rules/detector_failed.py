"""Which detector cannot be believed?"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.alarms.health import Health
from gateway.alarms.rule import Rule, Sighting, flag, from_health

LOGIC = {
    "stuck_on": "is always on",
    "chatter": "chatters",
    "implausible": "counts what cannot be",
    "silent": "is dead",
}


def _look(health: Health) -> Iterator[Sighting]:
    for cabinet in health.cabinets:
        for channel, found in cabinet.detectors.items():
            detail = f"It {LOGIC.get(found.state, found.state)}. {found.reason}" if not found.trusted else ""
            name = f"{cabinet.intersection}-{channel}"
            yield Sighting(name, flag(not found.trusted), (cabinet.intersection,), detail)


RULE = Rule(
    name="detector_failed",
    code="A0302",
    title="A detector has failed",
    priority=3,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=30.0,
    clear_after_s=60.0,
    says="Detector {subject} cannot be believed. {detail}",
    begin=from_health(_look),
    causes=("control_degraded", "cabinet_silent", "cabinet_flash", "conflict", "cabinet_power"),
    means="A detector is dead, stuck, chatters, or counts what its neighbours contradict.",
    check=(
        "The loop and its amplifier; a parked vehicle; roadworks.",
        "Sensitivity, and whether two channels are swapped.",
    ),
    done="The detector is left out. Its lane lives on what other detectors say, with a larger uncertainty.",
)
