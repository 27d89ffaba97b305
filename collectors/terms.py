"""How does a city file say what a source's devices mean?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from collectors.times import TimeUnit


@dataclass(frozen=True, slots=True)
class Terms:
    """What one source declares; the paths are dotted, into the payload's own words."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Field of the kind -> where it is."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit of a word where the device sends none, or a wrong one."""
    time_in: str = ""
    """Where the time is, instead of where the format has it."""
    time_unit: TimeUnit = "ms"
    device_in: str = ""
    """Where the payload names the device."""
    samples_in: str = ""
    """Where a list of samples is; each is read like a payload of its own."""
    others: Literal["keep", "drop"] = "keep"
    """What no field asks for: kept as measurements, or dropped."""

    @property
    def plain(self) -> bool:
        """Whether nothing is declared beyond the unit of time."""
        paths = self.time_in or self.device_in or self.samples_in
        return not (self.fields or self.units or paths) and self.others == "keep"
