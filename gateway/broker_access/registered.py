"""Which devices does the registry know?"""

from __future__ import annotations

from pathlib import Path

from gateway.broker_access.accounts import Known
from gateway.config.settings import Settings
from gateway.devices.register import Registry, beside


def registered(settings: Settings, var: Path) -> set[Known]:
    """Those that the city file declares and those approved by command, as far as their kind is told.

    Retired ones are not among them, whoever declared them.
    """
    found = {(entry.site or settings.city.site, entry.id): entry.kind for entry in settings.devices}
    path = beside(var)
    if path.exists():
        registry = Registry(path)
        try:
            for row in registry.every():
                key = (row.entry.site, row.entry.id)
                if row.state == "retired":
                    found.pop(key, None)
                else:
                    found[key] = row.entry.kind
        finally:
            registry.close()
    return {Known(device, kind) for (_, device), kind in found.items() if kind}
