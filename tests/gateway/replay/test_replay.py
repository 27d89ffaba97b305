"""Does a replay send every event once, under the same key every time, and own up when some are missing?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gateway.intake import backlog
from gateway.links.link import LinkDown
from gateway.replay.hires_log import HiresLog, LoggedEvent
from gateway.replay.log_replay import Outcome, Replay, ReplayError, batches
from storage.store import Events

T0 = 1_715_612_400_000


class Shelf:
    """A store and its books in memory: takes what is published, keeps an event once per device and key."""

    def __init__(self, deaf_to: str = "") -> None:
        self.kept: dict[tuple[str, int, int], tuple[int, int]] = {}
        self.topics: Counter[str] = Counter()
        self.received = self.stored = self.duplicate = self.refused = self.failures = 0
        self.deaf_to = deaf_to

    @property
    def store(self) -> Shelf:
        return self

    def books(self) -> dict[str, int]:
        return {
            "received": self.received,
            "stored": self.stored,
            "refused": self.refused,
            "duplicate": self.duplicate,
            "waiting": 0,
        }

    async def publish(self, topic: str, payload: bytes) -> None:
        if self.failures:
            self.failures -= 1
            raise LinkDown("the broker is away")
        self.topics[topic] += 1
        device = topic.rsplit("/", 1)[1]
        message = json.loads(payload)
        if device == self.deaf_to:
            self.received, self.refused = self.received + 1, self.refused + 1
            return
        for seq, (at_ms, code, param) in enumerate(message["events"], message["seq"]):
            key = (device, at_ms, seq)
            self.received += 1
            self.duplicate += key in self.kept
            self.stored += key not in self.kept
            self.kept[key] = (code, param)

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        rows = sorted(
            (at * 1_000_000, seq, *kept) for (name, at, seq), kept in self.kept.items() if name == device
        )
        inside = np.array([row for row in rows if start_ns <= row[0] < end_ns], dtype=np.int64).reshape(-1, 4)
        return Events(inside[:, 0], inside[:, 2], inside[:, 3])


def write(tmp_path: Path, rows: int = 300) -> Path:
    """Two devices, three events an instant, one exact duplicate row in each instant."""
    path = tmp_path / "log.csv"
    lines = ["TimeStamp,DeviceId,EventId,Parameter"]
    for n in range(rows // 3):
        at = f"2024-05-13 15:{n // 60:02}:{n % 60:02}.{n % 10}"
        lines += [f"{at},{1 + n % 2},82,7", f"{at},{1 + n % 2},82,7", f"{at},{1 + n % 2},81,{n}"]
    path.write_text("\n".join(lines) + "\n")
    return path


async def run(path: Path, shelf: Shelf, **options: object) -> Outcome:
    with HiresLog(path) as log:
        return await Replay(log, shelf, shelf.publish, "demo", **options).run()  # type: ignore[arg-type]


async def test_the_store_holds_exactly_the_events_of_the_file(tmp_path: Path) -> None:
    shelf, seen = Shelf(), list[int]()
    outcome = await run(write(tmp_path), shelf, progress=seen.append)
    assert (outcome.complete, outcome.found, outcome.events, len(shelf.kept)) == (True, 300, 300, 300)
    assert outcome.books == {"received": 300, "stored": 300, "refused": 0, "duplicate": 0, "waiting": 0}
    assert set(shelf.topics) == {"arterial/demo/hires/1", "arterial/demo/hires/2"}
    assert seen == sorted(seen)
    assert seen[-1] == 300


async def test_a_second_run_keeps_nothing_twice(tmp_path: Path) -> None:
    shelf, path = Shelf(), write(tmp_path)
    await run(path, shelf)
    again = await run(path, shelf)
    assert (again.complete, again.books["stored"], again.books["duplicate"]) == (True, 0, 300)


async def test_events_of_others_at_the_same_time_do_not_stand_for_missing_ones(tmp_path: Path) -> None:
    shelf = Shelf(deaf_to="2")
    shelf.kept[("2", T0 + 1100, 0)] = (1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "QUIET_S", 0.0)
        outcome = await run(write(tmp_path), shelf)
    assert (outcome.complete, outcome.found) == (False, 150)


async def test_a_broker_that_is_away_for_a_moment_costs_nothing(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.failures = 1
    assert (await run(write(tmp_path, rows=3), shelf)).complete


async def test_a_broker_that_stays_away_ends_the_replay_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.replay.log_replay.PATIENCE_S", -1.0)
    shelf = Shelf()
    shelf.failures = 1000
    with pytest.raises(ReplayError, match="the broker is away"):
        await run(write(tmp_path), shelf)


async def test_speed_is_log_time_over_wall_time(tmp_path: Path) -> None:
    outcome = await run(write(tmp_path, rows=30), Shelf(), speed=100.0)
    assert 0.09 <= outcome.seconds < 2


def test_messages_hold_one_device_and_one_span_in_consecutive_numbers() -> None:
    rows = [
        LoggedEvent(T0, "a", 82, 1),
        LoggedEvent(T0, "b", 82, 1),
        LoggedEvent(T0 + 999, "a", 81, 1),
        LoggedEvent(T0 + 1000, "a", 82, 1),
    ]
    numbers = Counter({"a": 5})
    found = [(b.device, b.seq, [e[0] - T0 for e in b.events]) for b in batches(rows, numbers, span_ms=1000)]
    assert found == [("a", 5, [0, 999]), ("b", 0, [0]), ("a", 7, [1000])]
    assert numbers == {"a": 8, "b": 1}


def test_a_crowded_instant_is_split_into_several_messages() -> None:
    rows = [LoggedEvent(T0, "a", 82, n) for n in range(120)]
    found = list(batches(rows, Counter(), span_ms=1000))
    assert [(b.seq, len(b.events)) for b in found] == [(0, 50), (50, 50), (100, 20)]
