"""Which measures may one ask for by name, what does each need, and how long a stretch of time may it be?"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Final, Literal, NamedTuple

from collectors.plugins import choose, load_folder

SHORT: Final = {
    "aog": "arrivals_on_green",
    "delay": "approach_delay",
    "failures": "split_failures",
    "hcm": "hcm_delay",
    "los": "hcm_delay",
    "pcd": "purdue_coordination_diagram",
    "ped_delay": "pedestrian_delay",
    "preempts": "preemption",
    "speed": "approach_speed",
    "strip": "timing_and_actuation",
    "terminations": "phase_termination",
    "tmc": "turning_movement_counts",
    "tsp": "transit_priority",
    "volumes": "turning_movement_counts",
    "waits": "wait_time",
    "yellow_red": "yellow_red_actuations",
}
"""What people call a measure beside its own name."""
DAY_S: Final = 86_400
MOST_S: Final = 7 * DAY_S
"""The longest stretch of time of a measure in bins."""
DENSE_S: Final = {
    "purdue_coordination_diagram": 2 * DAY_S,
    "timing_and_actuation": 2 * DAY_S,
    "time_space": 7_200,
}
"""The longest stretch of what has thousands of rows an hour."""
EACH_S: Final = 2 * DAY_S

Kind = Literal["measure", "study"]


class Found(NamedTuple):
    """A measure of one intersection's events, or a study of the models and events of some."""

    name: str
    kind: Kind
    module: ModuleType

    @property
    def about(self) -> str:
        """The question it answers, in one line."""
        return " ".join((self.module.__doc__ or "").split("\n\n")[0].split())

    @property
    def detectors(self) -> str:
        """Which detectors it looks at; empty when none."""
        return str(self.module.DETECTORS)

    @property
    def street(self) -> bool:
        """Whether it is about a whole street."""
        return bool(getattr(self.module, "STREET", False))

    @property
    def has_each(self) -> bool:
        """Whether it can list the single happenings behind its cells."""
        return hasattr(self.module, "each")

    def most_s(self, each: bool = False) -> int:
        """The longest stretch of time it may be asked for, seconds."""
        return min(DENSE_S.get(self.name, MOST_S), EACH_S if each else MOST_S)


@cache
def catalog() -> dict[str, Found]:
    """Every measure and study by name."""
    folders: tuple[tuple[Kind, str], ...] = (("measure", "measures"), ("study", "studies"))
    return {
        name: Found(name, kind, module)
        for kind, folder in folders
        for name, module in load_folder(f"signal_control.{folder}").items()
    }


def find(name: str) -> Found:
    """The measure called `name`, or its short name, with - or _. Raises ValueError with the choices."""
    found: Found = choose("measure", full_name(name), catalog())
    return found


def full_name(name: str) -> str:
    """A measure's own name for what a person calls it; any other word as it is."""
    plain = name.replace("-", "_")
    return SHORT.get(plain, plain)
