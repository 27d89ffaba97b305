"""Has a bus asked for priority and never left?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting

ON: Final = (112,)
OFF: Final = (115,)
MOST: Final = 4096


class _Watch:
    """Since when each request for priority has been on."""

    kinds = ("hires",)

    def __init__(self, known: Known, options: Options) -> None:
        self._since: dict[tuple[str, int], int] = {}

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        code, key = reading.fields.get("code"), (reading.device, int(reading.fields.get("param", 0)))
        if code in ON and (key in self._since or len(self._since) < MOST):
            self._since.setdefault(key, reading.at_ns)
        elif code in OFF:
            self._since.pop(key, None)
            return (_sighting(key, 0.0),)
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        for key, since_ns in self._since.items():
            yield _sighting(key, max(0.0, (now_ns - since_ns) / 1e9))


def _sighting(key: tuple[str, int], for_s: float) -> Sighting:
    return Sighting(f"{key[0]}:{key[1]}", for_s, (key[0],))


RULE = Rule(
    name="priority_long",
    code="A9601",
    title="A request for priority does not end",
    priority=3,
    category="T",
    raise_at=300.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=0.0,
    says="Request for priority {subject} has been on for {level:.0f} s.",
    begin=_Watch,
    unit="s",
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means="A bus or tram has checked in and not out: its check-out was lost, or the detector is stuck.",
    check=("Check-out detector or radio of that approach.", "Does it happen with one vehicle only?"),
    done="Nothing: priority is the cabinet's.",
)
