"""Which site and device does a topic name?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

PLACEHOLDERS: Final = ("{site}", "{device}", "+")

_LITERAL = re.compile(r"[^+#{}\x00]+")

Shape = tuple[int, tuple[int, ...]]
"""Number of levels, and the places of the literal ones."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The shape of the topics of one source, for example `arterial/{site}/water/{device}`.

    `{site}` and `{device}` stand for one level each, `+` for one level that does not matter; a shape without
    `{site}` needs the argument `site`. Raises ValueError for any other text.
    """

    text: str
    site: str = ""
    shape: Shape = field(init=False)
    literals: tuple[str, ...] = field(init=False)
    _site_at: int = field(init=False, repr=False)
    _device_at: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        levels = self.text.split("/")
        _check(self.text, levels, self.site)
        places = tuple(i for i, level in enumerate(levels) if level not in PLACEHOLDERS)
        for name, value in (
            ("shape", (len(levels), places)),
            ("literals", tuple(levels[i] for i in places)),
            ("_site_at", -1 if self.site else levels.index("{site}")),
            ("_device_at", levels.index("{device}")),
        ):
            object.__setattr__(self, name, value)

    @property
    def subscription(self) -> str:
        """The MQTT filter that brings exactly these topics."""
        return "/".join("+" if level in PLACEHOLDERS else level for level in self.text.split("/"))

    def matches(self, levels: list[str]) -> bool:
        """Whether the levels of a topic fit."""
        length, places = self.shape
        return len(levels) == length and tuple(levels[i] for i in places) == self.literals

    def named(self, levels: list[str]) -> tuple[str, str]:
        """(site, device) out of the levels of a topic that matches."""
        return self.site or levels[self._site_at], levels[self._device_at]


def _check(text: str, levels: list[str], site: str) -> None:
    for level in levels:
        if level not in PLACEHOLDERS and not _LITERAL.fullmatch(level):
            raise ValueError(
                f"topic '{text}': '{level}' is neither a name nor one of {', '.join(PLACEHOLDERS)}"
            )
    if levels.count("{device}") != 1:
        raise ValueError(f"topic '{text}' must name {{device}} once")
    if levels.count("{site}") + bool(site) != 1:
        raise ValueError(f"topic '{text}' must name {{site}} once, or the source must give its site")
