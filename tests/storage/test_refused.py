"""Are refused payloads kept with their reason, within bounds, and does each have one fate?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.plugins import load_folder
from storage.refused import KEEP_BYTES, OTHERS, TALKERS, Ledger, Refused, RefusedPayload, Wanted


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Refused]:
    made = Refused(tmp_path / "r.db")
    yield made
    made.close()


def fill(refused: Refused, n: int, reason: str = "malformed") -> list[int]:
    """`n` different payloads of as many devices; their ids."""
    refused.keep_all(
        RefusedPayload(f"a/demo/water/w-{i}", f"{{{i}".encode(), reason, "why", 100 + i) for i in range(n)
    )
    return [entry.id for entry in refused.oldest()]


def test_what_was_refused_comes_back_newest_first(refused: Refused) -> None:
    refused.keep("a/b", b"{", "malformed", "line 1", 7)
    refused.keep("a/c", b"\xff\x00", "wrong_shape", "no t", 8)
    newest, oldest = refused.recent(5)
    assert newest == RefusedPayload("a/c", b"\xff\x00", "wrong_shape", "no t", 8, 2)
    assert oldest.topic == "a/b"
    assert refused.counts() == {"malformed": 1, "wrong_shape": 1}


def test_counts_and_payloads_survive_a_restart(tmp_path: Path) -> None:
    first = Refused(tmp_path / "r.db")
    fill(first, 3, "empty")
    first.close()
    second = Refused(tmp_path / "r.db")
    assert second.counts() == {"empty": 3}
    assert len(second.recent(10)) == 3
    assert second.ledger() == Ledger(refused=3, kept=3)
    second.close()


def test_the_oldest_make_room_and_the_counts_stay(tmp_path: Path) -> None:
    refused = Refused(tmp_path / "r.db", max_bytes=100_000)
    for i in range(300):
        refused.keep("t", i.to_bytes(2, "big") * 500, "malformed", "", i)
    kept = refused.recent(1000)
    assert 0 < len(kept) < 100
    assert kept[0].received_ns == 299
    assert refused.counts() == {"malformed": 300}
    assert refused.purge() == len(kept)
    assert refused.recent(1) == []
    assert refused.ledger() == Ledger(refused=300, purged=len(kept), evicted=300 - len(kept))
    refused.close()


def test_the_same_payload_again_is_the_same_entry(refused: Refused) -> None:
    for i in range(50):
        refused.keep("a/b", b"{", "malformed", "", i)
    refused.keep("a/c", b"{", "malformed", "", 50)
    first, second = refused.oldest()
    assert (first.times, first.first_ns, first.received_ns, second.times) == (50, 0, 49, 1)
    assert refused.ledger() == Ledger(refused=51, kept=51)


def test_every_payload_that_a_format_reads_is_kept_whole(refused: Refused) -> None:
    longest = max(module.LIMIT_BYTES for module in load_folder("collectors.formats").values())
    assert longest <= KEEP_BYTES
    refused.keep("t", b"a" * KEEP_BYTES, "malformed", "", 1)
    refused.keep("t", b"a" * (KEEP_BYTES + 1), "too_large", "", 2)
    whole, cut = refused.oldest()
    assert whole.whole
    assert (cut.kept, cut.size, cut.whole) == (KEEP_BYTES, KEEP_BYTES + 1, False)


def test_strange_text_is_kept_too(refused: Refused) -> None:
    refused.keep("a\0b\ud800", b"", "empty", "\udfff", 1)
    assert refused.recent(1)[0].topic.startswith("a\ufffdb")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), 5),
        (Wanted(reason="empty"), 1),
        (Wanted(device="w-3"), 1),
        (Wanted(device="w"), 0),
        (Wanted(topic="a/demo/water/"), 4),
        (Wanted(topic="a/%"), 0),
        (Wanted(since_ns=102), 3),
        (Wanted(reason="malformed", since_ns=103), 1),
        (Wanted(ids=(1, 2, 99)), 2),
    ],
)
def test_entries_are_found_by_what_is_known_of_them(refused: Refused, wanted: Wanted, found: int) -> None:
    fill(refused, 4)
    refused.keep("b", b"", "empty", "", 200)
    assert len(refused.newest(wanted)) == len(refused.oldest(wanted)) == found


def test_what_was_sent_again_leaves_once_it_is_read(refused: Refused) -> None:
    first, second, _ = fill(refused, 3)
    refused.send([first, second], 500)
    read = [("a/demo/water/w-0", b"{0"), ("a/demo/water/w-2", b"{2"), ("a/demo/water/w-0", b"{1")]
    assert refused.accept(read) == 1
    assert [entry.id for entry in refused.oldest()] == [second, 3]
    assert refused.accept(read) == 0
    assert refused.ledger() == Ledger(refused=3, kept=2, accepted=1)


def test_what_is_refused_again_stays_under_its_id(refused: Refused) -> None:
    (first,) = fill(refused, 1)
    refused.send([first], 500)
    refused.keep("a/demo/water/w-0", b"{0", "out_of_range", "too far", 600)
    (entry,) = refused.oldest()
    assert (entry.id, entry.times, entry.reason, entry.sent_ns) == (first, 2, "out_of_range", 0)
    assert refused.accept([("a/demo/water/w-0", b"{0")]) == 0
    assert refused.ledger() == Ledger(refused=2, kept=2)


def test_two_processes_see_each_other(refused: Refused, tmp_path: Path) -> None:
    (first, second) = fill(refused, 2)
    other = Refused(tmp_path / "r.db")
    other.send([first], 500)
    assert refused.accept([("a/demo/water/w-0", b"{0")]) == 1
    assert [entry.id for entry in other.oldest()] == [second]
    assert other.purge() == 1
    assert refused.newest() == []
    refused.keep("t", b"x", "empty", "", 1)
    assert refused.ledger() == other.ledger() == Ledger(refused=3, kept=1, accepted=1, purged=1)
    other.close()


def test_what_is_handed_over_is_found_until_it_is_answered(refused: Refused) -> None:
    first, second, third = fill(refused, 3)
    refused.send([first, third], 500, handed=True)
    refused.send([second], 500)
    assert [(e.id, payload) for e, payload in refused.handed(10)] == [(first, b"{0"), (third, b"{2")]
    refused.accept([("a/demo/water/w-0", b"{0")])
    assert [e.id for e, _ in refused.handed(10)] == [third]


def test_topics_are_counted_by_name_up_to_a_limit(refused: Refused) -> None:
    refused.keep_all(RefusedPayload(f"a/b/c/d{i}/e", b"", "empty", "", 1) for i in range(TALKERS + 7))
    refused.keep("a/b/c/d5/f/g", b"", "empty", "", 1)
    assert refused.talkers(2) == {OTHERS: 7, "a/b/c/d5": 2}
    assert len(refused.talkers(5000)) == TALKERS + 1


def test_an_earlier_layout_is_taken_over(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "r.db") as db:
        db.execute(
            "CREATE TABLE refused (id INTEGER PRIMARY KEY, received_ns, topic, reason, detail, payload, size)"
        )
        db.execute("CREATE TABLE tally (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO tally VALUES ('empty', 5)")
        db.executemany("INSERT INTO refused VALUES (NULL, ?, 't', 'empty', '', x'31', 1)", [(1,), (2,)])
    db.close()
    refused = Refused(tmp_path / "r.db")
    assert refused.ledger() == Ledger(refused=5, kept=2, evicted=3)
    assert [entry.times for entry in refused.oldest()] == [2]
    refused.close()


_DO = st.lists(
    st.tuples(st.sampled_from(["keep", "send", "accept", "purge"]), st.integers(0, 5)), max_size=40
)


@settings(max_examples=40, deadline=None)
@given(_DO)
def test_the_ledger_balances_whatever_happens(tmp_path_factory: pytest.TempPathFactory, do: list) -> None:  # type: ignore[type-arg]
    refused = Refused(tmp_path_factory.mktemp("refused") / "r.db", max_bytes=1200)
    for what, n in do:
        message = (f"t/{n}", bytes([n]))
        if what == "keep":
            refused.keep(*message, "empty", "", n)
        elif what == "accept":
            refused.accept([message])
        elif what == "purge" and n == 0:
            refused.purge(Wanted(topic="t/1"))
        else:
            refused.send([entry.id for entry in refused.oldest(Wanted(topic=f"t/{n}"))], 9)
        assert refused.ledger().balanced
        assert refused._bytes == sum(e.kept + len(e.topic) + 256 for e in refused.oldest())
    refused.close()
