"""Does a queue reach the intersection behind it?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting

SPACING_M: Final = 7.5
"""A standing vehicle with its gap."""


class _Watch:
    """The share of a lane's length that its queue takes; pocket lanes shorter than `shortest_m` left out."""

    kinds = ("queue",)

    def __init__(self, known: Known, options: Options) -> None:
        self._room_veh = {
            lane.id: lane.length_m / SPACING_M
            for node in known.intersections
            for lane in node.lanes
            if lane.length_m >= options["shortest_m"]
        }

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        room = self._room_veh.get(reading.device)
        if room is None or reading.fields.get("health") == "blind":
            return ()
        share = float(reading.fields.get("queue_veh", 0.0)) / room
        return (Sighting(reading.device, share, (reading.tags.get("intersection", ""),)),)

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        return ()


RULE = Rule(
    name="spillback",
    code="A9501",
    title="A queue spills back",
    priority=2,
    category="T",
    raise_at=0.9,
    clear_at=0.6,
    raise_after_s=20.0,
    clear_after_s=120.0,
    says="The queue takes {level:.0%} of lane {subject}.",
    begin=_Watch,
    options={"shortest_m": 60.0},
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means="Vehicles stand back to the intersection behind, and may block it.",
    check=(
        "Something ahead: an accident, a closed lane, a bus?",
        "Does its green let anybody go (board, strip chart)?",
        "Is the detector right? Compare with a camera.",
    ),
    done="Adaptive strategies serve what is full, and hold back what would flow into a full lane.",
)
