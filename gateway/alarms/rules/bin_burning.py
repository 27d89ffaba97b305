"""Does a bin burn?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import DEVICES, Known, Options, Rule, Sighting

NS_PER_MIN: Final = 60_000_000_000


class _Watch:
    """Hot, or on the way to it: the temperature now, or what it will be in some minutes if it goes on so."""

    kinds = ("waste",)

    def __init__(self, known: Known, options: Options) -> None:
        self._ahead_min = options["ahead_min"]
        self._quick = options["quick_c_per_min"]
        self._last: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        now_c = reading.fields.get("temperature_c")
        if not isinstance(now_c, int | float):
            return ()
        before = self._last.get(reading.device)
        self._last[reading.device] = (reading.at_ns, float(now_c))
        self._last.move_to_end(reading.device)
        if len(self._last) > DEVICES:
            self._last.popitem(last=False)
        rate = 0.0
        if before is not None and reading.at_ns > before[0]:
            rate = (now_c - before[1]) * NS_PER_MIN / (reading.at_ns - before[0])
        soon_c = now_c + rate * self._ahead_min if rate >= self._quick else now_c
        return (Sighting(reading.device, float(soon_c), (reading.kind,), f"It has {now_c:.0f} °C."),)

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        return ()


RULE = Rule(
    name="bin_burning",
    code="A9302",
    title="A bin burns",
    priority=1,
    category="D",
    raise_at=60.0,
    clear_at=40.0,
    raise_after_s=0.0,
    clear_after_s=300.0,
    says="Bin {subject} is on fire or about to be. {detail}",
    begin=_Watch,
    unit="°C",
    options={"ahead_min": 5.0, "quick_c_per_min": 3.0},
    means="It is hotter than 60 °C inside, or gets hotter so quickly that it will be within five minutes.",
    check=("Call the fire brigade; what stands beside it?", "Sun on a dark bin reaches 50 °C, not more."),
    done="Nothing: it cannot reach the bin.",
)
