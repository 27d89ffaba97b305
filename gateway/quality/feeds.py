"""What do the messages of a device come through, and how often is it said to speak?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from collectors.judge.rules import Other
from collectors.reading import BadPayload
from collectors.registry import Devices

_ANY = "any"


class FeedSettings(BaseModel):
    """[[quality.feeds]]: devices that share a gateway, a network server, a line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    devices: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids or patterns (# is a digit, w-####)."""

    @field_validator("devices")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        Devices({_ANY: value})
        return value


class Feeds:
    """By device. Every device shares its site, and within it its kind, with others; and what is declared."""

    def __init__(self, declared: Sequence[FeedSettings] = (), rules: Sequence[Other] = ()) -> None:
        self._declared = [(feed.name, Devices({_ANY: feed.devices})) for feed in declared]
        self._rules = [
            (rule.kind, rule.expected_s, Devices({_ANY: rule.devices})) for rule in rules if rule.expected_s
        ]
        self.of = lru_cache(maxsize=131_072)(self._of)

    def expected_s(self, kind: str, device: str) -> float:
        """How often a device is declared to speak, seconds; 0: nobody has."""
        return max(
            [s for of, s, devices in self._rules if of == kind and _allowed(devices, device)], default=0
        )

    def _of(self, site: str, kind: str, device: str) -> tuple[str, ...]:
        """Broadest first."""
        mine = [name for name, devices in self._declared if _allowed(devices, device)]
        return (site, *mine, f"{site}:{kind}")


def _allowed(devices: Devices, device: str) -> bool:
    try:
        devices.allow(_ANY, device)
    except BadPayload:
        return False
    return True
