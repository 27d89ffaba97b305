"""Which phase would a local actuated controller show next?

Phases come in the order of the plan, those that nobody calls are passed over; a green goes on while the gaps
between vehicles stay below the passage time, which shrinks while others wait, up to its maximum; the rings
cross a barrier together. Without calls from others it rests. Nothing is kept between decisions.
"""

from __future__ import annotations

from signal_control.gaps import called, changing, done, waiting
from signal_control.model import Intersection
from signal_control.view import Candidate, Proposal, View, named

NAME = "actuated"
DOC = "Free actuated control as a local controller does it: calls, gap-out with gap reduction, maximum green."

Order = tuple[tuple[int, ...], ...]


class Actuated:
    """Rings and barriers, or declared stages one after the other, in the order of the plan in force."""

    def __init__(self, intersection: Intersection) -> None:
        self._follow(intersection)

    def _follow(self, intersection: Intersection) -> None:
        plan = self._plan = intersection.plan
        self._stages = tuple(tuple(sorted(stage.phases)) for stage in plan.stages)
        self._rings: Order = plan.sequence
        barriers = [intersection.phase(n).barrier for ring in plan.sequence for n in ring]
        self._barriers = tuple(dict.fromkeys(barriers))

    def decide(self, view: View) -> Proposal:
        """The stage to show now."""
        if view.intersection.plan is not self._plan:
            self._follow(view.intersection)
        if changing(view):
            reason = f"The change to phases {named(view.serving)} is under way and is completed."
            return _answer(view, view.serving, reason)
        calls = called(view)
        if not waiting(view) and view.green_since_ns:
            shown = _complete(view, tuple(view.green_since_ns))
            return _answer(view, shown, f"Phases {named(shown)} rest: nobody waits elsewhere.")
        return self._next_stage(view, calls) if self._stages else self._by_rings(view, calls)

    def _next_stage(self, view: View, calls: set[int]) -> Proposal:
        greens = tuple(sorted(view.green_since_ns))
        at = self._stages.index(greens) if greens in self._stages else -1
        order = [*self._stages[at + 1 :], *self._stages[: at + 1]]
        target = next((stage for stage in order if calls & set(stage)), greens or order[0])
        ending = [p for p in greens if p not in target]
        why = [done(view, p) for p in ending]
        if greens and not all(why):
            goes_on = next(p for p, cause in zip(ending, why, strict=True) if not cause)
            return _answer(
                view, _complete(view, greens), f"Phase {goes_on} still has traffic or minimum green."
            )
        causes = " and ".join(sorted(set(why))) or "nothing else is green"
        return _answer(view, target, f"Phases {named(target)} are next with a call: {causes}.")

    def _by_rings(self, view: View, calls: set[int]) -> Proposal:
        at = {n: p for n, ring in enumerate(self._rings) for p in ring if p in view.green_since_ns}
        why = {n: done(view, p) for n, p in at.items()}
        after = {n: self._after(view, n, p, calls) for n, p in at.items()}
        ends = {n for n in at if why[n] and after[n]}
        if ends or not at or any(not why[n] for n in at):
            serve = _complete(view, tuple(after[n] if n in ends else p for n, p in at.items()), calls)
            if ends:
                moved = [f"phase {at[n]} {_ended(why[n])}" for n in sorted(ends)]
                return _answer(
                    view, serve, f"Phases {named(serve)} are next in their rings: {', '.join(moved)}."
                )
            if at:
                goes_on = next(p for n, p in at.items() if not why[n])
                return _answer(view, serve, f"Phase {goes_on} still has traffic or minimum green.")
        serve = self._beyond(view, at, calls)
        causes = ", ".join(f"phase {p} {_ended(why[n])}" for n, p in at.items()) or "nothing is green"
        return _answer(view, serve, f"Phases {named(serve)} are next beyond the barrier: {causes}.")

    def _after(self, view: View, ring: int, phase: int, calls: set[int]) -> int:
        """The next called phase of a ring before the barrier; 0 when there is none."""
        barrier, order = view.intersection.phase(phase).barrier, self._rings[ring]
        rest = order[order.index(phase) + 1 :]
        return next((p for p in rest if p in calls and view.intersection.phase(p).barrier == barrier), 0)

    def _beyond(self, view: View, at: dict[int, int], calls: set[int]) -> tuple[int, ...]:
        """The first called phases of the next barrier group with calls."""
        here = next((view.intersection.phase(p).barrier for p in at.values()), self._barriers[-1])
        start = self._barriers.index(here) + 1
        for barrier in (*self._barriers[start:], *self._barriers[:start]):
            group = [
                [p for p in ring if view.intersection.phase(p).barrier == barrier] for ring in self._rings
            ]
            first = [next((p for p in ring if p in calls), 0) for ring in group]
            if any(first):
                return _complete(view, tuple(p for p in first if p), calls)
        return _complete(view, tuple(at.values()))


def _complete(view: View, phases: tuple[int, ...], calls: set[int] | None = None) -> tuple[int, ...]:
    """The stage with all these phases (dual entry), with most calls, and then most walks."""
    fits = [stage for stage in view.intersection.stages() if set(phases) <= set(stage)]
    rank = {p.number: p.has_ped for p in view.intersection.phases}
    return max(
        fits or [tuple(sorted(phases))],
        key=lambda s: (len(set(s) & (calls or set())), sum(rank[p] for p in s), [-p for p in s]),
    )


def _ended(cause: str) -> str:
    return "reached its maximum green" if cause == "maximum green" else cause


def _answer(view: View, serve: tuple[int, ...], reason: str) -> Proposal:
    calls = called(view)
    ranked = [Candidate(stage, float(len(calls & set(stage)))) for stage in view.intersection.stages()]
    best = sorted(ranked, key=lambda c: (c.serve != serve, -c.score))
    return Proposal(serve, reason, tuple(best), "calls")


def create(intersection: Intersection) -> Actuated:
    """A strategy without memory."""
    return Actuated(intersection)
