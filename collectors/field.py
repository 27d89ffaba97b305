"""Which values of one field are physically possible, and of which type are they in every store?"""

from __future__ import annotations

import math
import sys
from typing import Annotated, Any, Final, Literal

import msgspec

from collectors.plausible import Bounds
from collectors.reading import BadPayload, Reason, Value, shown

FieldType = Literal["float", "int", "str", "bool"]

TEXT_LIMIT: Final = 16_383
"""Characters of a text field: InfluxDB keeps 64 KiB per string, and a character has up to four bytes."""

_TYPES: Final[dict[str, type]] = {"float": float, "int": int, "str": str, "bool": bool}
_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "float": (-sys.float_info.max, sys.float_info.max),
    "int": (-(2**63), 2**63 - 1),
}


class Field(msgspec.Struct, frozen=True):
    """One value of a reading: its type in every store, its unit, and the span that is physically possible.

    `low` and `high` are inclusive and meant for the impossible, not for the unusual: what is outside is
    refused. A field that is not `required` may be absent or null. `choices` closes a text field.
    """

    type: FieldType
    unit: str = ""
    low: float | None = None
    high: float | None = None
    doc: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    plausible: Bounds | None = None
    """What is possible and yet not to be believed at once: stored with a flag."""

    def __post_init__(self) -> None:
        if self.type not in _TYPES:
            raise ValueError(f"no field type '{self.type}'; there are: {', '.join(_TYPES)}")
        if self.type not in _BOUNDS and (self.low is not None or self.high is not None):
            raise ValueError(f"a field of type {self.type} has no low and high")
        if self.type in _BOUNDS and self.span[0] > self.span[1]:
            raise ValueError(f"low {self.low} is above high {self.high}")
        if self.choices and self.type != "str":
            raise ValueError("only a text field has choices")
        if self.plausible is not None and self.type not in _BOUNDS:
            raise ValueError(f"a field of type {self.type} has no plausible numbers")

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest number allowed; what a store can hold where nothing is declared."""
        low, high = _BOUNDS[self.type]
        return low if self.low is None else self.low, high if self.high is None else self.high

    @property
    def annotation(self) -> Any:
        """The field as a type for msgspec, constraints included."""
        if self.choices:
            return Literal[self.choices]
        if self.type == "str":
            return Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT)]
        if self.type == "bool":
            return bool
        plain = _TYPES[self.type]
        low, high = (plain(bound) for bound in self.span)
        return Annotated[plain, msgspec.Meta(ge=low, le=high)]

    @property
    def allowed(self) -> str:
        """What a device may send, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.type == "str":
            return f"text of at most {TEXT_LIMIT} characters"
        if self.type == "bool":
            return "true or false"
        noun = "a whole number" if self.type == "int" else "a number"
        ends = [
            f"from {self.low:g}" if self.low is not None else "",
            f"to {self.high:g}" if self.high is not None else "",
        ]
        return " ".join(part for part in (noun, *ends, self.unit) if part)

    @property
    def example(self) -> Value:
        """Some value that is allowed."""
        if self.type == "str":
            return self.choices[0] if self.choices else "text"
        if self.type == "bool":
            return True
        low, high = self.span
        closed = self.low is not None and self.high is not None
        number = (low + high) / 2 if closed else max(low, min(1.0, high))
        return int(number) if self.type == "int" else number

    def check(self, name: str, value: object) -> Value | None:
        """`value` in the declared type (None where an optional field is absent).

        Raises BadPayload(WRONG_SHAPE | NOT_FINITE | OUT_OF_RANGE) naming what was there and what is allowed.
        """
        if value is None and not self.required:
            return None
        try:
            checked: Value = msgspec.convert(value, self.annotation)
        except msgspec.ValidationError:
            detail = f"{name}: {shown(value)}; allowed: {self.allowed}"
            raise BadPayload(self._reason(value), detail) from None
        return checked

    def _reason(self, value: object) -> Reason:
        if isinstance(value, float) and not math.isfinite(value):
            return Reason.NOT_FINITE
        numbers: tuple[type, ...] = (int, float) if self.type == "float" else (int,)
        right_type = type(value) in (numbers if self.type in _BOUNDS else (_TYPES[self.type],))
        return Reason.OUT_OF_RANGE if right_type else Reason.WRONG_SHAPE
