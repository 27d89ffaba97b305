"""What is a coordination plan, and when does which one run?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from signal_control.model.phases import Model, PhaseNumber
from signal_control.model.week import DAY_MIN, DAYS, WEEK_MIN, Clock, Day, minute_of_day

FREE: Final = "free"
FREE_PATTERN: Final = 254
"""What controllers call free operation, where others have the number of a plan."""
MaxGreen = Literal[1, 2]


class Split(Model):
    """The time of one phase in a plan, seconds, including yellow and red clearance."""

    phase: PhaseNumber
    split_s: Annotated[float, Field(gt=0, le=300)]


class PlanStage(Model):
    """A stage in a plan: phases green together, and its time with the clearance at its end, seconds."""

    phases: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    split_s: Annotated[float, Field(gt=0, le=300)]


class Plan(Model):
    """A fixed-time coordination plan: by rings (`sequence`, `splits`), or by `stages` one after the other."""

    number: Annotated[int, Field(ge=1, le=253)] = 1
    cycle_s: Annotated[float, Field(ge=20, le=300)]
    offset_s: Annotated[float, Field(ge=0, lt=300)] = 0.0
    """Start of the first barrier group or stage after each whole cycle since the epoch, seconds."""
    sequence: tuple[tuple[PhaseNumber, ...], ...] = ()
    """Phases in order of service, one tuple per ring."""
    splits: tuple[Split, ...] = ()
    stages: tuple[PlanStage, ...] = ()
    max_green: MaxGreen = 1
    """Which maximum green of its phases counts while it runs."""

    def split_s(self, phase: int) -> float:
        """The split of `phase` in seconds; KeyError when the plan has none."""
        for split in self.splits:
            if split.phase == phase:
                return split.split_s
        raise KeyError(phase)


class PlanChange(Model):
    """From `begin` on these days a plan runs, or none (`free`), until the next change of the week."""

    begin: Clock
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    plan: Annotated[int, Field(ge=1, le=253)] | Literal["free"]
    max_green: MaxGreen | None = None
    """Which maximum green counts; without it the plan's own choice, and 1 where none runs."""


def change_in_force(schedule: Sequence[PlanChange], minute: int) -> PlanChange:
    """The change that came last before a minute of the week; of two at one time the later one written."""

    def ago(change: PlanChange) -> int:
        begin = minute_of_day(change.begin)
        return min((minute - DAYS.index(day) * DAY_MIN - begin) % WEEK_MIN for day in change.days)

    return min(reversed(schedule), key=ago)
