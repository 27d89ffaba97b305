"""What has changed in a city file since arterial last ran with it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.audit.entry import Fact
from gateway.audit.versions import flat, keep
from gateway.config.settings import Settings

KNOWN: Final = "config.json"
"""The settings arterial ran with last, secrets left out, beside the trail."""


def config_change(settings: Settings, folder: Path, at_ns: int) -> Fact | None:
    """A fact that names every changed key with its old and new value; None when nothing changed.

    The settings become the known ones, and are kept whole as a version, whose digest the fact names under
    `inputs`. Secrets are left out: that one changed is not seen. Raises OSError.
    """
    whole = settings.model_dump(mode="json", exclude={"devices"})
    if settings.broker.kind == "embedded":  # our own broker takes a free port, another one at every start
        whole["broker"].pop("url", None)
    path, now = folder / KNOWN, dict(flat(whole))
    before = _read(path)
    keys = sorted(k for k in before.keys() | now.keys() if before.get(k) != now.get(k))
    digest = keep(whole, folder, at_ns, anew=bool(keys))
    if not keys:
        return None
    spare = path.with_suffix(".new")
    spare.write_bytes(msgspec.json.encode(now, order="deterministic"))
    spare.replace(path)
    if not before:
        first = "The first configuration that is on record."
        return Fact(at_ns, "arterial", "config", "city", None, now, first, inputs=digest)
    was = {k: before[k] for k in keys if k in before}
    is_ = {k: now[k] for k in keys if k in now}
    why = f"The city file changed in {len(keys)} places."
    return Fact(at_ns, "arterial", "config", "city", was, is_, why, inputs=digest)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
