"""Where is kept what a device sent, when arterial keeps another unit?"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from collectors.field import Field
from collectors.kind import Kind

ORIGINAL: Final = "original"
"""The field of a reading that quotes them: `volume_m3=812374 L; battery_v=3600 mV`."""

FIELD: Final = Field(
    "str", required=False, doc="Values as sent, with their units, where they were converted."
)


def keeping_original(kind: Kind) -> Kind:
    """`kind` with the field `original`, which no device fills: what it sends under that name is ignored."""
    return replace(kind, fields={**kind.fields, ORIGINAL: FIELD})
