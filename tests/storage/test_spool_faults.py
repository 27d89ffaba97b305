"""What does a full or damaged disk cost? Nothing acknowledged, or the record that was hit; and it is said."""

import logging
import random
import shutil
import sqlite3
from collections import namedtuple

import pytest

from collectors.reading import Reading
from storage import spool as spool_module
from storage.spool import RESERVE_BYTES, Spool, SpoolFull

ROWS, PER_ROW = 40, 25


def reading(row: int, i: int) -> Reading:
    noise = random.Random(row * 1000 + i).random()
    return Reading("water", "demo", f"w-{i:04d}", row, {"volume_m3": noise, "flow_m3_h": noise / 3}, {}, 0, 5)


def filled(path, rows=ROWS):
    """A spool with `rows` rows for store `a`, closed, so that everything is in the main file."""
    spool = Spool(path)
    spool.position("a")
    for row in range(rows):
        spool.append([reading(row, i) for i in range(PER_ROW)])
    spool.close()


def drained(path):
    """(readings, books) of a store that takes everything that is left."""
    spool = Spool(path)
    rows = spool.read(0, 10**9)
    found = [r for _, readings in rows for r in readings]
    if rows:
        stored = [("stored", "water", len(found))]
        spool.advance("a", rows[-1][0], stored)
    books = spool.books("a")
    spool.append([reading(10**6, 0)])
    assert spool.waiting("a") == 1
    spool.close()
    return found, books


ALL = {(row, i) for row in range(ROWS) for i in range(PER_ROW)}


def keys(found):
    return {(r.at_ns, int(r.device[2:])) for r in found}


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_costs_its_record_or_its_page_and_the_books_say_so(tmp_path, seed):
    path = tmp_path / "s.db"
    filled(path)
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    inside = bodies(path, data)
    anywhere = chance.randrange(len(data) // 2, len(data))
    position = chance.choice(list(inside)) if seed % 2 else anywhere
    data[position] ^= 1 << seed % 8
    path.write_bytes(data)
    found, books = drained(path)
    assert len(found) == len(keys(found))
    assert keys(found) <= ALL
    assert all(r.fields == reading(r.at_ns, int(r.device[2:])).fields for r in found)
    lost = {row for row, _ in ALL - keys(found)}
    assert len(found) == len(ALL) - len(lost) * PER_ROW, "half a record"
    if position in inside:
        assert lost <= {inside[position]}, "more than the record that was hit"
    else:
        assert len(lost) <= 8, "records that share a page of 4096 bytes"
        assert not lost or max(lost) - min(lost) < len(lost), "records of more than one page"
    assert books.balanced
    assert books.total.refused == len(ALL) - len(found)


def bodies(path, data):
    """Position in the file of every byte of a record's readings -> the record."""
    with sqlite3.connect(path) as db:
        rows = [body for (body,) in db.execute("SELECT body FROM spool ORDER BY id")]
    found = {}
    for row, body in enumerate(rows):
        start = data.find(body)  # a longer record goes on in other pages, and is not found as a whole
        if start >= 0:
            found.update(dict.fromkeys(range(start, start + len(body)), row))
    assert len(set(found.values())) > ROWS / 2
    return found


@pytest.mark.parametrize("cut", [1, 100, 4096, 5000, 9000])
def test_a_truncated_file_starts_again_and_says_what_is_lost(tmp_path, cut, caplog):
    path = tmp_path / "s.db"
    filled(path)
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    found, books = drained(path)
    assert keys(found) <= ALL
    assert books.balanced
    assert len(found) >= len(ALL) - PER_ROW * 8 * (1 + cut // 4096)
    if cut >= 4096:
        assert any("damaged" in r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR)
        assert list(tmp_path.glob("s.db.damaged-*"))


@pytest.mark.parametrize("harm", ["truncated", "flipped"])
def test_a_damaged_log_costs_the_commits_after_the_damage_only(tmp_path, harm, caplog):
    path, copy = tmp_path / "s.db", tmp_path / "copy.db"
    spool = Spool(path)
    spool.position("a")
    for row in range(ROWS):
        spool.append([reading(row, i) for i in range(PER_ROW)])
    for side in ("", "-wal"):
        shutil.copy(f"{path}{side}", f"{copy}{side}")
    spool.close()
    log = copy.with_name("copy.db-wal")
    data = bytearray(log.read_bytes())
    if harm == "truncated":
        del data[-100:]
    else:
        data[-2000] ^= 4
    log.write_bytes(data)
    found, books = drained(copy)
    assert keys(found) == {(row, i) for row in range(ROWS - 1) for i in range(PER_ROW)}
    assert books.balanced
    assert any("cannot be read" in r.getMessage() for r in caplog.records) or harm == "truncated"


def test_what_is_no_database_at_all_is_put_aside(tmp_path, caplog):
    path = tmp_path / "s.db"
    filled(path)
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    found, books = drained(path)
    assert keys(found) <= ALL
    assert books.balanced
    assert list(tmp_path.glob("s.db.damaged-*"))
    assert "damaged" in caplog.text


def test_appends_leave_room_on_the_disk_for_trimming(tmp_path, monkeypatch):
    spool = Spool(tmp_path / "s.db")
    spool.position("a")
    last = spool.append([reading(0, i) for i in range(PER_ROW)])
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(spool_module.shutil, "disk_usage", lambda _: usage(1 << 30, 1 << 30, RESERVE_BYTES))
    with pytest.raises(SpoolFull, match="bytes left"):
        spool.append([reading(1, 0)])
    spool.advance("a", last, [("stored", "water", PER_ROW)])
    assert spool.books("a").balanced
    assert spool.books("a").total.received == PER_ROW
    spool.close()


def test_a_sound_spool_is_left_alone(tmp_path, caplog):
    path = tmp_path / "s.db"
    filled(path)
    found, books = drained(path)
    assert keys(found) == ALL
    assert books.balanced
    assert not caplog.records
    assert not list(tmp_path.glob("*.damaged-*"))
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
