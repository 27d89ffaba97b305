"""Whatever the intersection, what it shows and what is proposed: does a breach get through the filter?

Random intersections of one to four rings, of barriers or declared stages, with overlaps; random lights, calls
and clocks; proposals of random and of adversarial strategies. Every verdict is judged by code of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, NamedTuple

from signal_control.model import Intersection
from signal_control.safety import Verdict, review
from signal_control.safety_case import Rule
from signal_control.safety_rules import RULES
from signal_control.situation import Color, Light, Situation
from signal_control.view import Candidate, Proposal
from tests.signal_control.judge import NOW, SECOND, breaches

PER_SITUATION: Final = 15
"""Proposals for each situation."""
SITUATIONS: Final = 8
"""Situations for each intersection."""
LIT: Final[tuple[Color, ...]] = ("green", "green", "green", "yellow", "red_clear", "red")
UNLIT: Final[tuple[Color, ...]] = ("red", "red", "red", "yellow")
TRAILING: Final[tuple[Color, ...]] = ("green", "yellow", "red")
MODES: Final = ("remote",) * 12 + ("local",) * 4 + ("flash", "offline")


class Breach(NamedTuple):
    """What got through."""

    what: list[str]
    x: Intersection
    situation: Situation
    proposal: Proposal
    verdict: Verdict


class Attack:
    """So many decisions from one seed; stops at the first breach."""

    def __init__(self, seed: int, rules: tuple[Rule, ...] = RULES) -> None:
        self._random, self._rules = Random(seed), rules
        self.decisions = self.intersections = self.situations = self.bound = 0
        self.breach: Breach | None = None

    def run(self, decisions: int) -> Breach | None:
        """Attack until so many decisions are judged."""
        while self.decisions < decisions and self.breach is None:
            x = intersection(self._random)
            self.intersections += 1
            for _ in range(SITUATIONS):
                self._situation(x, situation(self._random, x))
        return self.breach

    def _situation(self, x: Intersection, s: Situation) -> None:
        self.situations += 1
        for proposal in proposals(self._random, x, s):
            verdict = review(x, s, proposal, NOW, self._rules)
            self.decisions += 1
            self.bound += bool(verdict.binding)
            wrong = breaches(x, s, proposal, verdict)
            if wrong and self.breach is None:
                self.breach = Breach(wrong, x, s, proposal, verdict)


def intersection(random: Random) -> Intersection:
    """Any intersection that the model takes."""
    return _staged(random) if random.random() < 0.25 else _ringed(random)


def _ringed(random: Random) -> Intersection:
    rings, barriers = random.randint(1, 4), random.randint(1, 3)
    most = 16 // (rings * barriers)
    phases: list[dict[str, Any]] = []
    sequence: list[list[int]] = []
    for ring in range(1, rings + 1):
        row = []
        for barrier in range(1, barriers + 1):
            for _ in range(random.randint(1, min(2, most))):
                row.append(len(phases) + 1)
                phases.append(_phase(random, len(phases) + 1, ring, barrier))
        sequence.append(row)
    if len(phases) < 2:
        phases.append(_phase(random, 2, 1, 1))
        sequence[0].append(2)
    told = {"id": "x", "name": "x", "phases": phases, "plan": _plan(phases, sequence)}
    if random.random() < 0.2:
        told["permitted"] = [random.sample(range(1, len(phases) + 1), 2)]
    return Intersection.model_validate(told | _overlaps(random, len(phases)))


def _plan(phases: list[dict[str, Any]], sequence: list[list[int]]) -> dict[str, Any]:
    """Every barrier group lasts as long as its longest ring needs, shared out evenly."""
    of = {p["number"]: p for p in phases}
    need = {n: max(p["min_green_s"], p["walk_s"] + p["ped_clear_s"]) + 10.0 for n, p in of.items()}
    splits, cycle_s = {}, 0.0
    for barrier in {p["barrier"]: None for p in phases}:
        rows = [[n for n in ring if of[n]["barrier"] == barrier] for ring in sequence]
        length_s = max(max(map(need.__getitem__, row)) * len(row) for row in rows if row)
        cycle_s += length_s
        splits |= {n: length_s / len(row) for row in rows for n in row}
    scale = max(1.0, 20.0 / cycle_s)
    listed = [{"phase": n, "split_s": s * scale} for n, s in splits.items()]
    return {"cycle_s": min(300.0, cycle_s * scale), "sequence": sequence, "splits": listed}


def _staged(random: Random) -> Intersection:
    rings, count = random.randint(2, 4), random.randint(3, 8)
    phases = [_phase(random, n, 1 + n % rings, 1) for n in range(1, count + 1)]
    stages = set()
    for n in range(1, count + 1):
        others = [m for m in range(1, count + 1) if m % rings != n % rings]
        random.shuffle(others)
        stage, taken = {n}, {n % rings}
        for m in others[: random.randint(0, rings)]:
            if m % rings not in taken:
                stage.add(m)
                taken.add(m % rings)
        stages.add(tuple(sorted(stage)))
    listed = sorted(stages)
    plan = {"cycle_s": 30.0 * len(listed), "stages": [{"phases": s, "split_s": 30.0} for s in listed]}
    told = {"id": "x", "name": "x", "phases": phases, "declared_stages": listed, "plan": plan}
    return Intersection.model_validate(told | _overlaps(random, count))


def _phase(random: Random, number: int, ring: int, barrier: int) -> dict[str, Any]:
    walks = random.random() < 0.5
    least = random.choice((2.0, 5.0, 8.0))
    return {
        "number": number,
        "label": str(number),
        "ring": ring,
        "barrier": barrier,
        "min_green_s": least,
        "max_green_s": least + random.choice((0.0, 10.0, 40.0)),
        "yellow_s": random.choice((2.7, 3.5, 5.0)),
        "red_clear_s": random.choice((0.0, 1.5, 4.0)),
        "walk_s": 5.0 * walks,
        "ped_clear_s": 9.0 * walks,
        "max_wait_s": random.choice((30.0, 90.0, 150.0)),
        "recall": random.choice(("none", "min", "max")),
    }


def _overlaps(random: Random, phases: int) -> dict[str, Any]:
    found = []
    for number in range(1, random.choice((1, 1, 2, 4))):
        members = random.sample(range(1, phases + 1), random.randint(1, min(3, phases)))
        modified = members[:1] if len(members) > 2 else []
        trail = {"trail_green_s": random.choice((0.0, 3.0)), "yellow_s": 3.0, "red_clear_s": 2.0}
        found.append({"number": number, "label": "o", "included": members[len(modified) :], **trail})
        found[-1]["modifiers"] = modified
    return {"overlaps": found}


def situation(random: Random, x: Intersection) -> Situation:
    """Lights that the cabinet may report: greens of one stage, mostly, and whatever else."""
    stage = random.choice(x.stages()) if random.random() < 0.97 else tuple(p.number for p in x.phases)
    lights = {p.number: _light(random, p.number in stage) for p in x.phases}
    overlaps = {
        o.number: Light(random.choice(("green", "yellow", "red")), _ago(random, 60)) for o in x.overlaps
    }
    red = [n for n, light in lights.items() if light.color != "green"]
    calls = [{n: _ago(random, 200) for n in red if random.random() < 0.3} for _ in range(2)]
    if random.random() < 0.3:
        calls = [{}, {}]
    at_ns = _ago(random, 4) if random.random() < 0.95 else NOW - random.choice((-9, 6, 600)) * SECOND
    serving = _some(random, x)
    return Situation(random.choice(MODES), at_ns, lights, calls[0], calls[1], serving, overlaps)  # type: ignore[arg-type]


def _light(random: Random, lit: bool) -> Light:
    color = random.choice(
        ("green", "green", "green", "yellow", "red_clear", "red") if lit else ("red", "red", "yellow")
    )
    ped = random.choice(("dont", "dont", "walk", "clear")) if color == "green" else "dont"
    since_ns = _ago(random, random.choice((1, 10, 200)))
    return Light(color, since_ns, ped, max(since_ns, _ago(random, 20)))  # type: ignore[arg-type]


def proposals(random: Random, x: Intersection, s: Situation) -> Iterator[Proposal]:
    """What random and adversarial strategies would propose."""
    for _ in range(PER_SITUATION):
        serve = random.choice(STRATEGIES)(random, x, s)
        score = random.choice((1.0, 1.0, 1.0, 0.0, -1e308, math.inf, math.nan))
        yield Proposal(serve, "", (Candidate(serve, score),))


def _some(random: Random, x: Intersection) -> tuple[int, ...]:
    numbers = [p.number for p in x.phases]
    return tuple(random.sample(numbers, random.randint(0, min(4, len(numbers)))))


def _least_wanted(random: Random, x: Intersection, s: Situation) -> tuple[int, ...]:
    """The stage with fewest of those who wait."""
    waiting = {*s.veh_waiting, *s.ped_waiting}
    return min(x.stages(), key=lambda stage: len(waiting & set(stage)))


def _cuts(random: Random, x: Intersection, s: Situation) -> tuple[int, ...]:
    """The stage that ends most of what is green."""
    return min(x.stages(), key=lambda stage: len(set(s.showing("green")) & set(stage)))


STRATEGIES: Final[tuple[Callable[[Random, Intersection, Situation], tuple[int, ...]], ...]] = (
    lambda random, x, s: random.choice(x.stages()),
    lambda random, x, s: random.choice(x.stages()),
    lambda random, x, s: _some(random, x),
    lambda random, x, s: (*s.showing("yellow"), *s.showing("red_clear")),
    lambda random, x, s: s.showing("green"),
    lambda random, x, s: tuple(p.number for p in x.phases),
    lambda random, x, s: tuple(random.randint(-3, 300) for _ in range(random.randint(0, 6))),
    _least_wanted,
    _cuts,
)


def _ago(random: Random, most_s: float) -> int:
    return NOW - int(random.random() * most_s * SECOND)
