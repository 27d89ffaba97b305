"""Which signal groups, stages and clearances does a signal program hold?

A signal group is every link whose signal is green in the same states: they share a head. A stage is a green
state of the program: the groups that are green in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.networks.netfile import Program, ProgramPhase
from simulators.street_net import StreetError

GREEN = frozenset("Gg")
YELLOW = frozenset("yYu")
CLEARING_S = 3.0
"""A state without yellow that is no longer than this, and only takes greens away, is part of a clearance."""
MOST_GROUPS = 16
"""NEMA has no more phases."""


@dataclass(frozen=True, slots=True)
class Group:
    """Links that are always green together; yellow and red clearance as the program shows them (0: never)."""

    number: int
    links: tuple[int, ...]
    yellow_s: float
    red_clear_s: float
    min_green_s: float
    """The least time that the program asks of its stages; 0 when it says nothing."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A program as groups and stages. `plan` holds stages and their time with the clearance after them."""

    states: tuple[str, ...]
    stages: tuple[tuple[int, ...], ...]
    groups: tuple[Group, ...]
    plan: tuple[tuple[int, float], ...]
    """Index of the stage, seconds."""
    cycle_s: float
    offset_s: float

    def group_of(self) -> dict[int, int]:
        """The number of the group of each link that has one; links that never change have none."""
        return {link: group.number for group in self.groups for link in group.links}


def staged(program: Program) -> Staged:
    """The groups and stages of a program; raises StreetError when there are none, or too many."""
    greens = green_places(program)
    states = tuple(dict.fromkeys(program.phases[n].state for n in greens))
    columns: dict[tuple[bool, ...], list[int]] = {}
    for link in range(min(len(state) for state in states) if states else 0):
        columns.setdefault(tuple(state[link] in GREEN for state in states), []).append(link)
    moving = {column: links for column, links in columns.items() if any(column) and not all(column)}
    if len(moving) < 2:
        raise StreetError(f"signal {program.signal}: its program has fewer than two groups that alternate")
    if len(moving) > MOST_GROUPS:
        raise StreetError(
            f"signal {program.signal}: {len(moving)} signal groups; {MOST_GROUPS} phases are possible"
        )
    groups = tuple(
        _group(program, greens, number, tuple(links)) for number, links in enumerate(moving.values(), start=1)
    )
    stages = tuple(
        tuple(n for n, column in enumerate(moving, start=1) if column[place]) for place in range(len(states))
    )
    return _without_empty(program, Staged(states, stages, groups, (), program.cycle_s, program.offset_s))


def _without_empty(program: Program, found: Staged) -> Staged:
    """Leave out stages in which no group is green, or the same ones as in another; then lay the plan."""
    first: dict[tuple[int, ...], int] = {}
    for place, stage in enumerate(found.stages):
        if stage:
            first.setdefault(stage, place)
    states = tuple(found.states[place] for place in first.values())
    index = {stage: n for n, stage in enumerate(first)}
    by_state = dict(zip(found.states, found.stages, strict=True))
    plan: list[tuple[int, float]] = []
    before_s = 0.0
    greens = set(green_places(program))
    for place, phase in enumerate(program.phases):
        stage = by_state.get(phase.state, ()) if place in greens else ()
        if stage and plan and plan[-1][0] == index[stage]:
            plan[-1] = (plan[-1][0], plan[-1][1] + phase.duration_s)
        elif stage:
            plan.append((index[stage], phase.duration_s))
        elif plan:
            plan[-1] = (plan[-1][0], plan[-1][1] + phase.duration_s)
        else:
            before_s += phase.duration_s
    plan[-1] = (plan[-1][0], plan[-1][1] + before_s)
    offset_s = found.offset_s + before_s
    return Staged(states, tuple(first), found.groups, tuple(plan), found.cycle_s, offset_s)


def green_places(program: Program) -> list[int]:
    """The places of the program's green states: no yellow in them, and not part of a clearance."""
    phases = program.phases
    bare = [
        n for n, p in enumerate(phases) if GREEN & set(p.state) and not YELLOW & set(p.state)
    ]  # yellow ends somewhere
    found = []
    for place, n in enumerate(bare):
        before, after = phases[bare[place - 1]].state, phases[bare[(place + 1) % len(bare)]].state
        kept = {i for i, c in enumerate(phases[n].state) if c in GREEN}
        both = {i for i, (a, b) in enumerate(zip(before, after, strict=False)) if {a, b} <= GREEN}
        clears = phases[n].duration_s <= CLEARING_S and bool(YELLOW & set(phases[n - 1].state))
        if not (clears and kept <= both and len(bare) > 2):
            found.append(n)
    return found


def _group(program: Program, greens: list[int], number: int, links: tuple[int, ...]) -> Group:
    yellow_s = red_s = 0.0
    least: list[float] = []
    for place, n in enumerate(greens):
        phase = program.phases[n]
        after = greens[(place + 1) % len(greens)]
        if phase.state[links[0]] not in GREEN:
            continue
        least.append(phase.least_s)
        if program.phases[after].state[links[0]] in GREEN:
            continue
        between = _between(program, n, after)
        shown_s = sum(p.duration_s for p in between if p.state[links[0]] in YELLOW)
        yellow_s = max(yellow_s, shown_s)
        red_s = max(red_s, _after_yellow_s(between, links[0]))
    return Group(number, links, yellow_s, red_s, min(least, default=0.0))


def _between(program: Program, start: int, end: int) -> list[ProgramPhase]:
    n = len(program.phases)
    return [program.phases[(start + k) % n] for k in range(1, (end - start) % n or n)]


def _after_yellow_s(between: list[ProgramPhase], link: int) -> float:
    """Seconds of red after the last yellow of a link and before the next stage."""
    total_s, seen = 0.0, False
    for phase in between:
        if phase.state[link] in YELLOW:
            seen, total_s = True, 0.0
        elif seen:
            total_s += phase.duration_s
    return total_s
