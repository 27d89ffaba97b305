"""Which configurations has arterial run with, and how does one differ from another?

Beside the trail, in `versions/`, every configuration stands whole, secrets left out, under the first sixteen
digits of its SHA-256; the trail's `config` entry names the digest in full, so a version that was changed
afterwards is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

FOLDER: Final = "versions"
_SECRET: Final = ("password", "token", "secret", "community")
_HIDDEN: Final = "(secret)"
_SHORT: Final = 16


class VersionError(Exception):
    """There is no such version, or it is not what was written; the text says which there are."""


class Version(msgspec.Struct, frozen=True):
    """A configuration: its id, when arterial began to run with it (host clock, ns), and its whole content."""

    id: str
    begun_ns: tuple[int, ...]
    settings: dict[str, Any]


class Change(msgspec.Struct, frozen=True):
    """A value that differs: where it stands, and what it is on either side (None: not there)."""

    where: str
    before: Any = None
    after: Any = None


def keep(settings: Mapping[str, Any], folder: Path, at_ns: int, anew: bool = True) -> str:
    """Keep a configuration that is in force from `at_ns` on; returns its SHA-256. Raises OSError.

    `anew`: another was in force before; one that is known gets a further date then.
    """
    plain = without_secrets(dict(settings))
    digest = _digest(plain)
    path = folder / FOLDER / f"{digest[:_SHORT]}.json"
    begun = _begun(path)
    if anew or not begun:
        path.parent.mkdir(parents=True, exist_ok=True)
        spare = path.with_suffix(".new")
        spare.write_bytes(msgspec.json.encode({"begun_ns": [*begun, at_ns], "settings": plain}))
        spare.replace(path)
    return digest


def versions(folder: Path) -> list[Version]:
    """Every version beside the trail in `folder`, the newest first; unreadable ones are left out."""
    found = []
    for path in (folder / FOLDER).glob("*.json"):
        try:
            found.append(_read(path))
        except VersionError:
            continue
    return sorted(found, key=lambda v: v.begun_ns[-1], reverse=True)


def version(folder: Path, name: str) -> Version:
    """The version whose id begins with `name`. Raises VersionError."""
    there = versions(folder)
    found = [v for v in there if name and v.id.startswith(name)]
    if len(found) != 1:
        listed = ", ".join(v.id for v in there) or "none"
        raise VersionError(f"{'no' if not found else 'more than one'} version '{name}'; there are: {listed}")
    return found[0]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every value that differs between two configurations (or parts of them), in order of place."""
    was, is_ = (dict(flat(side)) if side else {} for side in (before, after))
    places = sorted({*was, *is_}, key=_natural)
    return [Change(p, was.get(p), is_.get(p)) for p in places if was.get(p) != is_.get(p)]


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`intersections.x1.phases.2.min_green_s` and its value; entries of lists by id, number or position."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            where = f"{path}.{key}" if path else str(key)
            yield from [(where, _HIDDEN)] if key in _SECRET and inner else flat(inner, where)
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for position, item in enumerate(value, 1):
            yield from flat(item, f"{path}.{name_of(item, position)}")
    else:
        yield path, list(value) if isinstance(value, tuple) else value


def name_of(item: Any, position: int) -> str:
    """What people call an entry of a list by; its position from 1 where it has no name."""
    for key in ("id", "number", "channel", "phase", "topic", "name"):
        if isinstance(item, Mapping) and item.get(key) is not None:
            return str(item[key])
    return str(position)


def without_secrets(value: Any) -> Any:
    """The same tables with every secret hidden."""
    if isinstance(value, Mapping):
        return {str(k): _HIDDEN if str(k) in _SECRET and v else without_secrets(v) for k, v in value.items()}
    return [without_secrets(v) for v in value] if isinstance(value, list | tuple) else value


def _begun(path: Path) -> tuple[int, ...]:
    try:
        return _read(path).begun_ns
    except VersionError:
        return ()


def _read(path: Path) -> Version:
    try:
        found = json.loads(path.read_bytes())
        settings, begun_ns = found["settings"], tuple(int(n) for n in found["begun_ns"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VersionError(f"{path.name} cannot be read: {error}") from error
    if not begun_ns or not isinstance(settings, dict) or _digest(settings)[:_SHORT] != path.stem:
        raise VersionError(f"{path.name} is not what was written")
    return Version(path.stem, begun_ns, settings)


def _digest(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(settings, order="deterministic")).hexdigest()


def _natural(place: str) -> list[tuple[int, int, str]]:
    """Places in the order in which people count: phase 2 before phase 10."""
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in place.split(".")]
