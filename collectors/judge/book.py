"""What is known of every device of one kind?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from collectors.judge.layout import (
    COUNTER_WIDTH,
    DECLARED,
    GAUGE_WIDTH,
    MOVED,
    RULES,
    RUN,
    SEEN,
    SERIES_WIDTH,
    SINCE,
)
from collectors.judge.rules import Other, RuleBook, bounded
from collectors.typed import Route

SERIES: Final = 131_072
"""Series of one kind that are remembered; beyond it the quarter that has been silent longest is forgotten."""
_FIRST: Final = 256

Key = tuple[str, str, int]
"""Site, device and tie of a series."""
Floats = NDArray[np.float64]


class KeptBook(msgspec.Struct, array_like=True):
    """A book as it lies on disk."""

    kind: str
    gauge_names: list[str]
    counter_names: list[str]
    keys: list[Key]
    series: bytes
    gauges: bytes
    counters: bytes


class Book:
    """A row for each series in three arrays (collectors.judge.layout), found by key or route."""

    def __init__(self, kind: str, others: Iterable[Other] = ()) -> None:
        declared = bounded(kind)
        assert declared is not None
        self.kind, self.rules = kind, RuleBook(kind, others)
        self.gauge_names, self.counter_names = list(declared.gauges), list(declared.counters)
        self.keys: list[Key] = []
        self.open: set[int] = set()
        """Series with a fault that has not ended."""
        self._slots: dict[Key, int] = {}
        self._routes: dict[Route, int] = {}
        self.series = np.zeros((0, SERIES_WIDTH))
        self.gauges = np.zeros((0, len(self.gauge_names), GAUGE_WIDTH))
        self.counters = np.zeros((0, len(self.counter_names), COUNTER_WIDTH))

    def __len__(self) -> int:
        return len(self.keys)

    def slots(self, keys: Sequence[Key]) -> NDArray[np.int64]:
        """The rows of series; new ones are begun."""
        if len(self.keys) + len(keys) > SERIES:
            self._make_room(len(set(keys)))
        return np.array([self._slot(key) for key in keys], np.int64)

    def slots_of(self, routes: Sequence[Route]) -> NDArray[np.int64]:
        """The same for the devices of routes."""
        found = list(map(self._routes.get, routes))
        if None in found:
            if len(self._routes) > SERIES:  # routes are made anew now and then
                self._routes.clear()
            slots = self.slots([(route.site, route.device, 0) for route in routes])
            self._routes.update(zip(routes, slots.tolist(), strict=True))
            return slots
        return np.array(found, np.int64)

    def expect(self, site: str, device: str, expected_s: float) -> None:
        """A device says, or somebody declares, how often it speaks."""
        slot = self._slots.get((site, device, 0))
        if slot is not None:
            self.series[slot, DECLARED] = expected_s * 1000.0

    def kept(self) -> KeptBook:
        """What is known, to be kept on disk."""
        n = len(self.keys)
        arrays = (self.series[:n], self.gauges[:n], self.counters[:n])
        return KeptBook(
            self.kind, self.gauge_names, self.counter_names, list(self.keys), *(a.tobytes() for a in arrays)
        )

    def take(self, kept: KeptBook) -> None:
        """Know again what was kept, unless it is of another version."""
        if (kept.gauge_names, kept.counter_names) != (self.gauge_names, self.counter_names):
            return
        shapes = ((SERIES_WIDTH,), self.gauges.shape[1:], self.counters.shape[1:])
        bodies = (kept.series, kept.gauges, kept.counters)
        n = len(kept.keys)
        if any(len(b) != n * int(np.prod(s)) * 8 for b, s in zip(bodies, shapes, strict=True)):
            return
        found = [np.frombuffer(b).reshape(n, *s).copy() for b, s in zip(bodies, shapes, strict=True)]
        self.series, self.gauges, self.counters = found
        self.keys = [(site, device, tie) for site, device, tie in kept.keys]
        self._slots = {key: slot for slot, key in enumerate(self.keys)}
        self._routes.clear()
        for slot, (_, device, _) in enumerate(self.keys):
            self.series[slot, RULES] = self.rules.set_of(device)[0]

    def _slot(self, key: Key) -> int:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = len(self.keys)
            self.keys.append(key)
            if slot >= len(self.series):
                self._grow(max(_FIRST, 2 * slot))
            self.series[slot, RULES], self.series[slot, DECLARED] = self.rules.set_of(key[1])
        return slot

    def _grow(self, rows: int) -> None:
        def longer(there: Floats) -> Floats:
            more: Any = np.zeros((rows, *there.shape[1:]))
            more[: len(there)] = there
            return more  # type: ignore[no-any-return]

        self.series, self.gauges, self.counters = map(longer, (self.series, self.gauges, self.counters))

    def _make_room(self, wanted: int) -> None:
        """Forget the series that have been silent longest: a quarter, or as many as are wanted."""
        n = len(self.keys)
        gone = min(n, max(wanted, SERIES // 4))
        stay = np.sort(np.argsort(self.series[:n, SEEN], kind="stable")[gone:])
        self.keys = [self.keys[slot] for slot in stay.tolist()]
        self._slots = {key: slot for slot, key in enumerate(self.keys)}
        moved = {int(old): new for new, old in enumerate(stay)}
        self.open = {moved[slot] for slot in self.open if slot in moved}
        self._routes.clear()
        self.series, self.gauges, self.counters = (
            self.series[stay],
            self.gauges[stay],
            self.counters[stay],
        )

    def stuck_since_ms(self, slot: int) -> int:
        """Since when the gauge that has stood longest, or else the counter, stands at its value."""
        gauges, counters = self.gauges[slot], self.counters[slot]
        if len(gauges) and gauges[:, RUN].max() > 1:
            return int(gauges[gauges[:, RUN].argmax(), SINCE])
        return int(counters[:, MOVED].max()) if len(counters) else 0
