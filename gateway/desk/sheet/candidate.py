"""How do other times become a city file that an engineer may put in place of the one that runs?

The file that runs is copied, comments and all, and only what differs is written anew; the candidate goes to
`candidates/` in the folder of the city. Nothing here puts it into force.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable

from gateway.audit.versions import Change, flat, name_of
from gateway.desk.sheet.places import Edits
from gateway.desk.workbench import DeskError
from signal_control.model import Intersection

FOLDER: Final = "candidates"


def with_edits(text: str, name: str, edits: Edits) -> str:
    """The city file with other values for one intersection. Raises DeskError."""
    document = _parsed(text)
    table = _entry(document, name)
    for place, value in edits.items():
        _set(table, place.split("."), value)
    return _whole(document)


def with_intersection(text: str, x: Intersection) -> str:
    """The city file with `x` written anew in the place of the intersection of that name. Raises DeskError."""
    document = _parsed(text)
    table = _entry(document, x.id)
    told = x.model_dump(mode="json", exclude_defaults=True)
    for key in [key for key in table if key not in told]:
        del table[key]
    for key, value in told.items():
        table[key] = _item(value)
    return _whole(document)


def leaf_edits(
    changes: Sequence[Change], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Edits | None:
    """The changes as values to set; None when entries come or go, which setting values cannot do."""
    there = {place for place, _ in flat(before)} & {place for place, _ in flat(after)}
    if any(change.where not in there or change.after is None for change in changes):
        return None
    return {change.where: change.after for change in changes}


def difference(before: str, after: str, name: str) -> str:
    """A unified diff of two city files."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (candidate)"
    )
    return "".join(lines)


def write(text: str, folder: Path, stem: str) -> Path:
    """Keep a candidate under the first free name; returns where. Raises OSError."""
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = place / f"{stem}-{number}.toml"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            return path
        except FileExistsError:
            number += 1


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise DeskError(f"the city file cannot be read: {error}", 409) from error


def _entry(document: tomlkit.TOMLDocument, name: str) -> Any:
    entries = document.get("intersections")
    found = next((e for e in entries or () if e.get("id") == name), None)
    if found is None:
        raise DeskError(f"the city file has no intersection '{name}' of its own", 409)
    return found


def _set(table: Any, steps: Sequence[str], value: Any) -> None:
    """Set a value where it stands; a key that was left to its default is added."""
    here = table
    for step in steps[:-1]:
        here = _step(here, step)
    here[steps[-1]] = value


def _step(here: Any, step: str) -> Any:
    if isinstance(here, AoT | Array | list):
        for n, item in enumerate(here, 1):
            if name_of(item, n) == step:
                return item
    elif step in here:
        return here[step]
    raise DeskError(f"'{step}' does not stand in the city file; write the whole intersection instead", 409)


def _item(value: Any) -> Any:
    """A value as city files write it: a list of tables has a line for each of them."""
    if isinstance(value, dict):
        table = tomlkit.table()
        for key, inner in value.items():
            table[key] = _item(inner)
        return table
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        array = tomlkit.array()
        for entry in value:
            array.append(_inline(entry))
        return array.multiline(True)
    return tomlkit.item(value)


def _inline(entry: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(entry)
    return table


def _whole(document: tomlkit.TOMLDocument) -> str:
    """The text, which must be TOML again."""
    text = tomlkit.dumps(document)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeskError(f"the change cannot be written into this city file: {error}", 409) from error
    return text
