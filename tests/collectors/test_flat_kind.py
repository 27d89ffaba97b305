"""Is a declaration all it takes to read a flat record?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.kind import Field, Kind, flat_kind
from collectors.reading import BadPayload, Reading, Reason

Look = Callable[[Callable[[], object]], BadPayload]

AIR = flat_kind(
    "air",
    {"pm10": Field("float", "ug/m3", low=0), "raining": Field("bool", required=False)},
    tags=("street",),
)
NOW_NS = 1_760_000_000_000_000_000


def record(**changes: Any) -> dict[str, Any]:
    """A record that is in order, with changes; `...` takes a name away."""
    whole = {"t": 1_754_000_000_000, "pm10": 12, "raining": True, "street": "harbour", **changes}
    return {name: value for name, value in whole.items() if value is not ...}


def read(**changes: Any) -> list[Reading]:
    return AIR.readings(record(**changes), "demo", "a-1", NOW_NS)


def test_a_record_becomes_one_reading_with_declared_types() -> None:
    assert read() == [
        Reading(
            "air",
            "demo",
            "a-1",
            1_754_000_000_000_000_000,
            {"pm10": 12.0, "raining": True},
            {"street": "harbour"},
            0,
            NOW_NS,
        )
    ]
    assert type(read()[0].fields["pm10"]) is float


@pytest.mark.parametrize("absent", [..., None])
def test_an_optional_field_may_be_absent_or_null(absent: object) -> None:
    assert read(raining=absent)[0].fields == {"pm10": 12.0}


def test_names_nobody_declared_are_ignored() -> None:
    assert read(firmware={"deep": [[[]]]}, ts="x") == read()


@pytest.mark.parametrize(
    ("changes", "reason", "names"),
    [
        ({"pm10": ...}, Reason.WRONG_SHAPE, "pm10: missing"),
        ({"pm10": None}, Reason.WRONG_SHAPE, "pm10: missing"),
        ({"pm10": "12"}, Reason.WRONG_SHAPE, "pm10: '12'"),
        ({"pm10": True}, Reason.WRONG_SHAPE, "pm10: True"),
        ({"pm10": -0.1}, Reason.OUT_OF_RANGE, "pm10: -0.1"),
        ({"pm10": float("nan")}, Reason.NOT_FINITE, "pm10: nan"),
        ({"pm10": float("inf")}, Reason.NOT_FINITE, "pm10: inf"),
        ({"raining": 1}, Reason.WRONG_SHAPE, "raining: 1"),
        ({"t": ...}, Reason.BAD_TIME, "t: missing"),
        ({"t": 12}, Reason.BAD_TIME, "t: 12"),
        ({"t": "soon", "pm10": "x"}, Reason.BAD_TIME, "t: 'soon'"),
        ({"street": ...}, Reason.UNKNOWN_DEVICE, "street: missing"),
        ({"street": "a b"}, Reason.UNKNOWN_DEVICE, "street: 'a b'"),
    ],
)
def test_the_first_fault_is_named(changes: dict[str, Any], reason: Reason, names: str, refused: Look) -> None:
    refusal = refused(lambda: read(**changes))
    assert refusal.reason is reason
    assert refusal.detail.startswith(names)
    assert "allowed: " in refusal.detail


def test_a_record_without_any_value_is_empty(refused: Look) -> None:
    loose = flat_kind("loose", {"a": Field("int", required=False)})
    refusal = refused(lambda: loose.readings({"t": 1_754_000_000_000}, "demo", "d", NOW_NS))
    assert (refusal.reason, refusal.detail) == (Reason.EMPTY, "none of a")


def test_an_example_is_made_from_the_declaration() -> None:
    assert AIR.readings(AIR.example, "demo", "a-1", NOW_NS)[0].fields == {"pm10": 1.0, "raining": True}


@pytest.mark.parametrize(
    "declare",
    [
        lambda: flat_kind("Air", {"a": Field("int")}),
        lambda: flat_kind("air", {"a b": Field("int")}),
        lambda: flat_kind("air", {"time_ns": Field("int")}),
        lambda: flat_kind("air", {"a": Field("int")}, tags=("a",)),
        lambda: flat_kind("air", {}),
    ],
)
def test_names_that_a_store_cannot_take_stop_the_start(declare: Callable[[], Kind]) -> None:
    with pytest.raises(ValueError):
        declare()
