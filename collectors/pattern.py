"""Which levels of a topic say what, when the format knows more than site and device?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.topic import Shape

_NAMED = re.compile(r"\{[a-z][a-z0-9_]*\}|\+")
_LITERAL = re.compile(r"[^+#{}\x00]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The shape of a topic, for example `application/+/device/{device}/event/{event}`.

    As `Topic`, except that levels may have any name in braces, that `{device}` may be left to the payload,
    and that `site` stands in where there is no `{site}`. Raises ValueError for any other text.
    """

    text: str
    site: str = ""
    shape: Shape = field(init=False)
    literals: tuple[str, ...] = field(init=False)
    _words: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        levels = self.text.split("/")
        for level in levels:
            if not _NAMED.fullmatch(level) and not _LITERAL.fullmatch(level):
                raise ValueError(f"topic '{self.text}': '{level}' is neither a name, nor +, nor a {{word}}")
        for word in ("{site}", "{device}"):
            if levels.count(word) > 1:
                raise ValueError(f"topic '{self.text}' names {word} twice")
        if levels.count("{site}") + bool(self.site) != 1:
            raise ValueError(f"topic '{self.text}' must name {{site}}, or the source must give its site")
        places = tuple(i for i, level in enumerate(levels) if not _NAMED.fullmatch(level))
        for name, value in (
            ("shape", (len(levels), places)),
            ("literals", tuple(levels[i] for i in places)),
            ("_words", {level[1:-1]: i for i, level in enumerate(levels) if level[0] == "{"}),
        ):
            object.__setattr__(self, name, value)

    @property
    def subscription(self) -> str:
        """The MQTT filter that brings exactly these topics."""
        return "/".join("+" if _NAMED.fullmatch(level) else level for level in self.text.split("/"))

    def matches(self, levels: list[str]) -> bool:
        """Whether the levels of a topic fit."""
        length, places = self.shape
        return len(levels) == length and tuple(levels[i] for i in places) == self.literals

    def named(self, levels: list[str]) -> tuple[str, str]:
        """(site, device) out of the levels of a topic that matches; no device where none is named."""
        return self.site or self.word("site", levels), self.word("device", levels)

    def word(self, name: str, levels: Sequence[str]) -> str:
        """What a topic that matches says at `{name}`; empty where the shape has no such level."""
        place = self._words.get(name)
        return "" if place is None else levels[place]
