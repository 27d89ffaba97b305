"""What do all rules together make of readings and of the health of the program? Pure, time is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from collectors.quality import Flag
from collectors.reading import Reading
from gateway.alarms.alarm import Happening
from gateway.alarms.engine import Engine, Kept
from gateway.alarms.health import Health
from gateway.alarms.quiet import Quiet
from gateway.alarms.rule import Known, Rule, Sighting, Watch, rules
from gateway.alarms.settings import AlarmTables, options

OLD: Final = int(Flag.RETAINED | Flag.LATE | Flag.CLOCK)
"""What is flagged so says nothing about now."""


class Watching:
    """Every rule at work, and the engine behind them."""

    def __init__(
        self,
        tables: AlarmTables | None = None,
        known: Known | None = None,
        zone: tzinfo | None = None,
        kept: Kept | None = None,
    ) -> None:
        tables, there = tables or AlarmTables(), rules()
        self.rules: dict[str, Rule] = there
        self.engine = Engine(there, tables.alarms, Quiet(tables.maintenance, zone or ZoneInfo("UTC")), kept)
        known = (known or Known())._replace(open=_open(kept))
        self._watches: dict[str, Watch] = {
            name: rule.begin(known, options(rule, tables.alarms)) for name, rule in there.items()
        }
        self._by_kind: dict[str, list[tuple[str, Watch]]] = {}
        for name, watch in self._watches.items():
            for kind in watch.kinds:
                self._by_kind.setdefault(kind, []).append((name, watch))

    def observe(self, reading: Reading) -> None:
        """Take a reading of any kind in. A listener of ingest: it never waits."""
        watches = self._by_kind.get(reading.kind)
        if watches is None or reading.quality & OLD:
            return
        for name, watch in watches:
            self._sight(name, watch.observe(reading))

    def tick(self, now_ns: int, health: Health) -> list[Happening]:
        """It is `now_ns` (city time): look, and tell what happened to alarms. About once a second."""
        for name, watch in self._watches.items():
            self._sight(name, watch.look(now_ns, health))
        return self.engine.tick(now_ns)

    def _sight(self, rule: str, found: Iterable[Sighting]) -> None:
        sight = self.engine.sight
        for sighting in found:
            sight(rule, sighting)


def _open(kept: Kept | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for track in kept.tracks if kept else ():
        found[track.rule] = (*found.get(track.rule, ()), track.subject)
    return found
