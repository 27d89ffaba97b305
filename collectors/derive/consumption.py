"""How much was used, quarter hour by quarter hour? Never less than nothing, whatever the counter does."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.derived import Use
from collectors.quality import Flag
from collectors.reading import Reading

_NS_PER_MS = 1_000_000


class Consumption:
    """One reading for each use, at the end of its time. It remembers nothing."""

    def follow(self, reading: Reading, uses: Sequence[Use]) -> list[Reading]:
        """The readings."""
        return [_reading(use, reading.received_ns) for use in uses]

    def kept(self) -> bytes:
        """Nothing."""
        return b""

    def take(self, body: bytes) -> None:
        """Nothing."""


def _reading(use: Use, received_ns: int) -> Reading:
    """Two counters of one device differ in their tie."""
    quality = (Flag.SUBSTITUTED if use.doubtful else 0) | (Flag.GAP if use.gap else 0)
    return Reading(
        "consumption",
        use.site,
        use.device,
        use.to_ms * _NS_PER_MS,
        {use.field: round(use.amount, 9), "interval_s": (use.to_ms - use.from_ms) / 1000},
        {"of": use.kind},
        use.number,
        received_ns,
        int(quality),
    )


def create() -> Consumption:
    """A new one."""
    return Consumption()
