"""Which timing sheets did an intersection have before, and how do they differ from the one that runs?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from gateway.audit.versions import Change, Version, VersionError, differences, version, versions
from gateway.config.settings import Settings
from gateway.desk.sheet.candidate import difference, leaf_edits, with_edits, with_intersection
from gateway.desk.sheet.places import Edits, edited, plain
from gateway.desk.sheet.trial import judged
from gateway.desk.workbench import DeskError
from signal_control.model import Intersection


class Past(msgspec.Struct, frozen=True):
    """A sheet that was in force: its version, since when (ms), and how many values differ now."""

    id: str
    begun_ms: int
    differs: int
    sheet: dict[str, Any]


def past(audit: Path, x: Intersection) -> list[Past]:
    """Every different sheet of `x` on record, the newest first; one that came back by its last date."""
    now, found, seen = plain(x), [], set[bytes]()
    for kept in versions(audit):
        sheet = _sheet_in(kept, x.id)
        key = msgspec.json.encode(sheet, order="deterministic")
        if sheet is None or key in seen:
            continue
        seen.add(key)
        found.append(Past(kept.id, max(kept.begun_ns) // 1_000_000, len(differences(sheet, now)), sheet))
    return found


def sheet_of(audit: Path, name: str, id: str) -> dict[str, Any]:
    """The sheet that an intersection had in a version. Raises DeskError."""
    try:
        kept = version(audit, id)
    except VersionError as error:
        raise DeskError(str(error)) from error
    sheet = _sheet_in(kept, name)
    if sheet is None:
        raise DeskError(f"version {kept.id} has no intersection '{name}'")
    return sheet


class Draft(msgspec.Struct, frozen=True):
    """A city file with other times for one intersection: its text, what changes, and the diff."""

    text: str
    changes: tuple[Change, ...]
    diff: str


def draft(settings: Settings, city_file: Path, x: Intersection, wanted: Mapping[str, Any]) -> Draft:
    """The city file with `wanted` in the place of `x`.

    Raises DeskError when nothing would change, when it would not be sound, or when the file does not take it.
    """
    changes = tuple(differences(plain(x), wanted))
    if not changes:
        raise DeskError("nothing differs from what runs", 422)
    sound, faults = judged(settings, x, wanted)
    if sound is None:
        raise DeskError("; ".join(f"{where}: {what}" if where else what for where, what in faults), 422)
    before = _text(city_file)
    after = _written(before, x, sound, leaf_edits(changes, plain(x), wanted))
    return Draft(after, changes, difference(before, after, city_file.name))


def wanted_by(x: Intersection, audit: Path, edits: Edits, version_id: str) -> dict[str, Any]:
    """The sheet that is asked for: of an earlier version if one is named, with `edits`. Raises DeskError."""
    base = sheet_of(audit, x.id, version_id) if version_id else plain(x)
    return edited(base, edits)


def _written(text: str, x: Intersection, wanted: Intersection, edits: Edits | None) -> str:
    """Single values in their places where that does, the whole intersection where not."""
    if edits is not None:
        try:
            return with_edits(text, x.id, edits)
        except DeskError:
            pass
    return with_intersection(text, wanted)


def _text(city_file: Path) -> str:
    try:
        return city_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeskError(f"the city file cannot be read: {error}", 409) from error


def _sheet_in(kept: Version, name: str) -> dict[str, Any] | None:
    """The sheet as it was; what has been given a default since then is there with it."""
    there: Sequence[Any] = kept.settings.get("intersections") or ()
    found = next((x for x in there if isinstance(x, dict) and x.get("id") == name), None)
    try:
        return plain(Intersection.model_validate(found)) if found is not None else None
    except ValidationError:  # no sheet of today any more, but one to be seen
        return found
