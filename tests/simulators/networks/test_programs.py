"""Are groups, stages, plans and clearances read out of signal programs as they are meant?"""

from __future__ import annotations

import pytest

from simulators.networks.netfile import Program, ProgramPhase
from simulators.networks.programs import staged
from simulators.street_net import StreetError


def program(*phases: tuple[float, str], offset_s: float = 0.0) -> Program:
    return Program("j", "0", "static", offset_s, tuple(ProgramPhase(s, state) for s, state in phases))


LEFT_AFTER = (
    (30, "Ggrr"),
    (3, "ygrr"),
    (6, "rGrr"),
    (3, "ryrr"),
    (2, "rrrr"),
    (20, "rrGG"),
    (3, "rryy"),
    (1, "rrrr"),
)


def test_links_that_are_green_together_are_one_group() -> None:
    found = staged(program(*LEFT_AFTER))
    assert [g.links for g in found.groups] == [(0,), (1,), (2, 3)]
    assert found.stages == ((1, 2), (2,), (3,))


def test_the_plan_gives_each_stage_its_time_and_the_clearance_after_it() -> None:
    found = staged(program(*LEFT_AFTER, offset_s=7))
    assert found.plan == ((0, 33), (1, 11), (2, 24))
    assert (found.cycle_s, found.offset_s) == (68, 7)


def test_clearances_are_the_program_s_own() -> None:
    groups = staged(program(*LEFT_AFTER)).groups
    assert [(g.yellow_s, g.red_clear_s) for g in groups] == [(3, 0), (3, 2), (3, 1)]


def test_a_program_that_begins_with_a_clearance_is_shifted() -> None:
    found = staged(program((2, "rr"), (20, "Gr"), (3, "yr"), (15, "rG"), (3, "ry")))
    assert found.plan == ((0, 23), (1, 20))
    assert (sum(s for _, s in found.plan), found.offset_s) == (43, 2)


def test_a_short_state_that_only_takes_greens_away_is_no_stage() -> None:
    states = ((20, "GGr"), (3, "Gyr"), (2, "Grr"), (20, "GrG"), (3, "yry"), (9, "rGr"), (3, "ryr"))
    found = staged(program(*states))
    assert found.states == ("GGr", "GrG", "rGr")


def test_what_is_always_green_is_no_group() -> None:
    found = staged(program((20, "GrG"), (3, "yrG"), (20, "rGG"), (3, "ryG")))
    assert found.group_of() == {0: 1, 1: 2}


@pytest.mark.parametrize(
    ("phases", "fault"),
    [
        (((20, "GG"), (3, "yy"), (5, "rr")), "fewer than two groups"),
        (tuple((5.0, "r" * n + "G" + "r" * (16 - n)) for n in range(17)), "17 signal groups"),
    ],
)
def test_what_cannot_be_phases_is_refused(phases: tuple[tuple[float, str], ...], fault: str) -> None:
    with pytest.raises(StreetError, match=fault):
        staged(program(*phases))
