"""Which device says what cannot be believed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting, flag

WHATS: Final = ("stuck", "range", "rate")
MOST: Final = 20_000


class _Watch:
    """Names the findings of this sort, and whoever has none any more."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._open = dict.fromkeys(known.open.get("device_doubtful", ()))
        self._cabinets = frozenset(node.id for node in known.intersections)

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        there: set[str] = set()
        for one in health.findings:
            if one.what in WHATS and one.subject not in self._cabinets and len(there) < MOST:
                there.add(one.subject)
                yield Sighting(one.subject, flag(True), (one.kind,), f"{one.why[:1].upper()}{one.why[1:]}.")
        for subject in [name for name in self._open if name not in there]:
            yield Sighting(subject, flag(False))
        self._open = dict.fromkeys(there)


RULE = Rule(
    name="device_doubtful",
    code="A9204",
    title="A device cannot be believed",
    priority=3,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=60.0,
    clear_after_s=60.0,
    says="What {subject} says cannot be believed. {detail}",
    begin=_Watch,
    means="Its readings are flagged again and again: stuck, out of range, or jumping (docs/quality.md).",
    check=(
        "The curve of the device: since when, and what does a neighbour say?",
        "The sensor itself: dirt, frost, a loose wire; then whether it was declared in the right unit.",
    ),
    done="Its readings are kept with their flags; what is derived from them is flagged, too.",
)
