"""What may somebody declare of a device, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from collectors.correction import Correction
from collectors.plugins import choose, decoders, formats, kinds
from collectors.registry import Registered

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Text = Annotated[str, Field(max_length=200)]
Complaint = tuple[str, str]
"""Which key, and what is wrong with it."""

_BEGINNINGS: Final = (("no kind", "kind"), ("no format", "format"), ("no field", "calibrate"))
"""How what the parts say of themselves begins, and which key that is about."""


class CalibrationEntry(BaseModel):
    """What is kept is gain * value + offset, in the unit of the field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gain: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    offset: Annotated[float, Field(allow_inf_nan=False)] = 0.0


class DeviceEntry(BaseModel):
    """One device: [[devices]] in the city file, a row of a file of devices, or a command."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    """As its readings are called: in the topic, or in the payload where the topic does not name it."""
    site: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{0,64}$")] = ""
    """Empty: the city's own."""
    kind: str = ""
    """What it measures; refused when it speaks as something else. Empty: any."""
    format: str = ""
    """What it speaks; as `kind`."""
    name: Text = ""
    """For people."""
    location: Text = ""
    """Where it is, in words."""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    """WGS 84, degrees."""
    every_s: Annotated[float, Field(gt=0, le=31_536_000)] | None = None
    """The longest usual time between two of its messages."""
    units: dict[str, str] = {}
    """The device's word (of a plain source: the field) = the unit in which this device sends it."""
    calibrate: dict[str, CalibrationEntry] = {}
    """Field of the kind = gain and offset."""
    note: Annotated[str, Field(max_length=1000)] = ""

    def at(self, home: str) -> DeviceEntry:
        """The same with its site told."""
        return self if self.site else self.model_copy(update={"site": home})

    def registered(self, retired: bool = False) -> Registered:
        """What reading its messages needs to know. Raises ValueError."""
        return Registered(self.kind, self.format, retired, None if retired else self.correction())

    def correction(self) -> Correction | None:
        """How what it says is corrected, if at all. Raises ValueError."""
        if not self.units and not self.calibrate:
            return None
        calibration = {name: (by.gain, by.offset) for name, by in self.calibrate.items()}
        return Correction(self.kind, self.units, calibration)

    def told(self) -> dict[str, Any]:
        """What is declared, as plain values; what is left open is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


def faults(entry: DeviceEntry) -> Iterator[Complaint]:
    """What the types alone cannot see."""
    if (entry.lat is None) != (entry.lon is None):
        yield "lat", "lat and lon go together"
    if (entry.units or entry.calibrate) and not entry.kind:
        yield "kind", "is missing: units and calibrate are for a kind"
        return
    try:
        if entry.kind:
            choose("kind", entry.kind, kinds())
        if entry.format:
            choose("format", entry.format, {**formats(), **decoders()})
        entry.correction()
    except ValueError as error:
        text = str(error)
        yield next((key for start, key in _BEGINNINGS if text.startswith(start)), "units"), text
