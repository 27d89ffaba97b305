"""Which device has not spoken for longer than it ever is silent?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting, flag

MOST: Final = 20_000


class _Watch:
    """Names the silent, and those that have spoken again."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._open = dict.fromkeys(known.open.get("device_silent", ()))

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        silence = health.silence
        for device, kind, for_s in silence.silent:
            detail = f"It has said nothing for {for_s / 60:.0f} min."
            yield Sighting(device, flag(True), (kind, "broker"), detail)
            if len(self._open) < MOST:
                self._open[device] = None
        if silence.kinds:
            for device in [d for d in self._open if d not in silence.unheard]:
                del self._open[device]
                yield Sighting(device, flag(False))


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
    means="It has said nothing for three times its longest usual interval, and for five minutes at least.",
    check=(
        "Its battery, as it was last told.",
        "Its radio: do neighbours speak over the same gateway?",
        "Was it taken away? Then `arterial devices retire` it.",
    ),
    done="Its last values are shown with their age; nothing is made up in their place.",
    causes=("feed_silent", "broker_away", "supply_failed"),
)
