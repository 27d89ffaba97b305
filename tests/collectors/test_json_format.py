"""Does JSON of any sort end as records or as one of six reasons?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.formats.json import LIMIT_BYTES, records
from collectors.reading import BadPayload, Reason

Look = Callable[[Callable[[], object]], BadPayload]


def test_an_object_is_one_record_and_a_list_is_several() -> None:
    assert records(b' {"a":1} ') == [{"a": 1}]
    assert records(b'[{"a":1},{"a":2}]') == [{"a": 1}, {"a": 2}]


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert records(b'{"a":1,"a":2}') == [{"a": 2}]


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (b"", Reason.EMPTY, "0 bytes"),
        (b" \n", Reason.EMPTY, "2 bytes"),
        (b'{"a":"' + b"x" * LIMIT_BYTES + b'"}', Reason.TOO_LARGE, f"allowed: {LIMIT_BYTES}"),
        (b"{", Reason.MALFORMED, "truncated"),
        (b"hello", Reason.MALFORMED, "invalid character"),
        (b'{"a":1} {"b":2}', Reason.MALFORMED, "trailing"),
        (b"\xff\xfe{}", Reason.MALFORMED, "byte 0"),
        (b'{"a":"\xff"}', Reason.MALFORMED, ""),
        (b"[" * 200_000, Reason.MALFORMED, "recursion"),
        (b'{"a":' * 40_000, Reason.MALFORMED, "recursion"),
        (b'"' + b'\\"' * 100_000, Reason.MALFORMED, ""),
        (b'{"a":NaN}', Reason.NOT_FINITE, "NaN"),
        (b'{"a":-Infinity}', Reason.NOT_FINITE, "-Infinity"),
        (b'{"a":1e999}', Reason.NOT_FINITE, "out of range"),
        (b'{"a":' + b"9" * 5000 + b"}", Reason.NOT_FINITE, "out of range"),
        (b'{"a":"NaN",}', Reason.MALFORMED, ""),
        (b"null", Reason.WRONG_SHAPE, "allowed: an object or a list of objects"),
        (b"3.14", Reason.WRONG_SHAPE, "3.14"),
        (b'"text"', Reason.WRONG_SHAPE, "'text'"),
        (b'[{"a":1},2]', Reason.WRONG_SHAPE, "a list of 2"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_what_is_no_record_has_a_reason(payload: bytes, reason: Reason, detail: str, refused: Look) -> None:
    refusal = refused(lambda: records(payload))
    assert refusal.reason is reason
    assert detail in refusal.detail
    assert len(refusal.detail) < 200
