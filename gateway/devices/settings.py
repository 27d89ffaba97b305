"""What may a city file say about the registry of devices?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Registration = Literal["open", "required"]
"""`open`: every well-formed id may speak. `required`: others wait in quarantine until they are approved."""


class RegistrySettings(BaseModel):
    """[registry]: who may speak, and where more devices are declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration: Registration = "open"
    """Whether sources that do not say so themselves take registered devices only."""
    files: tuple[str, ...] = ()
    """TOML ([[devices]]) or CSV files beside the city file."""
