"""Does a reading keep its place in time, and does a detail stay short whatever a device sent?"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason, shown


def test_a_tie_never_leaves_its_millisecond() -> None:
    first = Reading("hires", "demo", "x1", 1_754_000_000_000_000_000, {"code": 1}, tie=TIE_LIMIT - 1)
    assert first.key_ns == 1_754_000_000_000_999_999
    assert first.key_ns // 1_000_000 == first.at_ns // 1_000_000


def test_a_reading_survives_the_disk() -> None:
    reading = Reading("water", "demo", "w-1", 5, {"a": 1.0, "b": 2, "c": "x", "d": True}, {"lane": "l"}, 7, 9)
    back = msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading)
    assert back == reading
    assert [type(value) for value in back.fields.values()] == [float, int, str, bool]


def test_a_refusal_says_reason_and_detail() -> None:
    assert str(BadPayload(Reason.EMPTY, "0 bytes")) == "empty: 0 bytes"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "missing"),
        (1.5, "1.5"),
        ("a\nb", r"'a\nb'"),
        ([1, 2], "a list of 2"),
        ({}, "an object of 0"),
        (-(10**5000 - 1), "a whole number of 16610 bits"),
    ],
    ids=lambda value: "huge" if isinstance(value, int) else None,
)
def test_a_value_is_quoted_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.text() | st.binary() | st.integers() | st.lists(st.integers()))
def test_whatever_was_sent_the_quote_is_short_and_printable(value: object) -> None:
    assert len(shown(value)) < 70
    assert shown(value).isprintable()
