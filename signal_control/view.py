"""What does a strategy get to see, and what does it answer?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Final, Protocol

import msgspec

from collectors.plugins import load_folder, names_in
from signal_control.model import Intersection
from signal_control.platoons import Coming
from signal_control.queue_estimate import QueueEstimate
from signal_control.situation import Situation
from signal_control.status import LinkState, SignalState


class View(msgspec.Struct, frozen=True, gc=False):
    """One intersection at one instant, as a strategy sees it.

    `green_since_ns` holds the phases now green, `red_since_ns` the others (red counts from the end of green).
    `queues` and `flows` (vehicles per hour) are by lane id, `downstream` by link; what is unknown is absent.
    `coming` holds, by lane, vehicles that neighbours sent and no detector here has seen yet: seconds until
    they are at the stop line, and how many. `serving` is what was commanded last. `situation` is what the
    safety rules will judge by (None in a view made by hand). `unserved` names lanes, and sets of greens that
    lately did not let them go although somebody stood at the stop line; `inside` lanes of which several may
    wait inside the junction for a gap, and how many.
    """

    now_ns: int
    intersection: Intersection
    state: SignalState
    green_since_ns: dict[int, int]
    red_since_ns: dict[int, int]
    queues: Mapping[str, QueueEstimate]
    flows: dict[str, float]
    downstream: Mapping[str, LinkState]
    serving: tuple[int, ...] = ()
    coming: dict[str, Coming] = {}
    situation: Situation | None = None
    unserved: tuple[tuple[str, tuple[int, ...]], ...] = ()
    inside: tuple[tuple[str, int], ...] = ()


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One choice a strategy weighed, with its score in the proposal's unit."""

    serve: tuple[int, ...]
    score: float
    note: str = ""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One step of a plan: phases to serve, `in_s` seconds from now."""

    serve: tuple[int, ...]
    in_s: float


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """Phases a strategy wants green, and one sentence that says why. `unit` is what the scores count.

    `constraint` names what left no other choice (a safety rule, or a limit of the signal), or is empty.
    `plan` is what the strategy expects to do next, if it thinks ahead.
    """

    serve: tuple[int, ...]
    reason: str
    candidates: tuple[Candidate, ...] = ()
    unit: str = ""
    constraint: str = ""
    plan: tuple[Step, ...] = ()


class Strategy(Protocol):
    """Decides which phases should be green; sees nothing but its views."""

    def decide(self, view: View) -> Proposal: ...


Create = Callable[[Intersection], Strategy]
FOLDER: Final = "signal_control.strategies"


def strategy_names() -> list[str]:
    """The names of all strategies, without loading any: each is called as its file."""
    return names_in(FOLDER)


def strategies() -> dict[str, ModuleType]:
    """Every strategy by name. One file in strategies/ each, with NAME, DOC and create()."""
    return {module.NAME: module for module in load_folder(FOLDER).values()}


def create(name: str, intersection: Intersection) -> Strategy:
    """A fresh strategy; raises KeyError naming the choices when there is none of that name."""
    there = strategies()
    if name not in there:
        raise KeyError(f"no strategy named '{name}'; there are: {', '.join(sorted(there))}")
    make: Create = there[name].create
    return make(intersection)


@lru_cache(maxsize=4096)
def named(phases: tuple[int, ...]) -> str:
    """Phases as people write them: `2+6`."""
    return "+".join(str(p) for p in phases) or "none"
