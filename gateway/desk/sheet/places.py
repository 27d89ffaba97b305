"""How is one value of an intersection named and set? `phases.2.min_green_s`, as in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from gateway.audit.versions import flat, name_of
from gateway.config.words import no_such
from gateway.desk.workbench import DeskError
from signal_control.model import Intersection

Edits = Mapping[str, Any]
"""Place -> its new value."""


def plain(x: Intersection) -> dict[str, Any]:
    """An intersection as plain values, every default written out."""
    return x.model_dump(mode="json")


def edited(table: Mapping[str, Any], edits: Edits) -> dict[str, Any]:
    """A copy with other values. Raises DeskError when a place does not exist."""
    copy = deepcopy(dict(table))
    for place, value in edits.items():
        parent, key = _parent(copy, place)
        parent[key] = value
    return _same_plan(copy)


def _parent(table: dict[str, Any], place: str) -> tuple[Any, Any]:
    """What holds the value at `place`, and under which key or position."""
    here: Any = table
    *steps, last = place.split(".")
    for step in steps:
        here = here[_key(here, step, table, place)]
    return here, _key(here, last, table, place)


def _key(here: Any, step: str, table: Mapping[str, Any], place: str) -> Any:
    if isinstance(here, dict) and step in here:
        return step
    if isinstance(here, list):
        names = [name_of(item, n) for n, item in enumerate(here, 1)]
        if step in names:
            return names.index(step)
    raise DeskError(no_such("value", place, (where for where, _ in flat(table))), 422)


def _same_plan(table: dict[str, Any]) -> dict[str, Any]:
    """Where all plans are listed, `plan` is one of them: the same one, as it is now."""
    own = table["plan"].get("number")
    listed = next((p for p in table.get("plans") or () if p.get("number") == own), None)
    return {**table, "plan": deepcopy(listed)} if listed is not None else table
