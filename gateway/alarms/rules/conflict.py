"""Has a conflict monitor tripped?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting, flag

FLASH_STATE, FAULT_MONITOR, MMU = 173, 5, 6
FRESH_S: Final = 5.0
SETTLED_NS: Final = 10_000_000_000


class _Watch:
    """Tripped when the cabinet logs it; over when it logs that, or has not flashed for a while."""

    kinds = ("hires",)

    def __init__(self, known: Known, options: Options) -> None:
        self._tripped_ns = dict.fromkeys(known.open.get("conflict", ()), 0)

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        if reading.fields.get("code") != FLASH_STATE:
            return ()
        tripped = reading.fields.get("param") in (FAULT_MONITOR, MMU)
        if tripped:
            self._tripped_ns[reading.device] = reading.at_ns
        return (_sighting(reading.device, tripped),)

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        for cabinet in health.cabinets if self._tripped_ns else ():
            at_ns, name = self._tripped_ns.get(cabinet.intersection), cabinet.intersection
            shows = cabinet.mode in ("remote", "local") and (cabinet.age_s or 0.0) < FRESH_S
            if at_ns is not None and shows and now_ns - at_ns > SETTLED_NS:
                del self._tripped_ns[name]
                yield _sighting(name, False)


def _sighting(intersection: str, tripped: bool) -> Sighting:
    return Sighting(intersection, flag(tripped), (intersection,))


RULE = Rule(
    name="conflict",
    code="A0006",
    title="A conflict monitor has tripped",
    priority=1,
    category="D",
    raise_at=1.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=10.0,
    says=(
        "The monitor of {subject} saw lights that must not be together, or a yellow too short, and made "
        "it flash."
    ),
    begin=_Watch,
    means=(
        "Wiring, a load switch, a lamp or a program fault showed something dangerous. The monitor ended it."
    ),
    check=(
        "Send a technician at once; police to direct traffic.",
        "The monitor's own log tells channel and kind of fault.",
        "`arterial explain INTERSECTION --at TIME`: what had been commanded?",
    ),
    done="No command is sent. What was shown and commanded before is in the store and in the audit trail.",
)
