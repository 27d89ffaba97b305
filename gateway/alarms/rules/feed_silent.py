"""Have all devices that share a gateway or a line fallen silent together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting, flag

WHATS: Final = ("outage",)
MOST: Final = 20_000


class _Watch:
    """Names the findings of this sort, and whoever has none any more."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._open = dict.fromkeys(known.open.get("feed_silent", ()))
        self._cabinets = frozenset(node.id for node in known.intersections)

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        there: set[str] = set()
        for one in health.findings:
            if one.what in WHATS and one.subject not in self._cabinets and len(there) < MOST:
                there.add(one.subject)
                yield Sighting(one.subject, flag(True), ("broker",), f"{one.devices} devices: {one.why}.")
        for subject in [name for name in self._open if name not in there]:
            yield Sighting(subject, flag(False))
        self._open = dict.fromkeys(there)


RULE = Rule(
    name="feed_silent",
    code="A9203",
    title="A whole feed is silent",
    priority=2,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=60.0,
    says="Everything behind feed {subject} is silent. {detail}",
    begin=_Watch,
    means="Not the devices have failed but what they have in common: a gateway, a network server, a bridge.",
    check=(
        "The network server or gateway of that kind, and its connection to the broker.",
        "Has a password or certificate of it expired? `arterial refused list`: is it refused?",
    ),
    done="The single devices raise no alarms while this lasts.",
    causes=("broker_away",),
)
