"""What became of what was refused, what is flagged, and whose clock is wrong?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from collectors.health.finding import Finding
from collectors.quality import Flag
from collectors.skew import Skew
from gateway.intake.times import Times
from storage.refused import Ledger, Refused
from storage.spool import Spool

SLOW_S: Final = 5.0
"""What looks at every refused payload or at every device is asked no more often."""
TOPICS_SHOWN: Final = 8
CLOCKS_SHOWN: Final = 5
FLAGS: Final = tuple(flag.name.lower() for flag in Flag if flag.name)


class Slow(NamedTuple):
    """What takes a while to find: the ledger of refused payloads, their topics, the worst clocks."""

    ledger: Ledger
    topics: dict[str, int]
    worst: tuple[Skew, ...]


class Marks:
    """Refused, flagged and doubtful, as `read` from the disk in a thread; `view` only looks at memory."""

    def __init__(
        self,
        spool: Spool,
        refused: Refused,
        times: Times,
        clock_s: Callable[[], float] = time.monotonic,
        findings: Callable[[], Iterable[Finding]] = tuple,
    ) -> None:
        self._findings = findings
        self._spool, self._refused, self._times, self._clock_s = spool, refused, times, clock_s
        self._slow = Slow(Ledger(), {}, ())
        self._flagged: dict[str, dict[str, int]] = {}
        self._due_s = clock_s()

    def read(self) -> None:
        """Look at the disk."""
        self._flagged = self._spool.flagged()
        if self._clock_s() >= self._due_s:
            self._due_s = self._clock_s() + SLOW_S
            worst = tuple(self._times.clocks.worst(CLOCKS_SHOWN))
            self._slow = Slow(self._refused.ledger(), self._refused.talkers(TOPICS_SHOWN), worst)

    @property
    def worst(self) -> tuple[Skew, ...]:
        """The devices whose clocks were furthest off, as last read."""
        return self._slow.worst

    def view(self) -> dict[str, object]:
        """The parts of the pipeline panel that are about this."""
        ledger, flagged = self._slow.ledger, self._flagged
        return {
            "refused_ledger": {
                "refused": ledger.refused,
                "kept": ledger.kept,
                "accepted": ledger.accepted,
                "purged": ledger.purged,
                "evicted": ledger.evicted,
                "balanced": ledger.balanced,
            },
            "refused_by_topic": self._slow.topics,
            "flagged": {flag: sum(flagged.get(flag, {}).values()) for flag in FLAGS},
            "flagged_by_kind": flagged,
            "findings": Counter([finding.what for finding in self._findings()]),
            "clocks": {
                "measured": self._times.clocks.known,
                "steps": self._times.steps,
                "worst": [
                    {"site": skew.site, "device": skew.device, "ahead_s": skew.ahead_ms / 1000}
                    for skew in self._slow.worst
                ],
            },
        }
