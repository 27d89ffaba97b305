"""Does every file in collectors/kinds read its own example, and refuse what breaks it?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collectors.kind import Field, Kind
from collectors.plugins import kinds, load_folder
from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason

NOW_NS = 1_760_000_000_000_000_000
PYTHON_TYPES = {"float": float, "int": int, "str": str, "bool": bool}

every_kind = pytest.mark.parametrize("kind", kinds().values(), ids=list(kinds()))
timed_kind = pytest.mark.parametrize(
    "kind", [kind for kind in kinds().values() if "t" in kind.example], ids=lambda kind: kind.name
)
"""Kinds with one time per record; the others have a time per event and tests of their own."""
FIELDS = [(kind, name) for kind in kinds().values() for name in kind.fields if name in kind.example]
every_field = pytest.mark.parametrize(
    ("kind", "name"), FIELDS, ids=[f"{kind.name}.{name}" for kind, name in FIELDS]
)
PLAIN = [(kind, name) for kind, name in FIELDS if not isinstance(kind.example[name], list)]
plain_field = pytest.mark.parametrize(
    ("kind", "name"), PLAIN, ids=[f"{kind.name}.{name}" for kind, name in PLAIN]
)
"""Fields that are on the wire what they are in the reading (sets of phases are not)."""


def read(kind: Kind, record: dict[str, Any]) -> list[Reading]:
    """As the wire would bring it: through JSON and back."""
    return kind.readings(msgspec.json.decode(msgspec.json.encode(record)), "demo", "x1", NOW_NS)


def refusal(kind: Kind, record: dict[str, Any]) -> BadPayload:
    with pytest.raises(BadPayload) as caught:
        read(kind, record)
    return caught.value


def wrong_type(field: Field) -> object:
    return 5 if field.type in ("str", "bool") else "5"


@every_kind
def test_the_example_becomes_readings_of_the_declared_schema(kind: Kind) -> None:
    found = read(kind, kind.example)
    assert found
    for reading in found:
        assert (reading.kind, reading.site, reading.received_ns) == (kind.name, "demo", NOW_NS)
        assert reading.tags.keys() == set(kind.tags)
        assert 0 <= reading.tie < TIE_LIMIT
        required = {name for name, field in kind.fields.items() if field.required}
        assert required <= reading.fields.keys() <= kind.fields.keys()
        for name, value in reading.fields.items():
            assert type(value) is PYTHON_TYPES[kind.fields[name].type], name


@every_kind
def test_the_same_record_gives_the_same_readings(kind: Kind) -> None:
    assert read(kind, kind.example) == read(kind, kind.example)


@every_kind
def test_no_two_readings_of_a_message_share_a_key(kind: Kind) -> None:
    keys = [(reading.device, reading.key_ns) for reading in read(kind, kind.example)]
    assert len(set(keys)) == len(keys)


@every_kind
def test_keys_nobody_declared_are_no_error(kind: Kind) -> None:
    assert read(kind, {**kind.example, "firmware_": {"v": [1, None]}}) == read(kind, kind.example)


@every_kind
def test_an_empty_record_is_refused(kind: Kind) -> None:
    assert refusal(kind, {}).reason in (Reason.BAD_TIME, Reason.WRONG_SHAPE)


@timed_kind
@pytest.mark.parametrize("t", [None, 0, True, "yesterday", 1e300, NOW_NS // 1_000_000 + 90_000_000])
def test_an_implausible_time_is_refused(kind: Kind, t: object) -> None:
    assert refusal(kind, {**kind.example, "t": t}).reason is Reason.BAD_TIME


@every_field
def test_a_value_of_another_type_is_refused_by_name(kind: Kind, name: str) -> None:
    found = refusal(kind, {**kind.example, name: wrong_type(kind.fields[name])})
    assert found.reason is Reason.WRONG_SHAPE
    assert found.detail.startswith(name)


@plain_field
def test_an_impossible_number_is_out_of_range(kind: Kind, name: str) -> None:
    field = kind.fields[name]
    for bound, step in ((field.low, -1), (field.high, 1)):
        if bound is not None:
            found = refusal(kind, {**kind.example, name: int(bound) + step * max(1, abs(int(bound)))})
            assert found.reason is Reason.OUT_OF_RANGE
            assert found.detail.startswith(f"{name}: ")


@plain_field
def test_only_an_optional_field_may_be_absent(kind: Kind, name: str) -> None:
    left = {key: value for key, value in kind.example.items() if key != name}
    if kind.fields[name].required:
        assert refusal(kind, left).detail.startswith(f"{name}: missing")
    else:
        assert name not in read(kind, left)[0].fields


@every_kind
def test_the_file_says_what_it_is_and_every_field_too(kind: Kind) -> None:
    doc = load_folder("collectors.kinds")[kind.name].__doc__
    assert doc
    assert "?" in doc.splitlines()[0]
    for name, field in kind.fields.items():
        assert field.doc, f"{kind.name}.{name} has no doc"
