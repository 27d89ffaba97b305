"""What came before is recognised for long enough, in memory that does not grow with the devices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.recent import REMEMBERED, Recent


def test_as_many_as_mqtt_can_have_unacknowledged_are_remembered() -> None:
    assert REMEMBERED > 65_535 - 1
    recent = Recent()
    keys = [("d", n, "water", "s") for n in range(REMEMBERED)]
    assert all(recent.add(key) for key in keys)
    assert not any(recent.add(key) for key in keys)


@given(st.integers(1, 20), st.lists(st.integers(0, 30), max_size=120))
def test_the_last_are_known_and_memory_is_bounded(size: int, numbers: list[int]) -> None:
    recent, taken = Recent(size), list[int]()
    for number in numbers:
        new = recent.add((f"d{number}", number, "water", "s"))
        if number in taken[-size:]:
            assert not new
        if number not in taken:
            assert new
        if new:
            taken.append(number)
        assert len(recent) <= 2 * size


def test_other_devices_kinds_and_sites_are_other_readings() -> None:
    recent = Recent()
    keys = [("d", 1, "water", "s"), ("e", 1, "water", "s"), ("d", 2, "water", "s")]
    keys += [("d", 1, "gas", "s"), ("d", 1, "water", "t")]
    assert all(recent.add(key) for key in keys)
