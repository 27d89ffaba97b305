"""Do wanted clearances take the place of a program's own, and of nothing else?"""

from __future__ import annotations

from simulators.networks.netfile import Program, ProgramPhase
from simulators.networks.programs import staged
from simulators.networks.timing import Timing, retimed


def program(*phases: tuple[float, str]) -> Program:
    return Program("j", "0", "static", 0.0, tuple(ProgramPhase(s, state) for s, state in phases))


OWN = program((30, "Ggrr"), (5, "ygrr"), (6, "rGrr"), (5, "ryrr"), (2, "rrrr"), (20, "rrGG"), (5, "rryy"))


def test_without_wishes_nothing_changes() -> None:
    assert retimed(OWN, Timing(min_green_s=9)) == OWN


def test_greens_keep_their_time_and_the_cycle_follows() -> None:
    found = retimed(OWN, Timing(yellow_s=3, all_red_s=0))
    assert [(p.duration_s, p.state) for p in found.phases] == [
        (30, "Ggrr"),
        (3, "ygrr"),
        (6, "rGrr"),
        (3, "ryrr"),
        (20, "rrGG"),
        (3, "rryy"),
    ]


def test_red_clearance_is_laid_after_every_yellow_and_makes_no_stage() -> None:
    found = retimed(OWN, Timing(all_red_s=2))
    assert [p.state for p in found.phases if p.duration_s == 2] == ["rgrr", "rrrr", "rrrr"]
    plan = staged(found)
    assert plan.stages == staged(OWN).stages
    assert [g.red_clear_s for g in plan.groups] == [2, 2, 2]
    assert [s for _, s in plan.plan] == [37, 13, 27]
