"""Have many electricity meters of one area lost their supply together?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import DEVICES, Known, Options, Rule, Sighting

SPAN_NS: Final = 600_000_000_000
"""A meter that has not spoken for so long neither counts as dark nor as supplied."""


class _Watch:
    """The share of meters whose voltage is gone, by site, of those that have spoken lately."""

    kinds = ("power",)

    def __init__(self, known: Known, options: Options) -> None:
        self._dark_v, self._fewest = options["dark_v"], options["fewest"]
        self._last: OrderedDict[tuple[str, str], tuple[int, bool]] = OrderedDict()
        self._looked_ns = 0

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        volts = reading.fields.get("voltage_v")
        if isinstance(volts, int | float):
            key = (reading.site, reading.device)
            self._last[key] = (reading.at_ns, volts < self._dark_v)
            self._last.move_to_end(key)
            if len(self._last) > DEVICES:
                self._last.popitem(last=False)
        return ()

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        if 0 <= now_ns - self._looked_ns < 10_000_000_000:
            return ()
        self._looked_ns = now_ns
        there: dict[str, list[bool]] = {}
        for (site, _), (at_ns, dark) in self._last.items():
            if now_ns - at_ns <= SPAN_NS:
                there.setdefault(site, []).append(dark)
        return [_share(site, dark, self._fewest) for site, dark in there.items()]


def _share(site: str, dark: list[bool], fewest: float) -> Sighting:
    many = sum(dark)
    level = many / len(dark) if many >= fewest else 0.0
    return Sighting(site, level, ("power",), f"{many} of {len(dark)} meters have no voltage.")


RULE = Rule(
    name="supply_failed",
    code="A9401",
    title="The electricity supply has failed",
    priority=1,
    category="D",
    raise_at=0.1,
    clear_at=0.02,
    raise_after_s=30.0,
    clear_after_s=120.0,
    says="Supply failed at {subject}. {detail}",
    begin=_Watch,
    options={"dark_v": 100.0, "fewest": 5.0},
    means="A tenth of the meters, and at least five, report next to no voltage: a feeder is out.",
    check=(
        "Call the grid operator: which feeder?",
        "Which intersections are on it, and how long do their batteries last?",
    ),
    done="Nothing: meters with batteries go on reporting.",
)
