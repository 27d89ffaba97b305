"""Does a field take what is possible, in its own type, and say why it refuses the rest?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.field import TEXT_LIMIT, Field
from collectors.reading import BadPayload, Reason

Look = Callable[[Callable[[], object]], BadPayload]

FILL = Field("float", "%", low=0, high=100)
COUNT = Field("int", low=0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (FILL, 0.0),
        (FILL, 100.0),
        (COUNT, 2**63 - 1),
        (Field("str"), "Zürich\n"),
        (Field("str", choices=("a", "b")), "b"),
        (Field("bool"), False),
        (Field("float", required=False), None),
    ],
)
def test_what_is_allowed_passes_unchanged(field: Field, value: object) -> None:
    assert field.check("x", value) == value


def test_a_whole_number_becomes_a_float_where_a_float_is_declared() -> None:
    assert repr(FILL.check("fill", 21)) == "21.0"


@pytest.mark.parametrize(
    ("field", "value", "reason", "detail"),
    [
        (FILL, 100.1, Reason.OUT_OF_RANGE, "x: 100.1; allowed: a number from 0 to 100 %"),
        (FILL, -1, Reason.OUT_OF_RANGE, "x: -1; allowed: a number from 0 to 100 %"),
        (
            FILL,
            10**400,
            Reason.OUT_OF_RANGE,
            "x: a whole number of 1329 bits; allowed: a number from 0 to 100 %",
        ),
        (FILL, "12", Reason.WRONG_SHAPE, "x: '12'; allowed: a number from 0 to 100 %"),
        (FILL, True, Reason.WRONG_SHAPE, "x: True; allowed: a number from 0 to 100 %"),
        (FILL, [1], Reason.WRONG_SHAPE, "x: a list of 1; allowed: a number from 0 to 100 %"),
        (FILL, None, Reason.WRONG_SHAPE, "x: missing; allowed: a number from 0 to 100 %"),
        (FILL, float("nan"), Reason.NOT_FINITE, "x: nan; allowed: a number from 0 to 100 %"),
        (Field("float"), float("-inf"), Reason.NOT_FINITE, "x: -inf; allowed: a number"),
        (Field("float"), float("nan"), Reason.NOT_FINITE, "x: nan; allowed: a number"),
        (COUNT, 1.5, Reason.WRONG_SHAPE, "x: 1.5; allowed: a whole number from 0"),
        (COUNT, False, Reason.WRONG_SHAPE, "x: False; allowed: a whole number from 0"),
        (COUNT, 2**63, Reason.OUT_OF_RANGE, "x: 9223372036854775808; allowed: a whole number from 0"),
        (Field("bool"), 1, Reason.WRONG_SHAPE, "x: 1; allowed: true or false"),
        (Field("str"), 5, Reason.WRONG_SHAPE, f"x: 5; allowed: text of at most {TEXT_LIMIT} characters"),
        (Field("str", choices=("on", "off")), "of", Reason.OUT_OF_RANGE, "x: 'of'; allowed: one of on, off"),
        (Field("str", choices=("on", "off")), 5, Reason.WRONG_SHAPE, "x: 5; allowed: one of on, off"),
    ],
)
def test_the_refusal_says_what_was_there_and_what_is_allowed(
    field: Field, value: object, reason: Reason, detail: str, refused: Look
) -> None:
    refusal = refused(lambda: field.check("x", value))
    assert (refusal.reason, refusal.detail) == (reason, detail)


def test_text_longer_than_a_store_can_hold_is_out_of_range(refused: Look) -> None:
    refusal = refused(lambda: Field("str").check("x", "a" * (TEXT_LIMIT + 1)))
    assert refusal.reason is Reason.OUT_OF_RANGE
    assert len(refusal.detail) < 200


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Field("double"),  # type: ignore[arg-type]
        lambda: Field("str", low=0),
        lambda: Field("float", low=2, high=1),
        lambda: Field("int", choices=("1",)),
    ],
)
def test_a_declaration_that_makes_no_sense_stops_the_start(declare: Callable[[], Field]) -> None:
    with pytest.raises(ValueError):
        declare()
