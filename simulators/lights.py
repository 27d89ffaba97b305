"""What do a street and its signal cabinets tell each other?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Lights:
    """What the heads of one intersection show, as tuples of phase numbers; phases not named show red.

    `walks` and `ped_clears` are pedestrian heads (walk, flashing don't walk); the others show don't walk.
    Overlaps have numbers and heads of their own.
    """

    greens: tuple[int, ...] = ()
    yellows: tuple[int, ...] = ()
    walks: tuple[int, ...] = ()
    ped_clears: tuple[int, ...] = ()
    overlap_greens: tuple[int, ...] = ()
    overlap_yellows: tuple[int, ...] = ()


ALL_RED = Lights()


class Detection(NamedTuple):
    """A detector channel of an intersection turned on or off at `t_ms` (milliseconds since the epoch)."""

    intersection: str
    channel: int
    t_ms: int
    on: bool


class Press(NamedTuple):
    """Somebody pressed the pedestrian button of `phase` at `t_ms` (milliseconds since the epoch)."""

    intersection: str
    phase: int
    t_ms: int


class Count(NamedTuple):
    """The zone of a detector channel holds so many vehicles, of which some stand, at `t_ms`."""

    intersection: str
    channel: int
    t_ms: int
    vehicles: int
    standing: int


class StreetStep(NamedTuple):
    """What one step of a street brought: its clock afterwards, and the events of the step in time order."""

    now_ms: int
    detections: list[Detection]
    ped_presses: list[Press]
    counts: tuple[Count, ...] = ()
