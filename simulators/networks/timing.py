"""What is a signal program with other clearances than its own?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulators.networks.netfile import Program, ProgramPhase
from simulators.networks.programs import YELLOW, green_places


@dataclass(frozen=True, slots=True)
class Timing:
    """What takes the place of the program's own intervals, seconds; None leaves them."""

    yellow_s: float | None = None
    all_red_s: float | None = None
    min_green_s: float | None = None
    max_green_s: float | None = None

    @property
    def text(self) -> str:
        """In words: `own` for the program's own intervals."""
        given = {"yellow": self.yellow_s, "all-red": self.all_red_s}
        given |= {"min": self.min_green_s, "max": self.max_green_s}
        return " ".join(f"{name} {s:g}" for name, s in given.items() if s is not None) or "own"


def retimed(program: Program, timing: Timing) -> Program:
    """The program with the wanted yellow and red clearance; greens keep their time, the cycle may change."""
    greens, found = set(green_places(program)), list[ProgramPhase]()
    for n, phase in enumerate(program.phases):
        if n in greens:
            found.append(phase)
            continue
        if not YELLOW & set(phase.state):
            found += [phase] if timing.all_red_s is None else []
            continue
        found.append(phase if timing.yellow_s is None else replace(phase, duration_s=timing.yellow_s))
        after = program.phases[(n + 1) % len(program.phases)]
        if timing.all_red_s and not YELLOW & set(after.state):
            cleared = "".join("r" if letter in YELLOW else letter for letter in phase.state)
            found.append(ProgramPhase(timing.all_red_s, cleared))
    return replace(program, phases=tuple(found))
