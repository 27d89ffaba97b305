"""What is a phase, and which lanes and detectors belong to it?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PhaseNumber = Annotated[int, Field(ge=1, le=16)]
OverlapNumber = Annotated[int, Field(ge=1, le=16)]
Seconds = Annotated[float, Field(ge=0, le=600)]
Turn = Literal["left", "through", "right"]


class Model(BaseModel):
    """Frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Geometry(Model):
    """The street as a phase's formulas want it; what is not told is not checked."""

    speed_mps: Annotated[float | None, Field(gt=0, le=50)] = None
    """The 85th percentile speed of the approach; without it the fastest through lane's `speed_mps`."""
    grade: Annotated[float, Field(ge=-0.2, le=0.2)] = 0.0
    """Of the approach, as a ratio: 0.03 is 3 % uphill towards the stop line."""
    width_m: Annotated[float | None, Field(gt=0, le=200)] = None
    """From the stop line to the far side of the last lane or crossing in conflict, as one drives."""
    crossing_m: Annotated[float | None, Field(gt=0, le=100)] = None
    """The length of the longest pedestrian crossing that walks with the phase, kerb to kerb."""
    stored_veh: Annotated[int | None, Field(ge=0, le=50)] = None
    """Vehicles of one lane that fit between the stop line and the nearest detector upstream."""


class Phase(Model):
    """One NEMA phase: its place in the ring and its intervals in seconds."""

    number: PhaseNumber
    label: str
    ring: Annotated[int, Field(ge=1, le=16)]
    barrier: Annotated[int, Field(ge=1, le=8)] = 1
    min_green_s: Annotated[float, Field(gt=0, le=120)]
    max_green_s: Annotated[float, Field(gt=0, le=300)]
    max_green_2_s: Annotated[float | None, Field(gt=0, le=300)] = None
    """The maximum green where a plan or the schedule says `max_green = 2`; without it `max_green_s`."""
    passage_s: Seconds = 2.0
    yellow_s: Annotated[float, Field(ge=2.7, le=6.0)]
    red_clear_s: Annotated[float, Field(ge=0.0, le=6.0)] = 1.0
    walk_s: Seconds = 0.0
    ped_clear_s: Seconds = 0.0
    recall: Literal["none", "min", "max", "ped"] = "none"
    max_wait_s: Annotated[float, Field(gt=0, le=600)] = 110.0
    """A call is answered within this. With more, movements that few take wait for longer and nobody gains."""
    geometry: Geometry = Geometry()

    @property
    def has_ped(self) -> bool:
        """Whether a pedestrian movement runs with this phase."""
        return self.walk_s > 0

    @property
    def ped_s(self) -> float:
        """Walk plus pedestrian clearance, in seconds (0 without a pedestrian movement)."""
        return self.walk_s + self.ped_clear_s if self.has_ped else 0.0

    @property
    def clearance_s(self) -> float:
        """Yellow plus red clearance, in seconds."""
        return self.yellow_s + self.red_clear_s

    @property
    def need_s(self) -> float:
        """The least time of a service that cuts nothing: minimum green or walk, and clearances."""
        return max(self.min_green_s, self.ped_s) + self.clearance_s

    @model_validator(mode="after")
    def _intervals(self) -> Self:
        for name, most_s in (("max_green_s", self.max_green_s), ("max_green_2_s", self.max_green_2_s)):
            if most_s is not None and most_s < self.min_green_s:
                raise ValueError(f"{name} {most_s:g} is below min_green_s {self.min_green_s:g}")
        if self.has_ped and self.ped_clear_s <= 0:
            raise ValueError("a phase with walk_s needs ped_clear_s")
        if self.ped_s > self.max_wait_s:
            raise ValueError("walk_s + ped_clear_s exceeds max_wait_s")
        return self


class Joint(Model):
    """How a lane goes while all of these phases are green, where single phases (`service`) do not tell it."""

    phases: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    service: Annotated[float, Field(gt=0, le=1)]
    waits_inside: bool = False
    """Whether some of the lane wait inside the junction for a gap (a left turn that yields)."""


class Lane(Model):
    """One approach lane: which phases serve it and where its traffic goes."""

    id: str
    link: str
    """The approach (directed street section) the lane belongs to, for example `x1_eb`."""
    phases: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]
    overlap: OverlapNumber | None = None
    """The overlap whose head the lane obeys, if it is no phase's; `phases` are then those it includes."""
    length_m: Annotated[float, Field(gt=0)]
    speed_mps: Annotated[float, Field(gt=0, le=50)] = 13.9
    saturation_veh_h: Annotated[float, Field(gt=0, le=3000)] = 1800.0
    """Discharge rate of a standing queue during green, vehicles per hour."""
    service: dict[PhaseNumber, Annotated[float, Field(gt=0, le=1)]] = {}
    """Share of the saturation flow at which a phase lets the lane go: below 1 (the default) where it is
    permissive, or serves only some of the lane's movements."""
    together: tuple[Joint, ...] = ()
    """The same for sets of phases; the largest set that is green counts."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """What the delay of a vehicle on this lane counts: more than 1 for a bus lane."""
    to: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Share of the lane's traffic that enters each downstream link; what is missing leaves the city."""

    def rate(self, greens: Collection[int]) -> float:
        """Share of its saturation flow at which the lane goes under these greens; 0: not at all."""
        served = [p for p in self.phases if p in greens]
        joint = self._joint(greens) if served else None
        return joint.service if joint else max((self.service.get(p, 1.0) for p in served), default=0.0)

    def waits_inside(self, greens: Collection[int]) -> bool:
        """Whether some of the lane may have to wait inside the junction under these greens."""
        joint = self._joint(greens)
        return joint is not None and joint.waits_inside

    def _joint(self, greens: Collection[int]) -> Joint | None:
        fits = [joint for joint in self.together if set(joint.phases) <= set(greens)]
        return max(fits, key=lambda joint: len(joint.phases), default=None)


class Detector(Model):
    """One detector channel on one lane."""

    channel: Annotated[int, Field(ge=1, le=255)]
    lane: str
    role: Literal["stop", "advance", "area"]
    """`stop` and `advance` are points; an `area` is a zone that counts who is in it and who stands."""
    distance_m: Annotated[float, Field(ge=0)]
    """From the stop line to the downstream edge of the detection zone, in metres."""
    length_m: Annotated[float, Field(gt=0, le=250)] = 2.0

    @property
    def sees_m(self) -> float:
        """How far before the stop line it first sees somebody, metres."""
        return self.distance_m + self.length_m if self.role == "area" else self.distance_m
