"""Can anything that a strategy proposes reach the street against the rules?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.model import Intersection
from signal_control.safety import MAX_LIFETIME_S, Verdict, command, review
from signal_control.safety_rules import RULES
from signal_control.situation import Light, Situation
from signal_control.view import Candidate, Proposal
from tests.signal_control.explorer import staged
from tests.signal_control.judge import breaches

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
PHASES = (1, 2, 3, 4, 5, 6, 7, 8)


def ago(seconds: float) -> int:
    return NOW - int(seconds * SECOND)


def light(color: str = "red", for_s: float = 300.0, ped: str = "dont", ped_for_s: float = 300.0) -> Light:
    return Light(color, ago(for_s), ped, ago(ped_for_s))  # type: ignore[arg-type]


def situation(lights: dict[int, Light] | None = None, **changes: Any) -> Situation:
    """2+6 green for half a minute, nobody waits."""
    shown = {n: light() for n in PHASES} | {2: light("green", 30), 6: light("green", 30)} | (lights or {})
    return Situation(**{"mode": "remote", "at_ns": NOW, "lights": shown, "serving": (2, 6), **changes})


def propose(*serve: int, score: float = 1.0) -> Proposal:
    return Proposal(serve, "Because.", (Candidate(serve, score),), "veh")


CASES: dict[str, tuple[Situation, Proposal]] = {
    "mode": (situation(mode="flash"), propose(4, 8)),
    "stale": (situation(at_ns=ago(5.1)), propose(4, 8)),
    "fault": (situation({4: light("green", 20)}), propose(2, 6)),
    "finite": (situation(), propose(4, 8, score=math.nan)),
    "known": (situation(), propose(2, 9)),
    "ring": (situation(), propose(1, 2)),
    "conflict": (situation(), propose(2, 8)),
    "max_wait": (situation(veh_waiting={3: ago(121)}), propose(2, 6)),
    "ped_wait": (situation(ped_waiting={4: ago(121)}), propose(2, 6)),
    "max_green": (
        situation({2: light("green", 90), 6: light("green", 90)}, veh_waiting={4: ago(46)}),
        propose(2, 6),
    ),
    "yellow": (situation({2: light("yellow", 1)}, serving=(1, 6)), propose(2, 6)),
    "red_clear": (situation({2: light("red_clear", 1)}, serving=(1, 6)), propose(2, 6)),
    "min_green": (situation({6: light("green", 7.9)}), propose(2, 5)),
    "walk": (situation({6: light("green", 30, "walk", 6.9)}), propose(4, 8)),
    "ped_clear": (situation({2: light("green", 30, "clear", 9.9)}), propose(4, 8)),
}


def street(make: Callable[..., Intersection], rule: str) -> Intersection:
    """Two phases of one ring may be compatible by declaration; the ring shows one all the same."""
    return make(permitted=[(1, 2)]) if rule == "ring" else make()


def test_every_rule_has_its_case() -> None:
    assert [rule.__name__ for rule in RULES] == list(CASES)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_binds_where_it_should_and_says_why(
    rule: str, make_intersection: Callable[..., Intersection]
) -> None:
    x, (s, p) = street(make_intersection, rule), CASES[rule]
    verdict = review(x, s, p, NOW)
    assert verdict.binding == rule
    assert verdict.why.endswith(".")
    assert breaches(x, s, p, verdict) == []


@pytest.mark.parametrize("rule", CASES)
def test_no_rule_can_be_taken_away_unnoticed(
    rule: str, make_intersection: Callable[..., Intersection]
) -> None:
    x, (s, p) = street(make_intersection, rule), CASES[rule]
    rest = tuple(r for r in RULES if r.__name__ != rule)
    assert breaches(x, s, p, review(x, s, p, NOW, rest)) != []


def test_a_sound_proposal_passes_unchanged(intersection: Intersection) -> None:
    assert review(intersection, situation(), propose(4, 8), NOW) == Verdict(
        (4, 8), "", "The proposal breaks no rule."
    )


def test_a_short_green_holds_its_barrier_but_not_the_other_ring(intersection: Intersection) -> None:
    fresh = situation({6: light("green", 3)})
    assert review(intersection, fresh, propose(4, 8), NOW).serve == (2, 6)
    assert review(intersection, fresh, propose(1, 5), NOW).serve == (1, 6)


def test_service_is_forced_early_enough_to_be_in_time(intersection: Intersection) -> None:
    waiting = situation(veh_waiting={4: ago(120 - 4.9)})  # clearance takes 5 s
    assert 4 in review(intersection, waiting, propose(2, 6), NOW).serve
    assert review(intersection, situation(veh_waiting={4: ago(114)}), propose(2, 6), NOW).binding == ""


def test_who_waits_longest_is_forced_first(intersection: Intersection) -> None:
    both = situation(veh_waiting={3: ago(130), 4: ago(140)}, ped_waiting={8: ago(150)})
    assert review(intersection, both, propose(2, 6), NOW).serve == (4, 8)


def test_a_green_may_stay_beyond_its_maximum_while_nobody_waits(intersection: Intersection) -> None:
    long = situation({2: light("green", 900), 6: light("green", 900)})
    assert review(intersection, long, propose(2, 6), NOW).binding == ""


def test_a_pedestrian_is_not_cut_off_between_walk_and_clearance(intersection: Intersection) -> None:
    for ped, for_s, free in (("walk", 6, False), ("clear", 0.1, False), ("clear", 10.1, True)):
        s = situation({2: light("green", 30, ped, for_s)})
        assert (review(intersection, s, propose(4, 8), NOW).serve == (4, 8)) is free


def test_commands_expire_and_are_never_empty() -> None:
    order = command(Verdict((2, 6), "", ""), "x1-1", "x1", NOW, 600.0, "fixed_time", "Because.")
    assert order is not None
    assert order.expires_ns == NOW + int(MAX_LIFETIME_S * SECOND)
    assert command(Verdict((), "mode", ""), "x1-2", "x1", NOW, 10.0, "fixed_time", "Because.") is None


since = st.floats(0, 200).map(ago)
colors = st.sampled_from(["green", "yellow", "red_clear", "red", "red"])
lights_of = st.builds(Light, colors, since, st.sampled_from(["walk", "clear", "dont", "dont"]), since)
waits_of = st.dictionaries(st.sampled_from(PHASES), since, max_size=4)
serves = st.one_of(
    st.lists(st.sampled_from(PHASES), max_size=4).map(tuple),
    st.lists(st.integers(-3, 40), max_size=9).map(tuple),
    st.sampled_from([(2, 6), (4, 8), (1, 5), (1, 6), (3, 7)]),
)
situations = st.builds(
    Situation,
    mode=st.sampled_from(["remote", "remote", "remote", "local", "flash", "offline"]),
    at_ns=st.floats(-8, 8).map(ago),
    lights=st.fixed_dictionaries(dict.fromkeys(PHASES, lights_of)),
    veh_waiting=waits_of,
    ped_waiting=waits_of,
    serving=serves,
)
proposals = st.builds(
    lambda serve, score: Proposal(serve, "", (Candidate(serve, score),)), serves, st.floats(width=32)
)
missing = st.sets(st.sampled_from([1, 3, 5, 7]), max_size=4)


@settings(max_examples=400, deadline=None)
@given(s=situations, p=proposals, without=missing, stage=st.integers(0, 7))
def test_whatever_is_proposed_whatever_is_shown_the_verdict_is_safe(
    s: Situation, p: Proposal, without: set[int], stage: int, make_intersection: Callable[..., Intersection]
) -> None:
    numbers = tuple(
        n for n in PHASES if n not in without | {n - 4 for n in without} | {n + 4 for n in without}
    )
    x = make_intersection(numbers)
    shown = set(x.stages()[stage % len(x.stages())])
    lights = {
        n: one if one.color != "green" or n in shown else Light("red", one.since_ns)
        for n, one in s.lights.items()
        if n in numbers
    }
    calls = [
        {n: t for n, t in w.items() if n in numbers and lights[n].color != "green"}
        for w in (s.veh_waiting, s.ped_waiting)
    ]
    s = Situation(s.mode, s.at_ns, lights, calls[0], calls[1], s.serving)
    verdict = review(x, s, p, NOW)
    assert breaches(x, s, p, verdict) == []
    assert verdict == review(x, s, p, NOW)


def test_of_two_that_are_due_at_once_the_lower_number_comes_first(intersection: Intersection) -> None:
    lights = {n: light("red", 200) for n in PHASES}
    both = Situation("remote", NOW, lights, veh_waiting={2: ago(120)}, ped_waiting={8: ago(120)})
    assert 2 in review(intersection, both, propose(4, 8), NOW).serve
    assert 2 in review(intersection, both, propose(2, 6), NOW).serve


@pytest.mark.parametrize("proposed", [(3, 7), (1, 5), (2, 6), (4, 8)])
def test_of_two_who_cannot_both_be_served_in_time_the_one_due_first_is(
    intersection: Intersection, proposed: tuple[int, ...]
) -> None:
    lights = {n: light("red", 200) for n in PHASES}
    both = Situation("remote", NOW, lights, veh_waiting={7: ago(114), 1: ago(112)}, ped_waiting={})
    assert 7 in review(intersection, both, propose(*proposed), NOW).serve


def test_a_spent_green_does_not_put_off_who_is_most_overdue() -> None:
    x = staged(((1, 2), (2,), (3, 4)), 90)
    lights = {1: light("green", 80), 2: light("red"), 3: light("red"), 4: light("red")}
    s = Situation("remote", NOW, lights, veh_waiting={4: ago(100)}, ped_waiting={2: ago(170)})
    assert review(x, s, propose(1), NOW).serve == (2,)


def test_who_waited_too_long_comes_first_if_only_beside_a_spent_green() -> None:
    x = staged(((1, 2), (3, 4)), 90)
    lights = {1: light("green", 80), 2: light("red"), 3: light("red"), 4: light("red")}
    s = Situation("remote", NOW, lights, veh_waiting={2: ago(100), 3: ago(60)})
    assert review(x, s, propose(1), NOW).serve == (1, 2)
