"""Can a person look at what was refused, send it again and forget it, while arterial runs and while not?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.cli import app
from gateway.clock import SystemClock
from gateway.intake.ingest import Ingest
from gateway.links.memory_link import MemoryLink
from gateway.moments import moment_ns
from gateway.refused.pump import pump
from gateway.refused.replay import hand_over, hindrance
from gateway.refused.text import payload_lines
from storage.refused import KEEP_BYTES, REJECTED, Ledger, Refused, RefusedPayload, Wanted
from storage.spool import Spool

AT_NS = 1_790_000_000_000_000_000
WATER = b'{"t": 1760000000000, "volume_m3": 1.5, "flow_m3_h": 0.1, "battery_v": 3.6}'


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """A folder in which three payloads were refused."""
    refused = Refused(tmp_path / "refused.sqlite")
    refused.keep(
        "arterial/demo/water/w-0001", b'{"t": 1,\n "x": "\x1b[2J\xe2\x80\xae"}', "bad_time", "t: 1", AT_NS
    )
    refused.keep("arterial/demo/parking/lot-1", bytes(range(40)), "unknown_topic", "no source", AT_NS + 10**9)
    refused.keep("arterial/demo/gas/g-0001", b"x" * (KEEP_BYTES + 9), "too_large", "[red]", AT_NS + 2 * 10**9)
    refused.close()
    return tmp_path


def arterial(var: Path, *words: str, typed: str = "") -> tuple[int, str]:
    """Exit code and everything that was printed."""
    wide = {"COLUMNS": "200"}
    result = CliRunner(env=wide).invoke(app, ["refused", *words, "--var", str(var)], input=typed)
    return result.exit_code, result.output


def test_the_list_has_a_line_for_each_and_the_ledger(var: Path) -> None:
    code, text = arterial(var, "list")
    assert code == 0
    for word in ("w-0001", "bad_time", "lot-1", "too_large", "[red]", "2026-09-21 14:13:22", "262,153"):
        assert word in text
    assert "refused 3 = kept 3 + accepted later 0 + purged 0 + evicted 0\n" in text
    assert text.index("g-0001") < text.index("w-0001"), "the newest comes first"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--reason", "bad_time"), {"1"}),
        (("--device", "lot-1"), {"2"}),
        (("--topic", "arterial/demo/gas"), {"3"}),
        (("--since", "2026-09-21T14:13:21Z"), {"2", "3"}),
        (("--limit", "1"), {"3"}),
        (("--reason", "empty"), set()),
    ],
)
def test_the_list_is_filtered(var: Path, words: tuple[str, ...], ids: set[str]) -> None:
    _, text = arterial(var, "list", *words)
    assert {line.split()[1] for line in text.splitlines() if line.startswith("│")} == ids


def test_control_characters_of_a_payload_are_shown_and_never_sent(var: Path) -> None:
    code, text = arterial(var, "show", "1")
    assert code == 0
    for word in ("arterial/demo/water/w-0001", "bad_time", "t: 1", '{"t": 1,\\n', '"x": "\\x1b[2J\\u202e"}'):
        assert word in text
    assert "\x1b" not in text
    assert "TRUNCATED" not in text


def test_what_is_no_text_is_dumped(var: Path) -> None:
    assert list(payload_lines(b"\xff\x00AB")) == [f"00000000  {'ff 00 41 42':<48} ..AB"]
    assert list(payload_lines(b"")) == []
    _, text = arterial(var, "show", "2", "--raw")
    assert text.encode() == bytes(range(40))


def test_a_truncated_payload_says_so_and_is_never_sent(var: Path) -> None:
    _, text = arterial(var, "show", "3")
    assert "262,153 bytes, TRUNCATED to 262,144" in text
    assert "never: longer than any format reads" in text
    code, text = arterial(var, "replay", "3", "--wait", "0")
    assert (code, "left 1: longer" in text) == (1, True)
    refused = Refused(var / "refused.sqlite")
    refused.send([3], 1, handed=True)
    assert refused.handed(9) == []
    refused.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "99"), "nothing is kept under id 99"),
        (("list", "--since", "yesterday"), "--since: 'yesterday' is neither"),
        (("replay", "--config", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_a_failure_is_one_line(var: Path, words: tuple[str, ...], told: str) -> None:
    code, text = arterial(var, *words)
    assert code == 1
    assert told in text
    assert "Traceback" not in text


def test_a_folder_without_arterial_is_told(tmp_path: Path) -> None:
    code, text = arterial(tmp_path, "list")
    assert (code, "--var" in text) == (1, True)
    assert not (tmp_path / "refused.sqlite").exists()


def test_purge_asks_and_the_counts_stay(var: Path) -> None:
    assert arterial(var, "purge", "--reason", "bad_time", typed="n\n")[0] == 1
    assert "1 payloads forgotten" in arterial(var, "purge", "--reason", "bad_time", typed="y\n")[1]
    assert "2 payloads forgotten" in arterial(var, "purge", "--yes")[1]
    assert "refused 3 = kept 0 + accepted later 0 + purged 3 + evicted 0" in arterial(var, "list")[1]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2h", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("1.5m", datetime(2026, 1, 1, 11, 58, 30, tzinfo=UTC)),
        ("2026-01-01T06:00", datetime(2026, 1, 1, 6, tzinfo=UTC)),
        ("2026-01-01T06:00+02:00", datetime(2026, 1, 1, 4, tzinfo=UTC)),
    ],
)
def test_since_is_so_long_ago_or_a_time(text: str, at: datetime) -> None:
    assert moment_ns(text, datetime(2026, 1, 1, 12, tzinfo=UTC)) == round(at.timestamp()) * 10**9


def test_the_control_plane_is_never_repeated(tmp_path: Path) -> None:
    refused = Refused(tmp_path / "r.sqlite")
    for topic in ("arterial/demo/reply/x1", "arterial/demo/clock/street", "a/+/b", "arterial/demo/water/w-1"):
        refused.keep(topic, b"{", "wrong_shape", "", AT_NS)
    assert [bool(hindrance(entry)) for entry in refused.oldest()] == [True, True, True, False]
    refused.close()


class Running:
    """An ingest path that takes what is handed over, with the sources of a city that has learned water."""

    def __init__(self, var: Path) -> None:
        self.spool, self.refused = Spool(var / "spool.sqlite"), Refused(var / "refused.sqlite")
        self.spool.position("store")
        sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
        self.ingest = Ingest(sources, self.spool, self.refused, SystemClock())

    def stored(self) -> list[Reading]:
        """Everything in the spool."""
        return [reading for _, readings in self.spool.read(0, 10_000) for reading in readings]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    made = Running(tmp_path)
    works = (made.ingest.commits.run(MemoryLink()), pump(made.refused, made.ingest, look_s=0.01))
    tasks = [asyncio.create_task(work) for work in works]
    yield made
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    made.spool.close()
    made.refused.close()


async def test_what_is_handed_over_is_read_and_leaves_or_stays_under_its_id(
    running: Running, tmp_path: Path
) -> None:
    other = Refused(tmp_path / "refused.sqlite")  # as the command line in its own process
    other.keep_all(
        RefusedPayload(f"arterial/demo/water/w-{n:04}", WATER, "unknown_topic", "", AT_NS) for n in range(700)
    )
    other.keep("arterial/demo/gas/g-0001", WATER, "bad_time", "", AT_NS)
    outcome = await hand_over(other, Wanted(), wait_s=20)
    assert (outcome.accepted, dict(outcome.refused), outcome.unanswered) == (700, {"unknown_topic": 1}, 0)
    assert len({reading.device for reading in running.stored()}) == 700
    (left,) = other.oldest()
    assert (left.id, left.times, left.reason, left.sent_ns) == (701, 2, "unknown_topic", 0)
    assert other.ledger() == Ledger(refused=702, kept=2, accepted=700)
    books = running.spool.books("store")
    assert books.balanced
    assert (books.total.received, books.total.refused, books.waiting) == (701, 1, 700)
    again = await hand_over(other, Wanted(), wait_s=5)
    assert again.refused.total() == 1
    assert [entry.times for entry in other.oldest()] == [3]
    other.close()


async def test_a_reading_that_a_store_rejected_goes_to_the_stores_again(running: Running) -> None:
    reading = Reading("water", "demo", "w-0001", 1_760_000_000_000_000_000, {"volume_m3": 1.5}, {}, 3, 77)
    await running.ingest.aside.reject([reading], "the store has its day off")
    (entry,) = running.refused.oldest()
    assert entry.reason == REJECTED
    outcome = await hand_over(running.refused, Wanted(), wait_s=5)
    assert (outcome.accepted, running.stored()) == (1, [reading])
    running.refused.keep("water/w-0002", msgspec.json.encode({"no": "reading"}), REJECTED, "", AT_NS)
    outcome = await hand_over(running.refused, Wanted(), wait_s=5)
    assert dict(outcome.refused) == {"malformed": 1}
    assert running.spool.books("store").balanced


async def test_what_was_handed_over_while_arterial_was_away_is_taken_at_its_start(tmp_path: Path) -> None:
    refused = Refused(tmp_path / "refused.sqlite")
    refused.keep("arterial/demo/water/w-0001", WATER, "unknown_topic", "", AT_NS)
    outcome = await hand_over(refused, Wanted(), wait_s=0)
    assert (outcome.accepted, outcome.unanswered) == (0, 1)
    made = Running(tmp_path)
    tasks = [
        asyncio.create_task(made.ingest.commits.run(MemoryLink())),
        asyncio.create_task(pump(made.refused, made.ingest, look_s=0.01)),
    ]
    async with asyncio.timeout(5):
        while refused.oldest():
            await asyncio.sleep(0.01)
    assert [reading.device for reading in made.stored()] == ["w-0001"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for file in (made.spool, made.refused, refused):
        file.close()


def test_workers_have_a_folder_each_and_nothing_is_published_for_one(var: Path, tmp_path: Path) -> None:
    worker = tmp_path / "crew" / "worker-1"
    worker.mkdir(parents=True)
    (var / "refused.sqlite").rename(worker / "refused.sqlite")
    code, text = arterial(tmp_path / "crew", "list")
    assert (code, "worker-1" in text) == (1, True)
    demo = Path(__file__).resolve().parents[3] / "configs" / "city.toml"
    code, text = arterial(worker, "replay", "--config", str(demo))
    assert (code, "leave --config out" in text) == (1, True)
