"""Which states can a small intersection get into, whatever is proposed at every second, and is each one safe?

A street that does what it is told without a thought: greens that are not in the answer end at once, phases in
it turn green as soon as nothing in conflict with them is out of red, overlaps come and go with their phases.
So whatever is kept here is kept by the safety filter. Time goes in whole seconds; ages are counted only as
far as any rule looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple, cast

from signal_control.model import Intersection, Overlap
from signal_control.safety import review
from signal_control.safety_case import Rule
from signal_control.safety_rules import RULES
from signal_control.situation import Color, Light, Situation
from signal_control.view import Candidate, Proposal

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
YELLOW_S, RED_CLEAR_S, MIN_GREEN_S, WALK_S, PED_CLEAR_S, MAX_GREEN_S = 3, 1, 2, 1, 2, 5

SERVICE_S = max(MIN_GREEN_S, WALK_S + PED_CLEAR_S) + YELLOW_S + RED_CLEAR_S
"""Two who are due at the same time are served one after the other: the second waits so long for the first."""


class Head(NamedTuple):
    """One ring: the phase out of red (0: none), its colour, for how many seconds; and so its walk."""

    phase: int = 0
    color: str = "red"
    age_s: int = 0
    ped: str = "dont"
    ped_age_s: int = 0


class Trail(NamedTuple):
    """One overlap: its colour (`trail` is green without a phase), and for how long while it clears."""

    color: str = "red"
    age_s: int = 0


class State(NamedTuple):
    """Every ring, what was commanded last, who waits since how many seconds (vehicles, pedestrians)."""

    heads: tuple[Head, ...]
    serving: tuple[int, ...] = ()
    veh: tuple[tuple[int, int], ...] = ()
    ped: tuple[tuple[int, int], ...] = ()
    trails: tuple[Trail, ...] = ()


class Breach(NamedTuple):
    """What went wrong, from which state, on which proposal."""

    what: str
    state: State
    proposal: tuple[int, ...]
    serve: tuple[int, ...]


def small(numbers: tuple[int, ...], max_wait_s: int, **more: Any) -> Intersection:
    """An intersection with these NEMA phases and intervals of a few seconds; even ones have pedestrians.

    `more` are further fields, `overlaps` say.
    """
    phases = [_phase(n, max_wait_s) for n in numbers]
    rings = [[n for n in numbers if n <= 4], [n for n in numbers if n > 4]]
    sequence = [ring for ring in rings if ring]
    splits = [{"phase": n, "split_s": 40 / len(rings[0])} for n in numbers]
    plan = {"cycle_s": 40, "sequence": sequence, "splits": splits}
    fields: dict[str, Any] = {"id": "x", "name": "Small", "phases": phases, "plan": plan}
    return Intersection.model_validate({**fields, **more})


def staged(stages: tuple[tuple[int, ...], ...], max_wait_s: int) -> Intersection:
    """The same with declared stages; odd phases are in one ring, even ones in another."""
    numbers = sorted({n for stage in stages for n in stage})
    phases = [{**_phase(n, max_wait_s), "ring": 1 + (n % 2 == 0), "barrier": 1} for n in numbers]
    plan = {"cycle_s": 20 * len(stages), "stages": [{"phases": s, "split_s": 20} for s in stages]}
    fields = {"id": "x", "name": "Staged", "phases": phases, "plan": plan, "declared_stages": stages}
    return Intersection.model_validate(fields)


def _phase(number: int, max_wait_s: int) -> dict[str, Any]:
    walks = number % 2 == 0
    return {
        "number": number,
        "label": str(number),
        "ring": 1 if number <= 4 else 2,
        "barrier": 1 if number in (1, 2, 5, 6) else 2,
        "min_green_s": MIN_GREEN_S,
        "max_green_s": MAX_GREEN_S,
        "yellow_s": YELLOW_S,
        "red_clear_s": RED_CLEAR_S,
        "walk_s": WALK_S if walks else 0,
        "ped_clear_s": PED_CLEAR_S if walks else 0,
        "max_wait_s": max_wait_s,
    }


class Explorer:
    """Visits every state that can be reached, with every proposal and every call that may come in each.

    `veh` and `ped` bound how many vehicle and pedestrian calls are open at a time. Nobody may wait longer
    than the maximum, and one service more for each other call that may be due at the same time.
    """

    def __init__(
        self,
        x: Intersection,
        veh: int = 1,
        ped: int = 1,
        rules: tuple[Rule, ...] = RULES,
        believed: Intersection | None = None,
    ) -> None:
        """`believed` is what the filter takes the intersection for; usually what it is."""
        self._x, self._most, self._rules, self._believed = x, (veh, ped), rules, believed or x
        self._numbers = [p.number for p in x.phases]
        self._rings = [tuple(p.number for p in ring) for ring in x.rings().values()]
        self._walkers = {p.number for p in x.phases if p.has_ped}
        slowest_s = max((int(o.clearance_s) for o in x.overlaps), default=0) - YELLOW_S - RED_CLEAR_S
        service_s = SERVICE_S + max(0, slowest_s)
        self._max_wait_s = int(x.phases[0].max_wait_s) + max(0, veh + ped - 1) * service_s
        self._against = {
            a: {b for b in self._numbers if b != a and not x.compatible(a, b)} for a in self._numbers
        }
        self._apart = {o.number: self._apart_from(o) for o in x.overlaps}
        self._touched = {o.number: self._apart[o.number] | set(o.included) for o in x.overlaps}
        sizes = range(len(self._rings) + 1)
        self.proposals = [tuple(c) for n in sizes for c in combinations(self._numbers, n)]
        self.proposals += [tuple(self._numbers), (99,), (self._numbers[0], self._numbers[0])]
        self.visited: set[State] = set()
        self.decisions = 0
        self.longest_wait_s = 0
        self.breaches: list[Breach] = []

    def run(self, limit: int = 10**9) -> int:
        """Explore until nothing new is found, or `limit` states, or a breach; returns how many states."""
        fresh = [State(tuple(Head() for _ in self._rings), trails=tuple(Trail() for _ in self._x.overlaps))]
        self.visited.update(fresh)
        while fresh and len(self.visited) < limit and not self.breaches:
            state = fresh.pop()
            for serve, proposal in self._answers(state).items():
                if not serve:
                    continue  # no command at all: the cabinet's local plan runs
                for after in self._after(state, serve, proposal):
                    if after not in self.visited:
                        self.visited.add(after)
                        fresh.append(after)
        return len(self.visited)

    def _apart_from(self, o: Overlap) -> set[int]:
        """Phases that must not be lit beside an overlap: its modifiers, and those against all it includes."""
        strangers = set.intersection(*(self._against[p] for p in o.included)) - set(o.included)
        return strangers | set(o.modifiers)

    def _answers(self, state: State) -> dict[tuple[int, ...], tuple[int, ...]]:
        """Every answer of the filter in `state`, with a proposal that leads to it."""
        situation, found = self._situation(state), {}
        for proposal in self.proposals:
            offer = Proposal(proposal, "", (Candidate(proposal, 1.0),))
            found.setdefault(review(self._believed, situation, offer, NOW, self._rules).serve, proposal)
            self.decisions += 1
        return found

    def _situation(self, state: State) -> Situation:
        lights = {n: Light("red", NOW - 99 * SECOND) for n in self._numbers}
        for head in state.heads:
            if head.phase:
                since_ns, ped_ns = NOW - head.age_s * SECOND, NOW - head.ped_age_s * SECOND
                lights[head.phase] = Light(head.color, since_ns, head.ped, ped_ns)  # type: ignore[arg-type]
        waits = [{n: NOW - age * SECOND for n, age in calls} for calls in (state.veh, state.ped)]
        trails = zip(self._x.overlaps, state.trails, strict=True)
        overlaps = {o.number: Light(_shown(t.color), NOW - t.age_s * SECOND) for o, t in trails}
        return Situation("remote", NOW, lights, waits[0], waits[1], state.serving, overlaps)

    def _after(self, state: State, serve: tuple[int, ...], proposal: tuple[int, ...]) -> Iterator[State]:
        """What may be so a second later."""
        heads = self._obeyed(state, serve, proposal)
        trails = self._followed(state, heads, serve)
        self._check(state, heads, serve, proposal)
        self._check_overlaps(state, heads, trails, serve, proposal)
        greens = {h.phase for h in heads if h.color == "green"}
        walks = {h.phase for h in heads if h.ped == "walk"}
        veh = tuple((n, a + 1) for n, a in state.veh if n not in greens)
        ped = tuple((n, a + 1) for n, a in state.ped if n not in walks)
        aged = tuple(self._older(h) for h in heads)
        trails = tuple(self._faded(i, t) for i, t in enumerate(trails))
        for calls in self._with_call(veh, self._most[0], greens, self._numbers):
            for pressed in self._with_call(ped, self._most[1], walks, self._walkers):
                yield State(aged, serve, calls, pressed, trails)

    def _with_call(
        self, calls: tuple[tuple[int, int], ...], most: int, served: set[int], of: Iterable[int]
    ) -> Iterator[tuple[tuple[int, int], ...]]:
        yield calls
        if len(calls) < most:
            there = {n for n, _ in calls}
            for n in of:
                if n not in served and n not in there:
                    yield tuple(sorted((*calls, (n, 0))))

    def _obeyed(self, state: State, serve: tuple[int, ...], proposal: tuple[int, ...]) -> tuple[Head, ...]:
        """The lights once the answer is carried out; an interval that is cut is a breach."""
        heads, pressed = list(state.heads), {n for n, _ in state.ped}
        for i, head in enumerate(heads):
            if head.color == "green" and head.phase not in serve:
                if head.age_s < MIN_GREEN_S or head.ped != "dont":
                    self._breach(f"green of {head.phase} cut at {head}", state, proposal, serve)
                heads[i] = Head(head.phase, "yellow")
            elif head.color in ("yellow", "red_clear") and head.phase in serve:
                self._breach(f"{head.phase} called back from {head.color}", state, proposal, serve)
            elif head.color == "green" and head.ped == "dont" and head.phase in pressed:
                heads[i] = head._replace(ped="walk", ped_age_s=0)
        lit = {h.phase for h in heads if h.phase}
        for i, ring in enumerate(self._rings):
            for n in serve:
                if n in ring and not heads[i].phase and not lit & self._against[n] and self._clear(state, n):
                    walks = n in pressed
                    heads[i] = Head(n, "green", 0, "walk" if walks else "dont")
                    lit.add(n)
        return tuple(heads)

    def _clear(self, state: State, phase: int) -> bool:
        """Whether no overlap keeps `phase` from turning green: in its way, or on the way to red."""
        return all(
            t.color == "red"
            or (phase in o.included and t.color == "green")
            or phase not in self._touched[o.number]
            for o, t in zip(self._x.overlaps, state.trails, strict=True)
        )

    def _followed(self, state: State, heads: tuple[Head, ...], serve: tuple[int, ...]) -> tuple[Trail, ...]:
        """The overlaps beside these lights: green with a fresh phase, on to the next one, else clearing."""
        greens = {h.phase for h in heads if h.color == "green"}
        fresh = greens - {h.phase for h in state.heads if h.color == "green"}
        lit = {h.phase for h in heads if h.phase}
        coming = set(serve) - greens
        found = []
        for o, trail in zip(self._x.overlaps, state.trails, strict=True):
            modified = bool(set(o.modifiers) & (lit | coming))
            goes_on = bool(greens & set(o.included)) or (
                bool(coming & set(o.included)) and not coming & self._apart[o.number]
            )
            if trail.color == "red" and fresh & set(o.included) and not modified:
                trail = Trail("green")
            elif trail.color == "green" and (modified or not goes_on):
                trail = Trail("trail" if o.trail_green_s else "yellow")
            found.append(trail)
        return tuple(found)

    def _faded(self, place: int, trail: Trail) -> Trail:
        """The overlap a second later."""
        o, age_s = self._x.overlaps[place], trail.age_s + 1
        if trail.color == "trail" and age_s >= o.trail_green_s:
            return Trail("yellow")
        if trail.color == "yellow" and age_s >= o.yellow_s:
            return Trail("red_clear") if o.red_clear_s else Trail()
        if trail.color == "red_clear" and age_s >= o.red_clear_s:
            return Trail()
        return trail._replace(age_s=age_s) if trail.color not in ("red", "green") else trail

    def _check_overlaps(
        self,
        state: State,
        heads: tuple[Head, ...],
        trails: tuple[Trail, ...],
        serve: tuple[int, ...],
        proposal: tuple[int, ...],
    ) -> None:
        lit = {h.phase for h in heads if h.phase}
        shown = [(o, t) for o, t in zip(self._x.overlaps, trails, strict=True) if t.color != "red"]
        for o, _ in shown:
            if meets := lit & self._apart[o.number]:
                self._breach(f"overlap {o.letter} meets {sorted(meets)}", state, proposal, serve)
        for (a, _), (b, _) in combinations(shown, 2):
            pairs = [(p, q) for p in a.included for q in b.included]
            if all(p != q and q in self._against[p] for p, q in pairs):
                self._breach(f"overlaps {a.letter} and {b.letter} meet", state, proposal, serve)

    def _check(
        self, state: State, heads: tuple[Head, ...], serve: tuple[int, ...], proposal: tuple[int, ...]
    ) -> None:
        for a, b in combinations(serve, 2):
            if b in self._against[a]:
                self._breach(f"{a} and {b} are both served", state, proposal, serve)
        for a, b in combinations([h.phase for h in heads if h.phase], 2):
            if b in self._against[a]:
                self._breach(f"conflict between {a} and {b}", state, proposal, serve)
        for n, age_s in (*state.veh, *state.ped):
            self.longest_wait_s = max(self.longest_wait_s, age_s)
            if age_s > self._max_wait_s:
                self._breach(f"phase {n} waits {age_s} s", state, proposal, serve)

    def _breach(self, what: str, state: State, proposal: tuple[int, ...], serve: tuple[int, ...]) -> None:
        self.breaches.append(Breach(what, state, proposal, serve))

    def _older(self, head: Head) -> Head:
        """The head a second later; what time alone ends has ended."""
        age_s = head.age_s + 1
        if head.color == "yellow" and age_s >= YELLOW_S:
            return Head(head.phase, "red_clear")
        if head.color == "red_clear" and age_s >= RED_CLEAR_S:
            return Head()
        if head.color != "green":
            return head._replace(age_s=age_s) if head.phase else head
        ped, ped_age_s = head.ped, head.ped_age_s + 1
        if ped == "walk" and ped_age_s >= WALK_S:
            ped, ped_age_s = "clear", 0
        elif ped == "clear" and ped_age_s >= PED_CLEAR_S:
            ped, ped_age_s = "dont", 0
        return Head(head.phase, "green", min(age_s, MAX_GREEN_S), ped, ped_age_s if ped != "dont" else 0)


def _shown(color: str) -> Color:
    """What a cabinet reports of an overlap: a trailing green is green."""
    return "green" if color == "trail" else cast(Color, color)
