"""Does every file in collectors/formats turn its example into records, and garbage into a refusal?"""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.plugins import formats, load_folder
from collectors.reading import BadPayload, Reason

MODULES = load_folder("collectors.formats")

every_format = pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))


def refusal(module: ModuleType, payload: bytes) -> BadPayload:
    with pytest.raises(BadPayload) as caught:
        module.records(payload)
    return caught.value


def test_every_file_is_a_format() -> None:
    assert formats().keys() == MODULES.keys()


@every_format
def test_the_example_becomes_plain_records(module: ModuleType) -> None:
    found = module.records(module.EXAMPLE)
    assert found
    assert all(type(record) is dict and all(type(name) is str for name in record) for record in found)
    assert module.records(module.EXAMPLE) == found


@every_format
def test_nothing_is_empty(module: ModuleType) -> None:
    assert refusal(module, b"").reason is Reason.EMPTY


@every_format
def test_more_than_the_limit_is_too_large(module: ModuleType) -> None:
    assert 1024 <= module.LIMIT_BYTES <= 16 * 1024 * 1024
    found = refusal(module, b" " * module.LIMIT_BYTES + module.EXAMPLE)
    assert found.reason is Reason.TOO_LARGE
    assert str(module.LIMIT_BYTES) in found.detail


@every_format
def test_half_a_message_is_refused(module: ModuleType) -> None:
    assert refusal(module, module.EXAMPLE[: len(module.EXAMPLE) // 2]).reason in (
        Reason.MALFORMED,
        Reason.WRONG_SHAPE,
    )


def outcome(module: ModuleType, payload: bytes) -> list[object] | BadPayload:
    """What `records` gives or raises; any other exception fails the test."""
    try:
        return list(module.records(payload))
    except BadPayload as refused:
        return refused


def in_order(found: list[object] | BadPayload) -> bool:
    return bool(found.detail) if isinstance(found, BadPayload) else all(type(r) is dict for r in found)


@every_format
@settings(max_examples=100, deadline=None)
@given(payload=st.binary(max_size=300))
def test_any_bytes_are_records_or_a_refusal(module: ModuleType, payload: bytes) -> None:
    assert in_order(outcome(module, payload))


@every_format
@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_flipped_byte_is_records_or_a_refusal(module: ModuleType, place: int, byte: int) -> None:
    payload = bytearray(module.EXAMPLE)
    payload[place % len(payload)] = byte
    assert in_order(outcome(module, bytes(payload)))


@every_format
def test_the_file_says_what_it_is(module: ModuleType) -> None:
    assert "?" in (module.__doc__ or "").splitlines()[0]
