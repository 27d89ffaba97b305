"""Which devices does the registry know, so that the broker may let them in?"""

from __future__ import annotations

from pathlib import Path

from gateway.broker_access.accounts import Known
from gateway.config.settings import Settings
from gateway.devices.register import Registry, Row, beside


def registered(settings: Settings, var: Path) -> set[Known]:
    """What the city file declares and what was approved in the city that keeps its files in `var`.

    Retired devices are in neither. Raises OSError and sqlite3.Error.
    """
    home = settings.city.site
    found = {Known(entry.id, entry.kind, entry.site or home) for entry in settings.devices}
    path = beside(var)
    if not path.exists():
        return found
    registry = Registry(path)
    try:
        rows = registry.every()
    finally:
        registry.close()
    known = {(row.entry.id, row.entry.site or home): row for row in rows}
    found |= {Known(name, row.entry.kind, site) for (name, site), row in known.items()}
    return {one for one in found if not _retired(known.get((one.device, one.site)))}


def _retired(row: Row | None) -> bool:
    return row is not None and row.state == "retired"
