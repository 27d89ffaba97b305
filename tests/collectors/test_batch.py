"""Readings that travel together are the same readings, in whatever form they travel."""

from __future__ import annotations

from collections import Counter

from collectors.batch import Batch, Group, grouped, kinds_of, merged
from collectors.plugins import kinds
from collectors.reading import Reading
from collectors.typed import Route, route

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000


def columns(kind: str, n: int, first: int = 0) -> tuple[list[Route], list[int], list[object]]:
    """`n` records of so many devices."""
    shape = kinds()[kind].typed
    assert shape is not None
    name = shape.fields[0]
    records = [shape.decode(b'{"t":%d,"%b":0.5}' % (T + i, name.encode())) for i in range(first, first + n)]
    routes = [route(shape, "demo", f"{kind}-{i}") for i in range(first, first + n)]
    return routes, [NOW_NS + i for i in range(first, first + n)], records


def group(kind: str, n: int, first: int = 0) -> Group:
    (found,) = grouped(*columns(kind, n, first))
    return found


def plain(n: int) -> list[Reading]:
    return [Reading("hires", "demo", "x1", i, {"code": 1, "param": i}) for i in range(n)]


def test_a_batch_is_a_sequence_of_the_same_objects_whenever_one_looks() -> None:
    batch = Batch(plain(2), [group("water", 3), group("gas", 2)])
    assert len(batch) == len(list(batch)) == 7
    assert [r.kind for r in batch] == ["hires"] * 2 + ["water"] * 3 + ["gas"] * 2
    assert batch[3] is list(batch)[3]
    assert batch[-1] == Reading(
        "gas", "demo", "gas-1", (T + 1) * 1_000_000, {"volume_m3": 0.5}, {}, 0, NOW_NS + 1
    )
    assert [r.device for r in batch[2:4]] == ["water-0", "water-1"]
    assert batch.kinds() == kinds_of(list(batch)) == Counter(hires=2, water=3, gas=2)


def test_pieces_are_small_and_lose_nothing() -> None:
    batch = Batch(plain(5), [group("water", 7)])
    pieces = list(batch.pieces(3))
    assert max(map(len, pieces)) == 3
    assert [r for piece in pieces for r in piece] == list(batch)
    assert list(batch.pieces(12)) == [batch]


def test_records_of_several_kinds_come_apart_in_order() -> None:
    mixed = [columns(kind, 1, i) for i, kind in enumerate(["water", "gas", "water", "gas", "water"])]
    routes, received, records = ([x for c in mixed for x in c[n]] for n in range(3))
    found = grouped(routes, received, records)  # type: ignore[arg-type]
    assert [(g.typed.kind, [r.device for r in g.readings()]) for g in found] == [
        ("water", ["water-0", "water-2", "water-4"]),
        ("gas", ["gas-1", "gas-3"]),
    ]
    assert grouped([], [], []) == []


def test_flags_stay_with_their_records() -> None:
    routes, received, records = columns("water", 4)
    (marked,) = grouped(routes, received, records, [0, 2, 0, 4])
    assert [r.quality for r in marked.readings()] == [0, 2, 0, 4]
    assert [r.quality for r in marked.part(1, 3).readings()] == [2, 0]
    assert marked.part(2, 3).flags == [0]
    (both,) = merged([Batch((), [group("water", 2)]), Batch((), [marked])]).groups  # type: ignore[attr-defined]
    assert [r.quality for r in both.readings()] == [0, 0, 0, 2, 0, 4]
    (unmarked,) = grouped(routes, received, records, [0, 0, 0, 0])
    assert not unmarked.flags
    two = [columns(kind, 2) for kind in ("water", "gas")]
    mixed = grouped(*([*a, *b] for a, b in zip(*two, strict=True)), [0, 2, 4, 0])  # type: ignore[arg-type]
    assert [list(g.flags) for g in mixed] == [[0, 2], [4, 0]]


def test_merged_batches_have_one_group_of_each_kind_and_all_readings() -> None:
    one, two = Batch(plain(2), [group("water", 2), group("gas", 1)]), Batch((), [group("water", 2, 2)])
    found = merged([one, two, plain(1)])
    assert isinstance(found, Batch)
    assert [(g.typed.kind, len(g)) for g in found.groups] == [("water", 4), ("gas", 1)]
    assert Counter(map(repr, found)) == Counter(map(repr, [*one, *two, *plain(1)]))
    assert merged([one]) is one
    assert list(merged([])) == []
