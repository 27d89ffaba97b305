"""Who wants to hear nothing of what, and until when: snoozed alarms and maintenance windows?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from gateway.alarms.alarm import Suspension
from gateway.alarms.settings import MaintenanceSettings, fits
from signal_control.operation.modes import covers

MOST: Final = 1000
"""Suspensions kept at most; the one that ends first makes way."""
_MINUTE_NS: Final = 60_000_000_000


class Silence(NamedTuple):
    """Until when (ns since the epoch) nobody wants to hear of it, and why."""

    until_ns: int
    why: str


class Quiet(NamedTuple):
    """The maintenance windows of the city file, and its time zone."""

    windows: tuple[MaintenanceSettings, ...]
    zone: tzinfo

    def at(
        self, rule: str, names: tuple[str, ...], now_ns: int, suspensions: Iterable[Suspension]
    ) -> Silence | None:
        """The silence that lasts longest of those over an alarm of `rule` on something of these names."""
        found = [
            Silence(s.until_ns, s.why or f"Snoozed by {s.who}.")
            for s in suspensions
            if now_ns < s.until_ns and fits((s.rule,), (rule,)) and fits((s.subject,), names)
        ]
        for window in self.windows:
            until_ns = self._until_ns(window, now_ns)
            if until_ns > now_ns and fits(window.rules, (rule,)) and fits(window.subjects, names):
                found.append(Silence(until_ns, window.why))
        return max(found, default=None)

    def _until_ns(self, window: MaintenanceSettings, now_ns: int) -> int:
        """The end of a window that is open now; 0 when it is not. A weekly one is told minute by minute."""
        if window.start is not None and window.stop is not None:
            begun = window.start.timestamp() * 1e9 <= now_ns
            return int(window.stop.timestamp() * 1e9) if begun else 0
        local = datetime.fromtimestamp(now_ns / 1e9, self.zone)
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        assert window.begin is not None
        assert window.end is not None
        inside = covers(window.begin, window.end, window.days, minute)
        return now_ns - now_ns % _MINUTE_NS + _MINUTE_NS if inside else 0


def with_one_more(there: Sequence[Suspension], one: Suspension, now_ns: int) -> list[Suspension]:
    """The suspensions in force with `one` in the place of an earlier one of the same patterns."""
    same = (one.rule, one.subject)
    kept = [s for s in there if s.until_ns > now_ns and (s.rule, s.subject) != same]
    kept += [one] if one.until_ns > now_ns else []
    return sorted(kept, key=lambda s: s.until_ns)[-MOST:]
