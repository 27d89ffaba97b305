"""What has changed in a city file since arterial last ran with it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.audit.entry import Fact
from gateway.config.settings import Settings

KNOWN: Final = "config.json"
"""The settings arterial ran with last, secrets left out, beside the trail."""
_SECRET: Final = ("password", "token", "secret", "community")
_HIDDEN: Final = "(secret)"


def config_change(settings: Settings, folder: Path, at_ns: int) -> Fact | None:
    """A fact that names every changed key with its old and new value; None when nothing changed.

    The settings become the known ones. Secrets are left out: that one changed is not seen. Raises OSError.
    """
    now = dict(_flat(settings.model_dump(mode="json")))
    path = folder / KNOWN
    before = _read(path)
    keys = sorted(k for k in before.keys() | now.keys() if before.get(k) != now.get(k))
    if not keys:
        return None
    spare = path.with_suffix(".new")
    spare.write_bytes(msgspec.json.encode(now, order="deterministic"))
    spare.replace(path)
    if not before:
        return Fact(
            at_ns, "arterial", "config", "city", None, now, "The first configuration that is on record."
        )
    was = {k: before[k] for k in keys if k in before}
    is_ = {k: now[k] for k in keys if k in now}
    return Fact(
        at_ns, "arterial", "config", "city", was, is_, f"The city file changed in {len(keys)} places."
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`intersections.x1.phases.2.min_green_s` and its value; entries of lists by id, number or position."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            where = f"{path}.{key}" if path else str(key)
            yield from [(where, _HIDDEN)] if key in _SECRET and inner else _flat(inner, where)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for position, item in enumerate(value, 1):
            yield from _flat(item, f"{path}.{_name(item, position)}")
    else:
        yield path, value


def _name(item: Any, position: int) -> str:
    for key in ("id", "number", "channel", "phase", "topic", "name"):
        if isinstance(item, dict) and item.get(key) is not None:
            return str(item[key])
    return str(position)
