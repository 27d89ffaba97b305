"""Does the spool keep what it acknowledged, in order, within its bounds, until every store has it?"""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.reading import Reading
from storage import books
from storage.spool import ROW_READINGS, Spool, SpoolFull


def all_of(spool, after=0, limit=10**9):
    return [reading for _, readings in spool.read(after, limit) for reading in readings]


def reopened(spool):
    """A new object on the same file, which has nothing in memory."""
    spool.close()
    return Spool(spool.path)


def test_what_was_appended_comes_back_in_order(spool, hires, water):
    readings = [*hires(5), water(tags={"intersection": "x1"}), *hires(3, "x2")]
    spool.append(readings[:4])
    spool.append(readings[4:])
    assert all_of(spool) == readings


def test_a_new_object_on_the_same_file_finds_everything(tmp_path, hires):
    first = Spool(tmp_path / "s.db")
    last = first.append(hires(10))
    first.position("a")
    first.close()
    second = Spool(tmp_path / "s.db")
    assert all_of(second) == hires(10)
    assert second.last == last
    assert second.waiting("a") == 10
    assert second.books("a").total.received == 10
    assert second.append(hires(1, first=10)) == last + 1
    second.close()


def test_a_long_append_is_split_into_rows_and_still_one_transaction(spool, hires):
    last = spool.append(hires(2 * ROW_READINGS + 1))
    rows = spool.read(0, 10**9)
    assert [len(readings) for _, readings in rows] == [ROW_READINGS, ROW_READINGS, 1]
    assert rows[-1][0] == last


def test_read_returns_whole_rows_up_to_the_limit_and_at_least_one(spool, hires):
    ids = [spool.append(hires(10, first=10 * i)) for i in range(4)]
    assert [row for row, _ in spool.read(0, 25)] == ids[:2]
    assert [row for row, _ in spool.read(ids[1], 1)] == [ids[2]]
    assert spool.read(ids[3], 100) == []


def test_an_empty_append_changes_nothing(spool, hires):
    last = spool.append(hires(1))
    assert spool.append([]) == last
    assert spool.waiting("a") == 1


def test_rows_go_when_every_store_has_them(spool, hires):
    spool.keep_for(["a", "b"])
    ids = [spool.append(hires(10, first=10 * i)) for i in range(3)]
    spool.advance("a", ids[2])
    assert len(all_of(spool)) == 30
    assert (spool.waiting("a"), spool.waiting("b")) == (0, 30)
    spool.advance("b", ids[1])
    assert len(all_of(spool)) == 10
    assert (spool.waiting("a"), spool.waiting("b")) == (0, 10)


def test_waiting_is_right_after_everything_was_trimmed(spool, hires):
    spool.position("a")
    spool.advance("a", spool.append(hires(10)))
    assert spool.waiting("a") == 0
    spool.append(hires(3))
    assert spool.waiting("a") == 3
    assert spool.waiting("new store") == 3
    assert [len(readings) for _, readings in spool.read(spool.position("new store"), 100)] == [3]


def test_the_books_of_a_store_begin_when_it_joins(spool, hires, water):
    spool.position("a")
    last = spool.append([*hires(10), water()])
    spool.advance("a", last, [("stored", "hires", 9), ("refused", "hires", 1), ("stored", "water", 1)])
    rest = spool.append(hires(4, first=10))
    spool.keep_for(["a", "b"])
    books = spool.books("b")
    assert (books.total.received - books.total.refused, books.waiting, books.balanced) == (4, 4, True)
    assert books.kinds["water"].open == 0
    spool.advance("b", rest, [("stored", "hires", 4)])
    assert spool.books("b").balanced
    assert spool.books("a").balanced


def test_a_store_that_comes_back_has_books_that_balance(spool, hires):
    spool.keep_for(["a", "b"])
    spool.advance("b", spool.append(hires(5)), [("stored", "hires", 5)])
    spool.keep_for(["a"])
    spool.advance("a", spool.append(hires(5, first=5)), [("stored", "hires", 10)])
    spool.append(hires(3, first=10))
    spool.keep_for(["a", "b"])
    assert (spool.books("b").waiting, spool.books("b").balanced) == (3, True)


def test_the_bound_holds_for_the_slowest_of_several_stores(tmp_path, hires):
    spool = Spool(tmp_path / "s.db", max_bytes=4000)
    spool.keep_for(["quick", "dead"])
    ids = (spool.append(hires(50, first=50 * i)) for i in range(1000))
    moves = (spool.advance("quick", row, [("stored", "hires", 50)]) for row in ids)
    with pytest.raises(SpoolFull):
        list(moves)
    assert spool.waiting("quick") == 0
    assert 3000 < spool.bytes_used() <= 4000
    spool.keep_for(["quick"])
    spool.advance("quick", spool.last)
    assert spool.bytes_used() == 0
    spool.close()


