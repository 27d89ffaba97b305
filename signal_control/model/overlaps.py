"""What is an overlap, and with which phases and other overlaps is it in conflict?

An overlap is a head that is green beside any of its included phases, and through the change from one of them
to another: a right turn that goes with its own street and with the left turn of the side street, say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from signal_control.model.phases import Model, OverlapNumber, PhaseNumber

Together = Callable[[int, int], bool]
"""Whether two phases may be green together."""


class Overlap(Model):
    """One overlap, with its own trail: green after its phases, yellow and red clearance, in seconds."""

    number: OverlapNumber
    """1 is overlap A."""
    label: str
    included: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    """It is green with each of these, and stays green from one to the next of them."""
    modifiers: tuple[PhaseNumber, ...] = ()
    """It is red while one of these shows anything but red (NTCIP calls the type minusGreenYellow)."""
    trail_green_s: Annotated[float, Field(ge=0.0, le=30.0)] = 0.0
    """It stays green so long after the last included phase."""
    yellow_s: Annotated[float, Field(ge=2.7, le=6.0)]
    red_clear_s: Annotated[float, Field(ge=0.0, le=6.0)] = 1.0

    @property
    def letter(self) -> str:
        """The name on the signal plan."""
        return chr(ord("A") + self.number - 1)

    @property
    def clearance_s(self) -> float:
        """From the end of its last included phase's green until all is clear, in seconds."""
        return self.trail_green_s + self.yellow_s + self.red_clear_s

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.included) & set(self.modifiers))
        if both:
            raise ValueError(f"overlap {self.number} includes and is modified by phases {both}")
        return self


def against(overlap: Overlap, phases: Iterable[int], together: Together) -> frozenset[int]:
    """The phases that must be red while the overlap is not: its modifiers, and whatever may not be green with
    any of its included phases."""
    strangers = {
        p
        for p in phases
        if p not in overlap.included and not any(together(p, own) for own in overlap.included)
    }
    return frozenset(strangers | set(overlap.modifiers))


def clash(a: Overlap, b: Overlap, together: Together) -> bool:
    """Whether two overlaps must never be green together: no phases of theirs may be."""
    return not any(p == q or together(p, q) for p in a.included for q in b.included)


def overlap_faults(overlaps: Iterable[Overlap], phases: Iterable[int]) -> list[str]:
    """Overlaps of phases that exist."""
    there, faults = set(phases), []
    for overlap in overlaps:
        unknown = sorted({*overlap.included, *overlap.modifiers} - there)
        if unknown:
            faults.append(
                f"overlap {overlap.number} names phases {unknown}, which do not exist; there are: "
                f"{', '.join(map(str, sorted(there)))}"
            )
    return faults
