"""What is one run of an evaluation: which street, under what, on which seed?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signal_control.model import Intersection
from simulators.networks.native import NATIVE
from simulators.networks.scenario import Scenario
from simulators.networks.timing import Timing

LOCAL: Final = "local"
"""Not a strategy: our cabinets are left to their own plan, nobody commands them."""


@dataclass(frozen=True, slots=True)
class DrawnStreet:
    """A street that `simulators build` wrote, and the city file with its intersections."""

    config: Path
    folder: Path
    seconds: int


@dataclass(frozen=True, slots=True)
class Job:
    """One run. `layout` places the detectors of a scenario; a drawn street has its own."""

    street: Scenario | DrawnStreet
    strategy: str
    seed: int
    layout: str = "loops"
    timing: Timing = field(default_factory=Timing)
    failures: str = ""
    intersections: tuple[Intersection, ...] = ()
    """These take the place of the intersections of the same id that are imported or configured."""
    named: str = ""
    """What tells runs with `intersections` apart from others under the same strategy."""
    estimates: bool = True
    """Whether queues are estimated and judged also where nobody commands."""

    @property
    def label(self) -> str:
        """The strategy, and with whose intersections."""
        return f"{self.strategy} [{self.named}]" if self.named else self.strategy

    @property
    def native(self) -> bool:
        """Whether SUMO controls the signals itself."""
        return self.strategy in NATIVE

    @property
    def commanded(self) -> str | None:
        """The strategy that commands the cabinets; None when nobody does."""
        return None if self.native or self.strategy == LOCAL else self.strategy
