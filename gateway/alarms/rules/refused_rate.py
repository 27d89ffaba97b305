"""Does much arrive that is no reading?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting

SPAN_NS: Final = 60_000_000_000


class _Watch:
    """Counts over the last minute."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._counts: deque[tuple[int, int]] = deque()

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        if health.refused is None:
            return ()
        counts = self._counts
        if counts and (now_ns < counts[-1][0] or health.refused < counts[-1][1]):
            counts.clear()
        if not counts or now_ns - counts[-1][0] >= SPAN_NS // 60:
            counts.append((now_ns, health.refused))
        while len(counts) > 1 and now_ns - counts[1][0] >= SPAN_NS:
            counts.popleft()
        return (Sighting("refused", float(health.refused - counts[0][1])),)


RULE = Rule(
    name="refused_rate",
    code="A9106",
    title="Payloads are refused",
    priority=3,
    category="D",
    raise_at=60.0,
    clear_at=5.0,
    raise_after_s=60.0,
    clear_after_s=120.0,
    says="{level:.0f} payloads in a minute were no readings.",
    begin=_Watch,
    unit="per minute",
    means=(
        "A device, or a whole type of them, sends what no source of the city file can read: new firmware,"
        " another unit, a wrong topic."
    ),
    check=(
        "`arterial refused list` names topics and reasons.",
        "After a fix in the city file: `arterial refused replay`.",
    ),
    done="What was refused is kept with its bytes and the reason, and can be read in again.",
)
