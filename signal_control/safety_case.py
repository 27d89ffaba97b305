"""What is before a safety rule, and which stages could it choose instead?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from signal_control.model import Intersection, Phase
from signal_control.situation import Light, Situation
from signal_control.view import Proposal

Serve = tuple[int, ...]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Another answer, and why (or the same one, and no why). () ends the review: nothing may be commanded.

    `urgent` are phases that later rules should not put off again.
    """

    serve: Serve
    why: str
    urgent: Serve = ()


class Case(msgspec.Struct, frozen=True, gc=False):
    """The question before a rule: `serve` is the answer so far."""

    intersection: Intersection
    situation: Situation
    proposal: Proposal
    now_ns: int
    serve: Serve
    greens: tuple[tuple[Phase, Light], ...]
    """Phases that show green, with their lights."""
    shown: Serve
    """Their numbers: the answer that changes nothing."""
    urgent: Serve = ()

    def answered(self, finding: Finding) -> Case:
        """The case for the next rule."""
        urgent = (*self.urgent, *finding.urgent)
        x, situation, serve = self.intersection, self.situation, finding.serve
        return Case(x, situation, self.proposal, self.now_ns, serve, self.greens, self.shown, urgent)

    def elapsed_s(self, since_ns: int) -> float:
        """Seconds since then."""
        return (self.now_ns - since_ns) / 1e9


Rule = Callable[[Case], Finding | None]


def case_of(intersection: Intersection, situation: Situation, proposal: Proposal, now_ns: int) -> Case:
    """The case for the first rule."""
    phases, greens, shown = intersection.by_number, [], []
    for number, light in situation.lights.items():
        if light.color == "green" and number in phases:
            greens.append((phases[number], light))
            shown.append(number)
    return Case(intersection, situation, proposal, now_ns, tuple(proposal.serve), tuple(greens), tuple(shown))


def is_green(lights: dict[int, Light], phase: int) -> bool:
    """Whether the phase shows green; an unknown one does not."""
    return phase in lights and lights[phase].color == "green"


def one_per_ring(intersection: Intersection, serve: Serve) -> bool:
    """Whether no ring has to show two of these phases; phases that do not exist are passed over."""
    return intersection.soundness(serve)[0]


def compatible(intersection: Intersection, serve: Serve) -> bool:
    """Whether all these phases may be green together; phases that do not exist are passed over."""
    return intersection.soundness(serve)[1]


def keeping(case: Case, held: Serve) -> Serve:
    """The answer so far, changed as little as needed for the green phases `held` to stay green.

    Rings left empty by that keep what they show.
    """
    serve = list(held)
    for phase in (*case.serve, *case.shown):
        if phase not in serve and _joins(case.intersection, (*serve, phase)):
            serve.append(phase)
    return tuple(sorted(serve))


def stage_with(case: Case, wanted: Serve, avoided: Serve = ()) -> Serve:
    """The stage with `wanted[0]`, without `avoided`, nearest to the answer so far; () when there is none.

    Among those stages: the more wanted phases (early ones first), then the more of the answer so far.
    """

    def merit(stage: Serve) -> tuple[list[bool], int, int]:
        kept, showing = set(stage) & set(case.serve), set(stage) & set(case.shown)
        return [phase in stage for phase in wanted], len(kept), len(showing)

    stages = [s for s in case.intersection.stages() if wanted[0] in s and not set(s) & set(avoided)]
    return max(stages, key=merit, default=())


def _joins(intersection: Intersection, serve: Serve) -> bool:
    return one_per_ring(intersection, serve) and compatible(intersection, serve)
