"""Do flags stay what they are, in words, on disk, and in readings written before there were any?"""

from __future__ import annotations

import msgspec
import pytest

from collectors.quality import Flag, with_flag, words
from collectors.reading import Reading

OLD = ["water", "demo", "w-1", 5, {"a": 1.0}, {}, 7, 9]
"""A reading as spools and refused payloads held it before there were flags."""


@pytest.mark.parametrize(
    ("quality", "said"),
    [(0, []), (1, ["retained"]), (6, ["late", "clock"]), (1 << 40 | 2, ["late", str(1 << 40)])],
)
def test_flags_are_said_in_words(quality: int, said: list[str]) -> None:
    assert words(quality) == said


def test_flags_keep_their_numbers_for_stores_hold_them() -> None:
    names = "RETAINED LATE CLOCK RANGE STUCK RATE GAP SUBSTITUTED UNKNOWN RESET ROLLOVER"
    assert {flag.name: int(flag) for flag in Flag} == {name: 1 << i for i, name in enumerate(names.split())}


def test_a_reading_of_before_there_were_flags_has_none() -> None:
    assert msgspec.convert(OLD, Reading).quality == 0
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(OLD), type=Reading).quality == 0


def test_a_flag_is_added_as_a_plain_number() -> None:
    reading = with_flag(with_flag(Reading("water", "demo", "w-1", 5, {"a": 1.0}), Flag.LATE), Flag.RETAINED)
    assert (reading.quality, type(reading.quality)) == (3, int)


def test_flags_survive_the_disk() -> None:
    reading = Reading("water", "demo", "w-1", 5, {"a": 1.0}, quality=Flag.LATE | Flag.CLOCK)
    back = msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading)
    assert back.quality == 6


def test_a_flag_becomes_a_plain_number() -> None:
    reading = with_flag(Reading("water", "demo", "w-1", 5, {"a": 1.0}, quality=1), Flag.CLOCK)
    assert (type(reading.quality), reading.quality) == (int, 5)