def test_a_damaged_row_is_booked_by_each_store_as_it_goes_past(spool, hires, tmp_path):
    spool.keep_for(["a", "b"])
    row = spool.append(hires(4))
    with sqlite3.connect(tmp_path / "spool.db") as other:
        other.execute("UPDATE spool SET body = ? WHERE id = ?", (b"rubbish", row))
    other.close()
    spool = reopened(spool)
    spool.read(0, 100)
    spool.advance("a", row)
    assert [(spool.books(s).total.refused, spool.books(s).waiting) for s in "ab"] == [(4, 0), (0, 4)]
    spool.advance("b", row)
    assert spool.books("b").balanced


def test_another_process_can_read_the_books(spool, hires, tmp_path):
    spool.position("a")
    spool.advance("a", spool.append(hires(2)), [("stored", "hires", 2)])
    spool.append(hires(3, first=2))
    assert books.on_disk(tmp_path / "spool.db", "a") == spool.books("a")
    with pytest.raises(sqlite3.Error):
        books.on_disk(tmp_path / "nothing.db", "a")


def test_a_store_that_is_no_longer_configured_does_not_hold_the_spool(spool, hires):
    spool.keep_for(["old", "new"])
    last = spool.append(hires(10))
    spool.keep_for(["new"])
    spool.advance("new", last)
    assert all_of(spool) == []


def test_a_full_spool_refuses_and_keeps_nothing_of_it(tmp_path, hires):
    spool = Spool(tmp_path / "s.db", max_bytes=4000)
    fill = (spool.append(hires(50, first=50 * i)) for i in range(1000))
    with pytest.raises(SpoolFull, match="4000 bytes"):
        list(fill)
    kept = len(all_of(spool))
    assert 0 < kept == spool.books("a").total.received
    assert spool.bytes_used() <= 4000
    spool.advance("a", spool.last)
    assert spool.bytes_used() == 0
    spool.append(hires(50))
    spool.close()


def test_a_new_spool_never_repeats_the_ids_of_a_deleted_one(tmp_path, hires):
    old = Spool(tmp_path / "s.db")
    last = max(old.append(hires(1)) for _ in range(20))
    old.close()
    for file in tmp_path.iterdir():
        file.unlink()
    new = Spool(tmp_path / "s.db")
    assert new.append(hires(1)) > last
    new.close()


def test_books_are_entered_with_the_readings_and_balance(spool, hires, water):
    spool.position("a")
    last = spool.append([*hires(8), water()], also=[("received", "hires", 2), ("duplicate", "hires", 2)])
    spool.enter([("received", "unknown", 1), ("refused", "unknown", 1)])
    assert spool.books("a").balanced
    spool.advance("a", last, [("stored", "hires", 7), ("refused", "hires", 1), ("stored", "water", 1)])
    books = spool.books("a")
    assert books.balanced
    assert books.waiting == 0
    assert (books.total.received, books.total.stored, books.total.refused, books.total.duplicate) == (
        12,
        8,
        2,
        2,
    )
    assert books.kinds["hires"].open == 0


def test_an_unknown_column_is_an_error_that_names_the_choices(spool):
    with pytest.raises(ValueError, match="there are: received, stored, refused, duplicate"):
        spool.count("lost", "hires", 1)
    assert spool.books("a").kinds == {}


def test_a_damaged_row_is_set_aside_and_counted_and_the_flow_goes_on(spool, hires, tmp_path):
    spool.position("a")
    first = spool.append(hires(4))
    last = spool.append(hires(3, first=4))
    other = sqlite3.connect(tmp_path / "spool.db")
    other.execute("UPDATE spool SET body = ? WHERE id = ?", (b"rubbish", first))
    other.commit()
    other.close()
    spool = reopened(spool)
    for _ in range(2):
        assert [(row, len(readings)) for row, readings in spool.read(0, 100)] == [(first, 0), (last, 3)]
    spool.advance("a", last, [("stored", "hires", 3)])
    assert spool.books("a").total.refused == 4
    assert spool.books("a").balanced


def test_the_oldest_waiting_reading_tells_its_age(spool, hires):
    assert spool.oldest_ns("a") is None
    last = spool.append(hires(1))
    assert spool.oldest_ns("a") > 1_600_000_000_000_000_000
    spool.advance("a", last)
    assert spool.oldest_ns("a") is None


values = st.one_of(
    st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1), st.text(max_size=8), st.booleans()
)


@settings(deadline=None, max_examples=30)  # each example makes a file
@given(st.dictionaries(st.text(max_size=4), values, max_size=3), st.integers(0, 2**62))
def test_every_value_survives_the_spool(tmp_path_factory, fields, at_ns):
    spool = Spool(Path(tmp_path_factory.mktemp("spool")) / "s.db")
    reading = Reading("k", "s", "d", at_ns, fields)
    try:
        spool.append([reading])
        assert all_of(spool) == [reading]
        kept = all_of(spool)[0].fields
        assert [type(value) for value in kept.values()] == [type(value) for value in fields.values()]
    finally:
        spool.close()
