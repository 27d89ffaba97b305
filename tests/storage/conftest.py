"""Builders for readings, and a store in memory whose moods a test decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from collectors.reading import Reading
from storage.spool import Spool
from storage.store import Rejected, StoreUnavailable

T0_NS = 1_700_000_000_000_000_000


def hires(n: int, device: str = "x1", first: int = 0) -> list[Reading]:
    """`n` events, three at each tenth of a second."""
    return [
        Reading(
            "hires", "demo", device, T0_NS + i // 3 * 100_000_000, {"code": 82, "param": i % 32}, {}, i, T0_NS
        )
        for i in range(first, first + n)
    ]


def water(volume_m3: object = 1.5, at_ns: int = T0_NS, **change: object) -> Reading:
    """One water reading."""
    fields = {"volume_m3": volume_m3, "flow_m3_h": 0.3, "battery_v": 3.6}
    made = {
        "kind": "water",
        "site": "demo",
        "device": "w-0001",
        "at_ns": at_ns,
        "fields": fields,
        "received_ns": 5,
    }
    return Reading(**{**made, **change})  # type: ignore[arg-type]


class MemoryStore:
    """Keeps what it is given once per key. `away` calls fail first; `refuses` says what is at fault."""

    name = "memory"

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str, int], Reading] = {}
        self.recorded: int | None = None
        self.writes: list[int] = []
        self.away = 0
        self.retry_after_s: float | None = None
        self.refuses: Callable[[Reading], bool] = lambda reading: False
        self.says_which = True
        self.stops_at = ""
        self.reached = asyncio.Event()

    async def write(self, batch: Sequence[Reading], position: int) -> dict[str, int]:
        self._mood()
        await self._pass("asked")
        self.writes.append(len(batch))
        bad = [(reading, "bad") for reading in batch if self.refuses(reading)]
        if bad:
            raise Rejected(bad if self.says_which else (), "bad")
        known: Counter[str] = Counter()
        for reading in batch:
            key = (reading.kind, reading.site, reading.device, reading.key_ns)
            known[reading.kind] += key in self.kept
            self.kept[key] = reading
        if self.recorded is not None:
            self.recorded = position
        await self._pass("kept")
        return dict(known)

    async def rows(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, limit: int = 1000
    ) -> list[tuple[object, ...]]:
        found = [r for r in self.kept.values() if (r.kind, r.device) == (kind, device)]
        inside = sorted(
            (r.at_ns, *(r.fields.get(f) for f in fields)) for r in found if start_ns <= r.at_ns < end_ns
        )
        return inside[-limit:]

    async def position(self) -> int | None:
        self._mood()
        await self._pass("position")
        return self.recorded

    async def _pass(self, place: str) -> None:
        """Stay at `place` for ever, if that is where the test wants to cancel."""
        if self.stops_at == place:
            self.reached.set()
            await asyncio.Event().wait()

    def _mood(self) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("gone fishing", self.retry_after_s)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool.db")
    yield made
    made.close()


@pytest.fixture(name="hires")
def hires_builder() -> Callable[..., list[Reading]]:
    return hires


@pytest.fixture(name="water")
def water_builder() -> Callable[..., Reading]:
    return water
