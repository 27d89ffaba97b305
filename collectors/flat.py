"""What are the plain values inside nested ones, and what lies at a path such as `meter.readings.0.volume`?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from collectors.reading import BadPayload, Reason

DEPTH: Final = 8
"""Objects and lists inside each other; deeper ones are refused."""
VALUES: Final = 3000
"""Plain values in one record; more are refused."""
MISSING: Final = object()
"""What `look` finds where there is nothing."""


class Path:
    """A dotted path into nested objects and lists; a key that contains the dots itself is found first."""

    __slots__ = ("_steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = tuple(text.split("."))

    def look(self, values: Mapping[str, Any]) -> Any:
        """What lies there, or MISSING."""
        found: Any = values.get(self.text, MISSING)
        if found is not MISSING or len(self._steps) == 1:
            return found
        found = values
        for step in self._steps:
            if isinstance(found, Mapping):
                found = found.get(step, MISSING)
            elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            else:
                return MISSING
        return found

    def without(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` without what lies there; the rest is shared, nothing is changed in place."""
        steps = (self.text,) if self.text in values else self._steps
        return _without(values, steps)


def _without(values: Mapping[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
    here, rest = steps[0], steps[1:]
    left = {name: value for name, value in values.items() if name != here}
    inner = values.get(here)
    if rest and isinstance(inner, Mapping):
        left[here] = _without(inner, rest)
    elif rest and here in values:
        left[here] = inner
    return left


def plain(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """As `flat`, without copying what is flat already."""
    for value in values.values():
        kind = type(value)
        if kind is dict or kind is list or kind is tuple:
            return flat(values)
    if len(values) > VALUES:
        raise BadPayload(Reason.TOO_LARGE, f"more than {VALUES} values in one record")
    return values


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every plain value by its dotted name. Raises BadPayload for more or deeper than anybody measures."""
    found: dict[str, Any] = {}
    for name, value in _walk(values, "", 0):
        found[name] = value
        if len(found) > VALUES:
            raise BadPayload(Reason.TOO_LARGE, f"more than {VALUES} values in one record")
    return found


def _walk(values: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > DEPTH:
        raise BadPayload(Reason.WRONG_SHAPE, f"{above[:60]}: nested more than {DEPTH} deep")
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _walk(value, f"{above}{key}.", depth + 1)
        elif isinstance(value, list | tuple):
            yield from _walk({str(i): item for i, item in enumerate(value)}, f"{above}{key}.", depth + 1)
        else:
            yield f"{above}{key}", value
