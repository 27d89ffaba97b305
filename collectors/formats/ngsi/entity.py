"""What is one attribute of an NGSI entity: its value, its unit and when it was observed?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

NULL: Final = "urn:ngsi-ld:null"
"""What deletes an attribute in NGSI-LD: not a value."""

_URN: Final = "urn:ngsi-ld:"
_TIMES: Final = ("timestamp", "TimeInstant", "dateObserved", "observedAt")
_VALUE_KEYS: Final = ("value", "object", "languageMap", "json", "vocab")
"""Where NGSI-LD 1.8 and NGSI-v2 have the value of an attribute that is not simplified."""


class Attribute(msgspec.Struct, gc=False):
    """One attribute, whichever way it was written."""

    value: Any
    unit: str = ""
    at: str | None = None


def attribute(written: Any) -> Attribute:
    """An attribute out of its NGSI-v2 or NGSI-LD form, normalised, concise or key-values."""
    if not isinstance(written, dict):
        return Attribute(None if written == NULL else written)
    if "@value" in written:
        return Attribute(written["@value"])
    key = next((key for key in _VALUE_KEYS if key in written), None)
    if key is None:
        return Attribute(written)
    value = written[key]
    if isinstance(value, dict) and "@value" in value:
        value = value["@value"]
    metadata = written.get("metadata")
    beside = metadata if isinstance(metadata, dict) else {}
    at = written.get("observedAt") or next((_plain(beside[name]) for name in _TIMES if name in beside), None)
    unit = written.get("unitCode") or _plain(beside.get("unitCode")) or _plain(beside.get("unit"))
    return Attribute(
        None if value == NULL else value,
        unit if isinstance(unit, str) else "",
        at if isinstance(at, str) else None,
    )


@lru_cache(maxsize=65_536)
def entity_name(name: str, kind: str) -> str:
    """The part of an entity's id that names the thing: without `urn:ngsi-ld:` and the type."""
    name = name.removeprefix(_URN)
    prefix = f"{kind}:".casefold()
    while name.casefold().startswith(prefix) and len(name) > len(prefix):
        name = name[len(prefix) :]
    return name


def _plain(written: Any) -> Any:
    return written.get("value") if isinstance(written, dict) else written
