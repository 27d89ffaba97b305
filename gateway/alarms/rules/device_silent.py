"""Which device has not spoken for longer than it ever is silent?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting, flag

WHATS: Final = ("silent",)
MOST: Final = 20_000


class _Watch:
    """Names the findings of this sort, and whoever has none any more."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._open = dict.fromkeys(known.open.get("device_silent", ()))
        self._cabinets = frozenset(node.id for node in known.intersections)

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        there: set[str] = set()
        for one in health.findings:
            if one.what in WHATS and one.subject not in self._cabinets and len(there) < MOST:
                there.add(one.subject)
                yield Sighting(
                    one.subject,
                    flag(True),
                    ("broker",),
                    f"Silent for {(now_ns - one.since_ns) / 60e9:.0f} min; {one.why}.",
                )
        for subject in [name for name in self._open if name not in there]:
            yield Sighting(subject, flag(False))
        self._open = dict.fromkeys(there)


RULE = Rule(
    name="device_silent",
    code="A9202",
    title="A device is silent",
    priority=3,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=60.0,
    clear_after_s=0.0,
    says="{subject} is silent. {detail}",
    begin=_Watch,
    means="It has said nothing for three of its usual intervals, or two of those declared, and a minute.",
    check=(
        "Its battery, as it was last told.",
        "Its radio: do neighbours speak over the same gateway?",
        "Was it taken away? Then `arterial devices retire` it.",
    ),
    done="Its last values are shown with their age; nothing is made up in their place.",
    causes=("broker_away",),
)
