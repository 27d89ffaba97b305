"""What is wrong with a verdict of the safety filter, judged without any of the rules' own code?"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Final

from signal_control.model import Intersection, Overlap
from signal_control.safety import Verdict
from signal_control.situation import Situation
from signal_control.view import Proposal

SECOND: Final = 1_000_000_000
NOW: Final = 1_700_000_000 * SECOND


def breaches(x: Intersection, s: Situation, p: Proposal, v: Verdict) -> list[str]:
    """What is wrong with a verdict, judged without any of the rules' own code."""
    if not v.serve:
        return []
    age_s, phases = (NOW - s.at_ns) / SECOND, {q.number: q for q in x.phases}
    found = [] if s.mode in ("remote", "local") else [f"command in mode {s.mode}"]
    found += ["command on a stale state"] if abs(age_s) > 5 else []
    greens = [n for n, shown in s.lights.items() if shown.color == "green"]
    if any(_conflict(x, a, b) for a, b in combinations(greens, 2)):
        found.append("command to a cabinet in conflict")
    if set(v.serve) - set(phases):
        return [*found, "unknown phase"]
    found += [f"conflict {a}+{b}" for a, b in combinations(v.serve, 2) if _conflict(x, a, b)]
    found += _overlaps(x, s, v)
    unsound = any(not math.isfinite(c.score) for c in p.candidates)
    held = _held(x, s)
    if unsound and set(v.serve) - set(greens) and not _overdue(x, s, LEAD_S) and not _spent(x, s):
        found.append("change on a score that is not finite")
    found += [f"{n} is cut" for n in held if n not in v.serve]
    clearing = {n for n, shown in s.lights.items() if shown.color in ("yellow", "red_clear")}
    found += [f"{n} is called back" for n in clearing & set(v.serve)]
    found += _waits(x, s, v, held, clearing)
    return found


def _conflict(x: Intersection, a: int, b: int) -> bool:
    return x.phase(a).ring == x.phase(b).ring or _foes(x, a, b)


def _foes(x: Intersection, a: int, b: int) -> bool:
    """Whether their movements conflict; a pair of one ring may be permitted, and still takes turns."""
    if x.declared_stages:
        return not any(a in stage and b in stage for stage in x.declared_stages)
    p, q = x.phase(a), x.phase(b)
    allowed = (a, b) in x.permitted or (b, a) in x.permitted
    return (p.ring == q.ring or p.barrier != q.barrier) and not allowed


def _overlaps(x: Intersection, s: Situation, v: Verdict) -> list[str]:
    """Overlaps that the answer brings to green, beside its phases; and commands beside a broken one."""
    found = []
    for o in x.overlaps:
        light = s.overlaps.get(o.number)
        rivals = [n for n, shown in s.lights.items() if shown.color == "green" and _apart(x, o, n)]
        if light is not None and light.color == "green" and rivals:
            found.append(f"command beside overlap {o.letter} in conflict")
    lit = [o for o in x.overlaps if set(o.included) & set(v.serve) and not set(o.modifiers) & set(v.serve)]
    found += [f"{n} beside overlap {o.letter}" for o in lit for n in v.serve if _apart(x, o, n)]
    for a, b in combinations(lit, 2):
        if all(_foes(x, p, q) for p in a.included for q in b.included if p != q) and not (
            set(a.included) & set(b.included)
        ):
            found.append(f"overlaps {a.letter} and {b.letter}")
    return found


def _apart(x: Intersection, o: Overlap, phase: int) -> bool:
    """Whether a phase must not be lit beside an overlap."""
    if phase in o.modifiers:
        return True
    return phase not in o.included and all(_foes(x, phase, n) for n in o.included)


def _held(x: Intersection, s: Situation) -> set[int]:
    """Greens that may not end yet."""
    held = set()
    for p in x.phases:
        shown = s.lights[p.number]
        since_s, ped_s = (NOW - shown.since_ns) / SECOND, (NOW - shown.ped_since_ns) / SECOND
        bound = since_s < p.min_green_s
        bound |= shown.ped == "walk" and ped_s < p.walk_s
        bound |= shown.ped == "clear" and ped_s < p.ped_clear_s
        if shown.color == "green" and bound:
            held.add(p.number)
    return held


LEAD_S: Final = 60.0
"""The rules may begin to serve who waits so long before it is too late: holds and clearances come first."""


def _overdue(x: Intersection, s: Situation, early_s: float = 0.0) -> list[int]:
    """Those who wait too long already (or will in `early_s`), the most overdue first (of two, the lower)."""
    waits = [(since, n) for w in (s.veh_waiting, s.ped_waiting) for n, since in w.items()]
    left = sorted((x.phase(n).max_wait_s - (NOW - since) / SECOND, n) for since, n in waits)
    return [n for left_s, n in left if left_s <= early_s]


def _spent(x: Intersection, s: Situation) -> set[int]:
    spent = set()
    for p in x.phases:
        rivals = [
            since
            for w in (s.veh_waiting, s.ped_waiting)
            for n, since in w.items()
            if n != p.number and _conflict(x, n, p.number)
        ]
        shown = s.lights[p.number]
        if shown.color == "green" and rivals:
            contested_s = (NOW - max(shown.since_ns, min(rivals))) / SECOND
            if contested_s >= p.max_green_s:
                spent.add(p.number)
    return spent


def _waits(x: Intersection, s: Situation, v: Verdict, held: set[int], clearing: set[int]) -> list[str]:
    """Overdue phases and maximum greens; only what no other duty stands against."""
    if held or clearing:
        return []
    overdue = _overdue(x, s)
    found = [f"{overdue[0]} waits too long"] if overdue and overdue[0] not in v.serve else []
    spent = _spent(x, s)
    if (
        not _overdue(x, s, LEAD_S)
        and spent & set(v.serve)
        and any(not spent & set(stage) for stage in x.stages())
    ):
        found.append("green beyond its maximum")
    return found
