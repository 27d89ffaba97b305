"""Do board and books agree on what was refused, accepted later, late and retained, also after a restart?"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from collectors.source import Source, Sources
from gateway.clock import SystemClock
from gateway.intake.ingest import Ingest
from gateway.intake.stage import Stage
from gateway.links.link import Message
from gateway.links.memory_link import MemoryLink
from gateway.panels import marks
from gateway.panels.pipeline import PipelinePanel
from gateway.refused.pump import give
from storage.refused import Refused, Wanted
from storage.spool import Spool
from storage.writer import Writer

NOW_MS = 1_790_000_000_000
NAMES = ("received", "stored", "refused", "duplicate", "waiting")


class Noon(SystemClock):
    def now_ns(self) -> int:
        return NOW_MS * 1_000_000


class Shelf:
    """A store in memory."""

    name = "shelf"

    async def write(self, batch: object, position: int) -> dict[str, int]:
        return {}

    async def position(self) -> None:
        return None


class Place:
    """A pipeline on the files of a folder, until `close`."""

    def __init__(self, folder: Path, kinds: tuple[str, ...] = ("water", "gas")) -> None:
        self.spool, self.refused = Spool(folder / "spool.sqlite"), Refused(folder / "refused.sqlite")
        sources = Sources([Source(f"arterial/{{site}}/{k}/{{device}}", "json", k) for k in kinds])
        self.link, self.writer = MemoryLink(), Writer(Shelf(), self.spool)  # type: ignore[arg-type]
        self.spool.position(self.writer.name)
        self.ingest = Ingest(sources, self.spool, self.refused, Noon())
        self.panel = PipelinePanel(self.spool, self.refused, self.ingest, [self.writer], self.link)

    def say(self, kind: str, t: int, volume: float = 1.0, *, retain: bool = False) -> None:
        text = b'{"t":%d,"volume_m3":%g}' % (t, volume)
        self.ingest.take([Message(f"arterial/demo/{kind}/d-1", text, 0, retain)])

    def commit(self) -> None:
        commits = self.ingest.commits
        batch, commits.staged = commits.staged, Stage()
        commits._write(batch)

    async def store(self) -> None:
        task = asyncio.create_task(self.writer.run())
        assert await self.writer.drain(5)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def view(self) -> dict[str, Any]:
        """What the board shows; balanced for every kind by our own addition, and as the spool counts it."""
        self.panel._marks._due_s = 0.0
        self.panel.take(self.panel.read())
        view: dict[str, Any] = self.panel.view()
        rows = {kind: [account[name] for name in NAMES] for kind, account in view["books"].items()}
        assert all(row[0] == sum(row[1:]) and min(row) >= 0 for row in rows.values()), rows
        assert [view[name] for name in NAMES] == [sum(column) for column in zip(*rows.values(), strict=True)]
        waiting: dict[str, int] = {}
        for _, readings in self.spool.read(self.spool.position(self.writer.name), 10**9):
            for reading in readings:
                waiting[reading.kind] = waiting.get(reading.kind, 0) + 1
        assert waiting == {kind: row[4] for kind, row in rows.items() if row[4]}
        assert view["balanced"]
        assert view["refused_ledger"]["balanced"]
        return view

    def close(self) -> None:
        self.spool.close()
        self.refused.close()


async def test_the_books_of_every_kind_balance_at_every_stage_and_after_every_restart(tmp_path: Path) -> None:
    place = Place(tmp_path, ("water",))
    for _ in range(2):
        place.say("water", NOW_MS)
        place.say("water", 5)
        place.say("gas", NOW_MS)
    place.say("water", NOW_MS - 3_600_000)
    place.say("water", NOW_MS - 7_200_000, retain=True)
    place.commit()
    before = place.view()
    await place.store()
    stored = place.view()
    place.close()

    place = Place(tmp_path)  # the fix: gas has a source now
    assert {**place.view(), **_volatile(stored)} == {**stored, **_volatile(stored)}
    assert (before["waiting"], stored["waiting"], stored["stored"]) == (3, 0, 3)
    assert stored["refused_ledger"] == _ledger(4, kept=4)
    place.refused.send([entry.id for entry in place.refused.newest()], NOW_MS, handed=True)
    for entry, payload in place.refused.handed(10):
        give(place.ingest, entry, payload)
    place.commit()
    replayed = place.view()
    assert replayed["refused_ledger"] == _ledger(5, kept=3, accepted=2)
    assert replayed["refused_by_reason"] == {"bad_time": 3, "unknown_topic": 2}
    assert replayed["refused_by_topic"] == {"arterial/demo/water/d-1": 3, "arterial/demo/gas/d-1": 2}
    assert (replayed["received"], replayed["refused"], replayed["waiting"]) == (10, 5, 1)
    place.refused.purge(Wanted(reason="bad_time"))
    await place.store()
    assert place.view()["refused_ledger"] == _ledger(5, accepted=2, purged=3)
    place.close()


def test_flags_are_counted_since_ever_and_clocks_since_the_start(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for n in range(3):
        place.say("water", NOW_MS + 7_000 + n)
    place.say("gas", NOW_MS - 3_600_000)
    place.say("gas", NOW_MS - 7_200_000, retain=True)
    place.commit()
    view = place.view()
    assert {flag: n for flag, n in view["flagged"].items() if n} == {"retained": 1, "late": 1}
    assert view["clocks"]["worst"] == [{"site": "demo", "device": "d-1", "ahead_s": 7.001}]
    place.close()
    place = Place(tmp_path)
    again = place.view()
    assert (again["flagged"], again["clocks"]["worst"]) == (view["flagged"], [])
    place.close()


def test_what_takes_a_while_is_not_looked_for_every_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, now, asked = Place(tmp_path), [0.0], []
    monkeypatch.setattr(place.refused, "ledger", lambda: asked.append(now[0]) or marks.Ledger())
    panel = marks.Marks(place.spool, place.refused, place.ingest.times, lambda: now[0])
    for second in range(12):
        now[0] = float(second)
        panel.read()
    assert asked == [0.0, 5.0, 10.0]
    place.close()


def _ledger(refused: int, **fates: int) -> dict[str, object]:
    none = {"kept": 0, "accepted": 0, "purged": 0, "evicted": 0}
    return {"refused": refused, **none, **fates, "balanced": True}


def _volatile(view: dict[str, Any]) -> dict[str, Any]:
    """What a restart may change."""
    names = ("series", "received_per_s", "stored_per_s", "store", "stores", "broker", "clocks")
    return {name: view[name] for name in names}
