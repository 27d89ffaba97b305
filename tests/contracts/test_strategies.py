"""Does every strategy in the folder keep the contract, whatever it sees?"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import LinkState, SignalState
from signal_control.view import Proposal, View, create, strategies, strategy_names

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
NAMES = sorted(strategies())


def _phase(number: int) -> dict[str, Any]:
    ped = {"walk_s": 7, "ped_clear_s": 9} if number % 2 == 0 else {}
    place = {"ring": 1 if number <= 4 else 2, "barrier": 1 if number in (1, 2, 5, 6) else 2}
    timing = {"min_green_s": 6, "max_green_s": 40, "yellow_s": 3, "red_clear_s": 2}
    return {"number": number, "label": str(number), **place, **timing, **ped}


def _intersection(numbers: tuple[int, ...]) -> Intersection:
    lanes = [
        {
            "id": f"l{n}",
            "link": f"k{n}",
            "phases": [n],
            "turns": ["through"],
            "length_m": 150,
            "to": {"out": 0.5},
        }
        for n in numbers
    ]
    split = {n: 25 if {n, n - 1 + 2 * (n % 2)} <= set(numbers) else 50 for n in numbers}
    plan = {
        "cycle_s": 100,
        "sequence": [[n for n in numbers if n <= 4], [n for n in numbers if n > 4]],
        "splits": [{"phase": n, "split_s": s} for n, s in split.items()],
    }
    fields = {"id": "x", "name": "X", "phases": [_phase(n) for n in numbers], "lanes": lanes, "plan": plan}
    return Intersection.model_validate(fields)


SMALL, LARGE = _intersection((2, 4, 6, 8)), _intersection((1, 2, 3, 4, 5, 6, 7, 8))


@st.composite
def views(draw: st.DrawFn) -> View:
    """A view that a controller could make: greens are compatible, everything else is anything."""
    x = draw(st.sampled_from([SMALL, LARGE]))
    numbers = [p.number for p in x.phases]
    stage = draw(st.sampled_from(x.stages()))
    greens = tuple(n for n in stage if draw(st.booleans()))
    others = [n for n in numbers if n not in greens]
    some = st.lists(st.sampled_from(others), unique=True, max_size=3).map(tuple)
    since = st.integers(0, 400).map(lambda s: NOW - s * SECOND)
    state = SignalState(
        at_ns=NOW,
        mode="remote",
        greens=greens,
        yellows=draw(some),
        walks=greens[:1] if draw(st.booleans()) else (),
        veh_calls=draw(some),
        ped_calls=draw(some),
    )
    amount = st.floats(0, 60)
    known = [lane.id for lane in x.lanes if draw(st.booleans())]
    return View(
        now_ns=NOW + draw(st.integers(0, 400)) * SECOND // 4,
        intersection=x,
        state=state,
        green_since_ns={n: draw(since) for n in greens},
        red_since_ns={n: draw(since) for n in others},
        queues={
            n: QueueEstimate(n, draw(amount), 1.0, 0.1, draw(amount), draw(st.booleans())) for n in known
        },
        flows={n: draw(st.floats(0, 3000)) for n in known},
        downstream={"out": LinkState("out", draw(amount), draw(amount), NOW, 2)}
        if draw(st.booleans())
        else {},
        serving=draw(st.sampled_from([(), *x.stages()])),
        coming={n: ((draw(st.floats(0, 30)), 0.8),) for n in known if draw(st.booleans())},
    )


def assert_legal(x: Intersection, proposal: Proposal) -> None:
    """At least one phase, all known, one per ring, compatible."""
    assert proposal.serve
    assert set(proposal.serve) <= {p.number for p in x.phases}
    assert all(x.compatible(a, b) for a, b in combinations(proposal.serve, 2))
    assert len({x.phase(n).ring for n in proposal.serve}) == len(proposal.serve)


def assert_one_sentence(reason: str) -> None:
    """It begins with a capital letter, ends with a full stop and has no other."""
    assert reason[0].isupper()
    assert reason.endswith(".")
    assert ". " not in reason
    assert "\n" not in reason


def test_there_are_the_strategies_we_promise() -> None:
    assert {"fixed_time", "webster", "max_pressure"} <= set(NAMES)


def test_an_unknown_strategy_is_refused_with_the_choices() -> None:
    with pytest.raises(KeyError, match="no strategy named 'max_presure'; there are: .*max_pressure"):
        create("max_presure", SMALL)


def test_a_strategy_is_called_as_its_file() -> None:
    assert strategy_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_describes_itself_in_one_sentence(name: str) -> None:
    assert_one_sentence(strategies()[name].DOC)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None)
@given(seen=st.lists(views(), min_size=1, max_size=4))
def test_any_view_gives_a_legal_explained_and_repeatable_proposal(name: str, seen: list[View]) -> None:
    x = seen[0].intersection
    seen = [view for view in seen if view.intersection is x]
    one, again = create(name, x), create(name, x)
    for view in seen:
        proposal = one.decide(view)
        assert_legal(x, proposal)
        assert_one_sentence(proposal.reason)
        assert proposal.candidates
        assert all(set(c.serve) and c.score == c.score for c in proposal.candidates)
        assert proposal == again.decide(view)


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_decides_without_any_data(name: str) -> None:
    state = SignalState(at_ns=NOW, mode="local")
    empty = View(NOW, SMALL, state, {}, {}, {}, {}, {})
    assert_legal(SMALL, create(name, SMALL).decide(empty))
