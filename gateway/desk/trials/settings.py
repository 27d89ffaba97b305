"""Where can plans and strategies be tried? The [simulation] table of a city file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

WHAT_TO_SAY = (
    "There is no street to try this on. Name one in the city file under [simulation]: "
    'scenario = "town.sumocfg" is a SUMO configuration, which has its own demand; street = "FOLDER" is a '
    "street that `python -m simulators build` made, whose demand is then taken from the counts."
)


class SimulationSettings(BaseModel):
    """Beside the city file: a SUMO configuration, or the folder of a built street; at most one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: Path | None = None
    """A .sumocfg whose signals bear the ids of the intersections."""
    street: Path | None = None
    """A folder with street.net.xml and demand.toml."""
    seeds: Annotated[int, Field(ge=1, le=20)] = 5
    """Days that are run where nobody says otherwise; with one there is no interval."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.scenario and self.street:
            raise ValueError("give either scenario or street, not both")
        return self
