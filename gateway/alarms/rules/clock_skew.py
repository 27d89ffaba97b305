"""Which device has a wrong clock?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting

NOTED_S = 5.0
MOST = 1000


class _Watch:
    """Health names the clocks furthest off; who is no longer among them is at most as far off as the last."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._off = dict.fromkeys(known.open.get("clock_skew", ()))

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        if not health.clocks:
            return
        for device, ahead_s in health.clocks:
            detail = f"It is {abs(ahead_s):.0f} s {'ahead' if ahead_s > 0 else 'behind'}."
            yield Sighting(device, abs(ahead_s), (device,), detail)
            if abs(ahead_s) >= NOTED_S and len(self._off) < MOST:
                self._off[device] = None
        named, least_s = dict(health.clocks), min(abs(ahead_s) for _, ahead_s in health.clocks)
        for device in [device for device in self._off if device not in named]:
            yield Sighting(device, least_s, (device,))
            if least_s < NOTED_S:
                del self._off[device]


RULE = Rule(
    name="clock_skew",
    code="A9107",
    title="A device has a wrong clock",
    priority=3,
    category="D",
    raise_at=30.0,
    clear_at=5.0,
    raise_after_s=120.0,
    clear_after_s=60.0,
    says="The clock of {subject} is wrong. {detail}",
    begin=_Watch,
    unit="s",
    means=(
        "Its readings stand at the wrong time: curves, sums by hour and split failures are wrong with them."
    ),
    check=(
        "Does it reach a time server (NTP)?",
        "Its time zone: is it off by whole hours?",
        "Its battery, if it keeps the time by itself.",
    ),
    done="Readings are kept with their own time and ours, and flagged where the time is impossible.",
)
