"""Which devices have been silent for longer than they ever are, and how many of each kind are overdue?

What is usual is measured of every device (gateway.devices.facts): three of its longest intervals, or of those
it promises or is declared to have, and never less than five minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from collectors.registry import Registered
from gateway.alarms.health import Silence
from gateway.devices.facts import Facts

LEAST_S: Final = 300.0
TIMES: Final = 3.0
OVERDUE: Final = 0.67
"""From this share of the time allowed on a device counts as overdue for its whole kind."""
LOOK_NS: Final = 15_000_000_000
JUMP_NS: Final = 300_000_000_000
NOT_DEVICES: Final = frozenset({"hires", "signal", "truth", "street"})
"""Cabinets have an alarm of their own, and a simulated street is no device."""


class Silences:
    """Looks at all devices now and then; who is retired need not speak any more."""

    def __init__(
        self,
        facts: Callable[[], Iterable[Facts]],
        registered: Callable[[str, str], Registered | None] = lambda site, device: None,
    ) -> None:
        self._facts, self._registered = facts, registered
        self._from_ns = self._looked_ns = 0
        self._found = Silence()

    def look(self, now_ns: int, connected: bool = True) -> Silence:
        """Who is silent at `now_ns`. Time without a broker, before the start, or while the clock was wrong,
        is held against nobody."""
        since_ns = now_ns - self._looked_ns
        if not connected or not 0 <= since_ns <= JUMP_NS:
            self._from_ns, self._looked_ns = now_ns, now_ns
            return self._found
        if since_ns >= LOOK_NS:
            self._looked_ns = now_ns
            self._found = self._look(now_ns)
        return self._found

    def _look(self, now_ns: int) -> Silence:
        silent: list[tuple[str, str, float]] = []
        unheard: set[str] = set()
        kinds: dict[str, list[int]] = {}
        for facts in self._facts():
            kind = facts.kinds[0] if facts.kinds else ""
            entry = self._registered(facts.site, facts.device)
            usual_s = usual(facts, entry.every_s if entry else 0.0)
            if usual_s is None or not NOT_DEVICES.isdisjoint(facts.kinds) or (entry and entry.retired):
                continue
            count = kinds.setdefault(kind, [0, 0])
            count[1] += 1
            if now_ns - facts.last_ns < LEAST_S * OVERDUE * 1e9:
                continue
            allowed_ns = max(LEAST_S, TIMES * usual_s) * 1e9
            held_ns = now_ns - max(facts.last_ns, self._from_ns)
            count[0] += held_ns >= OVERDUE * allowed_ns
            if now_ns - facts.last_ns >= allowed_ns:
                unheard.add(facts.device)
            if held_ns >= allowed_ns:
                silent.append((facts.device, kind, (now_ns - facts.last_ns) / 1e9))
        return Silence(tuple(silent), frozenset(unheard), {kind: (n, of) for kind, (n, of) in kinds.items()})


def usual(facts: Facts, declared_s: float = 0.0) -> float | None:
    """The longest usual time between two messages of a device, seconds; None while it is not known.

    What is declared counts for what is measured.
    """
    if declared_s:
        return declared_s
    known = [s for s in (facts.longest_s, facts.said_s or None) if s is not None]
    return max(known) if known else None
