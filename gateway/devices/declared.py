"""Which devices does a city file declare, itself and in the files it names, and what is wrong with them?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config.words import Complaint
from gateway.devices.entry import DeviceEntry, faults
from gateway.devices.files import DeviceFileError, read

Raw = dict[str, Any]


def merge_devices(raw: Raw, folder: Path) -> list[Complaint]:
    """Add the devices of [registry] files to those that the city file lists."""
    registry = raw.get("registry")
    names = registry.get("files") if isinstance(registry, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return []  # left to the types
    found: list[Complaint] = []
    listed = raw.setdefault("devices", [])
    for name in names:
        try:
            entries = read(folder / name)
        except DeviceFileError as error:
            found += [("registry.files", line) for line in str(error).splitlines()]
        else:
            if isinstance(listed, list):
                listed += [entry.told() for entry in entries]
    return found


def device_faults(raw: Raw) -> Iterator[Complaint]:
    """What the types alone cannot see of [[devices]]: names that mean nothing, and devices declared twice."""
    listed, city = raw.get("devices"), raw.get("city")
    home = str(city.get("site", "")) if isinstance(city, dict) else ""
    seen: set[tuple[str, str]] = set()
    for table in listed if isinstance(listed, list) else ():
        try:
            entry = DeviceEntry.model_validate(table).at(home)
        except ValidationError:
            continue
        yield from ((f"devices.{entry.id}.{key}", what) for key, what in faults(entry))
        if (entry.site, entry.id) in seen:
            yield f"devices.{entry.id}", f"is declared twice at {entry.site}"
        seen.add((entry.site, entry.id))
