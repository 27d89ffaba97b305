"""What does a host remember of one Sparkplug edge node between its messages?"""

from __future__ import annotations

from typing import Any, Final

from collectors.formats.sparkplug.metrics import Known
from collectors.reading import BadPayload, Reason

METRICS: Final = 20_000
"""Metrics of one node with all its devices; more are refused."""
REORDER_NS: Final = 2_000_000_000
"""How long a message that was overtaken may still come (Sparkplug 3.0, 6.4.12 leaves it to the host)."""
REBIRTH_NS: Final = 30_000_000_000
"""A node is not asked for a rebirth more often."""


class Node:
    """One edge node: what it declared, what each metric said last, and whether messages are missing."""

    __slots__ = (
        *("_asked_ns", "_gap_ns", "_missing", "_wanted"),
        *("aliases", "bd_seq", "births", "last", "online", "seq"),
    )

    def __init__(self) -> None:
        self.online = False
        self.bd_seq: int | None = None
        self.seq = 0
        self.aliases: dict[int, Known] = {}
        self.births: dict[str, dict[str, Known]] = {}
        """Metrics by name, by device ("" is the node itself), from its birth to its death."""
        self.last: dict[str, dict[str, Any]] = {}
        """The last values by name, by device."""
        self._missing: set[int] = set()
        self._gap_ns = 0
        self._wanted = False
        self._asked_ns = -REBIRTH_NS

    def born(self, bd_seq: int | None, seq: int) -> None:
        """Forget everything: a node's birth begins anew, and answers whatever was asked."""
        self.online, self.bd_seq, self.seq = True, bd_seq, seq
        self.aliases, self.births, self.last = {}, {}, {}
        self._missing, self._wanted = set(), False

    def declare(self, device: str, metrics: dict[str, Known], aliases: dict[int, Known]) -> None:
        """Take the metrics of the node or of one device; its earlier ones are forgotten."""
        self.forget(device)
        if sum(map(len, self.births.values())) + len(metrics) > METRICS:
            raise BadPayload(Reason.TOO_LARGE, f"more than {METRICS} metrics of one edge node")
        self.births[device], self.last[device] = metrics, {}
        self.aliases.update(aliases)

    def forget(self, device: str) -> int:
        """Make every metric of a device unknown; returns how many it had."""
        metrics = self.births.pop(device, {})
        self.last.pop(device, None)
        if metrics:
            self.aliases = {alias: known for alias, known in self.aliases.items() if known.device != device}
        return len(metrics)

    def follow(self, seq: int, now_ns: int) -> None:
        """Take the number of a message; the numbers that it skips have some time to come."""
        if seq in self._missing:
            self._missing.discard(seq)
            return
        if seq == self.seq:  # delivered twice
            return
        expected = (self.seq + 1) % 256
        if seq != expected:
            if not self._missing:
                self._gap_ns = now_ns
            self._missing.update((expected + i) % 256 for i in range((seq - expected) % 256))
        self.seq = seq

    def want_birth(self) -> None:
        """Note that the node said something we cannot understand without its birth."""
        self._wanted = True

    def due(self, now_ns: int) -> bool:
        """Whether to ask for a rebirth now; true once, and not again for REBIRTH_NS."""
        if self._missing and now_ns - self._gap_ns >= REORDER_NS:
            self._wanted, self._missing = True, set()
        if not self._wanted or now_ns - self._asked_ns < REBIRTH_NS:
            return False
        self._asked_ns, self._wanted = now_ns, False
        return True
