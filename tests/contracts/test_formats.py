"""Does every file in collectors/formats read its example, and turn garbage into a refusal?"""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.device_source import DeviceSource
from collectors.observation import Decoder, Message, Observation
from collectors.pattern import Pattern
from collectors.plugins import decoders, formats, load_folder
from collectors.reading import BadPayload, Reason
from collectors.terms import Terms

MODULES = load_folder("collectors.formats")
NOW_NS = 1_790_000_000_000_000_000
EMPTY_MEANS_SOMETHING = ("homeassistant",)
"""Formats in which an empty payload withdraws what was retained."""

every_format = pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
plain_format = pytest.mark.parametrize("module", [MODULES[name] for name in formats()], ids=list(formats()))
rich_format = pytest.mark.parametrize(
    "module", [m for name, m in MODULES.items() if name not in formats()], ids=lambda m: m.__name__
)


def decode(module: ModuleType, payload: bytes) -> list[object]:
    """What the format makes of a payload, freshly opened."""
    if hasattr(module, "records"):
        return list(module.records(payload))
    decoder: Decoder = module.DECODER
    texts = decoder.expand(decoder.topics[0]) if decoder.expand else decoder.topics[:1]
    observe = decoder.open([Pattern(text, "demo") for text in texts])
    return list(observe(Message(tuple(decoder.example_topic.split("/")), payload, NOW_NS)))


def refusal(module: ModuleType, payload: bytes) -> BadPayload:
    with pytest.raises(BadPayload) as caught:
        decode(module, payload)
    return caught.value


def test_every_file_is_a_format() -> None:
    assert formats().keys() | decoders().keys() == MODULES.keys()


@plain_format
def test_the_example_becomes_plain_records(module: ModuleType) -> None:
    found = module.records(module.EXAMPLE)
    assert found
    assert all(type(record) is dict and all(type(name) is str for name in record) for record in found)
    assert module.records(module.EXAMPLE) == found


@rich_format
def test_the_example_becomes_observations_the_same_ones_again(module: ModuleType) -> None:
    found = decode(module, module.EXAMPLE)
    assert all(type(said) is Observation for said in found)
    assert decode(module, module.EXAMPLE) == found


@every_format
def test_the_example_becomes_readings_on_the_usual_topic(module: ModuleType) -> None:
    decoder: Decoder = module.DECODER
    name = module.__name__.rpartition(".")[2]
    topic = decoder.topics[0]
    site = "" if "{site}" in topic else "demo"
    source = DeviceSource(topic, name, "measurement", site, Terms())
    levels = (decoder.example_topic or "arterial/demo/x/x1").split("/")
    (reader,) = [reader for reader in source.readers if reader.shape.matches(levels)]
    bound = reader.at(levels)
    found = bound.readings("demo", reader.shape.named(levels)[1], module.EXAMPLE, NOW_NS)
    assert all(reading.kind == "measurement" and reading.device for reading in found)
    assert found or name in EMPTY_MEANS_SOMETHING


@every_format
def test_nothing_is_empty(module: ModuleType) -> None:
    if module.__name__.endswith(EMPTY_MEANS_SOMETHING):
        assert decode(module, b"") == []
    else:
        assert refusal(module, b"").reason is Reason.EMPTY


@every_format
def test_more_than_the_limit_is_too_large(module: ModuleType) -> None:
    assert 1024 <= module.LIMIT_BYTES <= 1_000_000
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
    """What decoding gives or raises; any other exception fails the test."""
    try:
        return decode(module, payload)
    except BadPayload as refused:
        return refused


def in_order(found: list[object] | BadPayload) -> bool:
    if isinstance(found, BadPayload):
        return bool(found.detail)
    return all(type(item) in (dict, Observation) for item in found)


@every_format
@settings(max_examples=100, deadline=None)
@given(payload=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(module: ModuleType, payload: bytes) -> None:
    assert in_order(outcome(module, payload))


@every_format
@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused(module: ModuleType, place: int, byte: int) -> None:
    payload = bytearray(module.EXAMPLE)
    payload[place % len(payload)] = byte
    assert in_order(outcome(module, bytes(payload)))


@every_format
def test_the_file_says_what_it_is(module: ModuleType) -> None:
    assert "?" in (module.__doc__ or "").splitlines()[0]
