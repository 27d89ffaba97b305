"""What is in memory is what is on the disk, or the disk is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import Reading
from storage.fresh import Fresh


def readings(n: int) -> list[Reading]:
    return [Reading("k", "s", "d", i, {"a": 1.0}) for i in range(n)]


@given(st.lists(st.tuples(st.sampled_from(["append", "advance"]), st.integers(1, 9)), max_size=30))
def test_a_row_is_found_or_the_disk_is_asked_and_memory_is_bounded(steps: list[tuple[str, int]]) -> None:
    disk: list[tuple[int, list[Reading]]] = [(1, readings(1))]
    fresh, last, position = Fresh(1, most=20), 1, 0
    for what, n in steps:
        if what == "append":
            last += 1
            row = (last, readings(n))
            disk.append(row)
            fresh.add([row])
        else:
            position = min(position + n, last)
            disk = [row for row in disk if row[0] > position]
            fresh.drop(position)
        assert sum(len(row[1]) for row in fresh.read(last - 1, 100) or []) <= 20
        for after in range(position, last + 1):
            found = fresh.read(after, 10**9)
            assert found is None or found == [row for row in disk if row[0] > after]
        assert fresh.read(last, 5) == []


def test_read_returns_whole_rows_up_to_the_limit_and_at_least_one() -> None:
    fresh = Fresh(0)
    fresh.add([(n, readings(10)) for n in range(1, 5)])
    assert [row for row, _ in fresh.read(0, 25) or []] == [1, 2]
    assert [row for row, _ in fresh.read(2, 1) or []] == [3]
    assert fresh.read(4, 5) == []


def test_what_was_on_the_disk_before_is_read_there() -> None:
    fresh = Fresh(7)
    fresh.add([(8, readings(1))])
    assert fresh.read(3, 10) is None
    assert [row for row, _ in fresh.read(7, 10) or []] == [8]
