"""What is recorded of the health of detectors?

Every change of state, and every state again once an hour: so a silence of hours in the record means that
nobody was there to judge. After a start nothing is said of a detector until it has given a few good pulses,
or is found broken: one that broke on Tuesday is not well on Wednesday because arterial was started again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collectors.reading import Reading
from signal_control.health import DetectorHealth

AGAIN_NS: Final = 3_600_000_000_000


def name_of(intersection: str, channel: int) -> str:
    """What the store calls a detector."""
    return f"{intersection}-{channel}"


class Judgements:
    """The detectors of a city, as far as something was said of them."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._said: dict[str, dict[int, tuple[str, int]]] = {}
        """Per intersection and channel the state that was recorded last, and when."""

    def readings(self, intersection: str, found: Mapping[int, DetectorHealth], now_ns: int) -> list[Reading]:
        """What of `found` is worth recording at `now_ns`."""
        said = self._said.setdefault(intersection, {})
        return [
            self._reading(intersection, health, now_ns)
            for health in found.values()
            if _worth(said.get(health.channel), health, now_ns)
        ]

    def _reading(self, intersection: str, health: DetectorHealth, now_ns: int) -> Reading:
        name, said = name_of(intersection, health.channel), self._said[intersection]
        before = said.get(health.channel)
        said[health.channel] = (health.state, now_ns)
        return Reading(
            "detector",
            self._site,
            name,
            now_ns,
            {
                "channel": health.channel,
                "state": health.state,
                "reason": health.reason,
                "changed": before is None or before[0] != health.state,
            },
            {"intersection": intersection},
        )


def _worth(said: tuple[str, int] | None, health: DetectorHealth, now_ns: int) -> bool:
    """Whether to record what is thought of a detector, of which this was said last, and when."""
    if said is None:
        return health.proven
    return said[0] != health.state or not said[1] <= now_ns < said[1] + AGAIN_NS
