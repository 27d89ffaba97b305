"""How is a fault in a city file said, so that the reader knows where it is and what would be right?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

Place = tuple[int | str, ...]
Complaint = tuple[str, str]
"""Where, and what."""

_NAMES: Final = ("id", "number", "channel", "phase", "topic", "name", "kind")
"""What people call an entry of a list by, instead of its position."""
_SECRET: Final = ("password", "token", "community", "client_secret")
_NEXT_FAULT = re.compile(r"; (?!there are: )")


def complaints(
    error: ValidationError, model: type[BaseModel], raw: Any, section: Place = ()
) -> list[Complaint]:
    """Every fault that pydantic found in `section` of the file, in our words."""
    found: list[Complaint] = []
    for fault in error.errors(include_url=False):
        where = label((*section, *fault["loc"]), raw)
        found += [(where, text) for text in _texts(fault, model)]
    return found


def label(place: Place, raw: Any) -> str:
    """The path of a fault in dots; entries of lists by name, otherwise by position from 1."""
    parts: list[str] = []
    here = raw
    for step in place:
        here = _enter(here, step)
        parts.append(_name(here, step) if isinstance(step, int) else step)
    return ".".join(parts)


def no_such(what: str, name: object, there: Iterable[str]) -> str:
    """`no strategy named 'max_presure' (did you mean 'max_pressure'?); there are: ...`"""
    choices = sorted(there)
    close = get_close_matches(str(name), choices, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return f"no {what} named '{name}'{hint}; there are: {', '.join(choices) or 'none'}"


def _texts(fault: Any, model: type[BaseModel]) -> Iterator[str]:
    place, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
    if kind == "missing":
        yield "is missing"
    elif kind == "extra_forbidden":
        yield no_such("key", place[-1], _keys_at(model, place[:-1]))
    elif kind == "literal_error":
        choices = [choice.strip("'") for choice in re.split(r", | or ", context["expected"])]
        yield no_such("choice", fault["input"], choices)
    elif kind == "value_error":
        yield from _NEXT_FAULT.split(str(context["error"]))
    else:
        text = fault["msg"].replace("Input should", "should")
        secret = bool(place) and place[-1] in _SECRET
        yield text if secret else f"{text}, not {_shown(fault['input'])}"


def _keys_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    here: type[BaseModel] | None = model
    for step in place:
        if isinstance(step, str) and here is not None:
            field = here.model_fields.get(step)
            here = _model_in(field.annotation) if field else None
    return list(here.model_fields) if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation such as `tuple[Lane, ...]` or `Plan | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _enter(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _name(entry: Any, position: int) -> str:
    if isinstance(entry, dict):
        for key in _NAMES:
            if isinstance(entry.get(key), str | int):
                return str(entry[key])
    return str(position + 1)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
