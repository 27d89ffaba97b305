"""May the street be told this, and if not, what instead? (The only way from a strategy to a command.)

The rules are asked one after the other, each with the answer so far. The cabinet checks everything again and
has the last word.
"""

from __future__ import annotations

from typing import Final

import msgspec

from signal_control.model import Intersection
from signal_control.safety_case import Rule, Serve, case_of
from signal_control.safety_rules import RULES
from signal_control.situation import Situation
from signal_control.status import Command
from signal_control.view import Proposal

MAX_LIFETIME_S: Final = 15.0
"""No command outlives this: without us the cabinet is back on its local plan by then."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What may be commanded (nothing when empty), the rule that decided (or "") and why."""

    serve: Serve
    binding: str
    why: str


def review(
    intersection: Intersection,
    situation: Situation,
    proposal: Proposal,
    now_ns: int,
    rules: tuple[Rule, ...] = RULES,
) -> Verdict:
    """The nearest safe answer to `proposal`; whatever is proposed, it does not raise."""
    case = case_of(intersection, situation, proposal, now_ns)
    binding, why = "", "The proposal breaks no rule."
    for rule in rules:
        finding = rule(case)
        if finding is None:
            continue
        if finding.why:
            binding, why = rule.__name__, finding.why
        case = case.answered(finding)
        if not case.serve:
            break
    return Verdict(tuple(sorted(case.serve)), binding, why)


def command(
    verdict: Verdict, name: str, intersection: str, now_ns: int, lifetime_s: float, strategy: str, reason: str
) -> Command | None:
    """The verdict as an order that expires after `lifetime_s` (1 to 15), or None when it allows nothing."""
    if not verdict.serve:
        return None
    expires_ns = now_ns + int(min(max(lifetime_s, 1.0), MAX_LIFETIME_S) * 1e9)
    return Command(name, intersection, verdict.serve, now_ns, expires_ns, strategy, reason)
