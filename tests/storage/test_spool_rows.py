"""A row of the spool gives back the readings that were put into it, or says that it is damaged."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.batch import Batch
from storage.spool import Spool
from storage.spool_rows import BadRow, decoded, encoded
from tests.storage.typed_batch import records


@pytest.mark.parametrize("small", [False, True])
def test_records_and_readings_come_back_as_readings(hires, small):
    batch = records(7, plain=hires(3))
    assert decoded(encoded(batch, small)) == list(batch)
    assert [[type(v) for v in r.fields.values()] for r in decoded(encoded(batch, small))] == [
        [type(v) for v in r.fields.values()] for r in batch
    ]
    assert decoded(encoded(Batch(hires(3)), small)) == hires(3)


@pytest.mark.parametrize("small", [False, True])
def test_flags_of_records_come_back(small):
    batch = records(5, flags=[0, 2, 0, 4, 0])
    found = decoded(encoded(batch, small))
    assert found == list(batch)
    assert [reading.quality for reading in found] == [0, 2, 0, 4, 0]


def test_columns_of_earlier_versions_knew_no_flags():
    batch = records(3)
    (columns,) = msgspec.msgpack.decode(encoded(batch)[5:])[1]
    body = msgspec.msgpack.encode([[], [columns[:6]]])
    assert decoded(b"R" + zlib.crc32(body).to_bytes(4, "big") + body) == list(batch)


def test_rows_of_earlier_versions_are_read(hires, water):
    readings = [*hires(3), water()]
    old = zlib.compress(msgspec.msgpack.encode([msgspec.to_builtins(r)[:8] for r in readings]), 1)
    assert decoded(old) == readings


def test_small_rows_are_smaller():
    batch = records(500)
    assert len(encoded(batch, small=True)) < len(encoded(batch)) < 60 * 500


@given(st.integers(0, 400), st.integers(1, 255), st.booleans())
def test_a_changed_byte_is_noticed(place, change, small):
    row = bytearray(encoded(records(5), small))
    row[place % len(row)] ^= change
    with pytest.raises(BadRow):
        decoded(bytes(row))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_row_or_damaged(rubbish):
    try:
        decoded(rubbish)
    except BadRow:
        return


def test_a_spool_gives_the_same_from_memory_and_from_the_disk(spool, hires):
    spool.position("a")
    batches = [records(4, plain=hires(2)), records(3, 4, "gas"), Batch(hires(2, first=2))]
    for batch in batches:
        spool.append(batch)
    fresh = spool.read(0, 10**9)
    assert [readings for _, readings in fresh] == batches
    spool.close()
    again = Spool(spool.path)
    assert [(row, list(readings)) for row, readings in fresh] == again.read(0, 10**9)
    assert again.books("a").kinds["water"].received == 4
    assert again.waiting("a") == 11
    again.close()


def test_beyond_some_waiting_bytes_rows_are_compressed(spool, monkeypatch):
    monkeypatch.setattr("storage.spool.SMALL_FROM_BYTES", 1)
    sizes = []
    for i in range(3):
        before = spool.bytes_used()
        spool.append(records(300, 300 * i))
        sizes.append(spool.bytes_used() - before)
    assert sizes[2] < sizes[0] / 1.5
    spool.close()
    again = Spool(spool.path)
    assert [r for _, rows in again.read(0, 10**9) for r in rows] == [
        reading for i in range(3) for reading in records(300, 300 * i)
    ]
    again.close()
