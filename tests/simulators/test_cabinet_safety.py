"""Does the cabinet keep every interval and the barrier, whatever it is told and whoever passes?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.ring import HiresEvent, Timing

START = 1_760_000_000_000

Build = Callable[..., Intersection]
_SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Referee:
    """Reads the event log alone and says which rule was broken."""

    def __init__(self, intersection: Intersection) -> None:
        self._node = intersection
        self._timing = {p.number: Timing.of(p) for p in intersection.phases}
        self._at: dict[tuple[int, int], int] = {}
        self._active: set[int] = set()
        self._walking: set[int] = set()
        self.greens: dict[int, list[int]] = {p.number: [] for p in intersection.phases}

    def read(self, events: list[HiresEvent]) -> None:
        for t, code, param in events:
            rule = getattr(self, f"_on_{code}", None)
            if rule is not None:
                rule(t, param)
                self._at[code, param] = t

    def _since(self, t: int, code: int, phase: int) -> int:
        return t - self._at[code, phase]

    def _on_1(self, t: int, phase: int) -> None:
        for other in self._active:
            assert self._node.compatible(phase, other), f"{phase} green while {other} is not red"
        assert phase not in self._active
        self._active.add(phase)
        self.greens[phase].append(t)

    def _on_8(self, t: int, phase: int) -> None:
        assert self._since(t, 1, phase) >= self._timing[phase].min_green
        assert phase not in self._walking, "green ended with people on the crossing"

    def _on_9(self, t: int, phase: int) -> None:
        assert self._since(t, 8, phase) == self._timing[phase].yellow

    def _on_10(self, t: int, phase: int) -> None:
        assert self._at[9, phase] == t

    def _on_11(self, t: int, phase: int) -> None:
        assert self._since(t, 10, phase) == self._timing[phase].red_clear

    def _on_12(self, t: int, phase: int) -> None:
        if self._timing[phase].red_clear:
            assert self._at[11, phase] == t
        assert self._at[9, phase] + self._timing[phase].red_clear == t
        self._active.remove(phase)

    def _on_21(self, t: int, phase: int) -> None:
        assert phase in self._active
        assert phase not in self._walking
        self._walking.add(phase)

    def _on_22(self, t: int, phase: int) -> None:
        assert self._since(t, 21, phase) == self._timing[phase].walk

    def _on_23(self, t: int, phase: int) -> None:
        assert self._since(t, 22, phase) == self._timing[phase].ped_clear
        self._walking.remove(phase)

    def _on_173(self, t: int, param: int) -> None:
        raise AssertionError("the cabinet tripped its own monitor")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
commands = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c"]) | anything,
        "serve": st.lists(st.integers(1, 8), min_size=1, max_size=2)
        | st.sampled_from([[1, 5], [1, 6], [2, 5], [2, 6], [3, 7], [3, 8], [4, 7], [4, 8]])
        | anything,
        "t": st.integers(-5_000, 1_000) | anything,
        "expires": st.integers(100, 60_000) | anything,
    }
)
actions = st.lists(
    st.tuples(st.just("command"), commands)
    | st.tuples(st.just("junk"), anything)
    | st.tuples(st.just("press"), st.integers(0, 9))
    | st.tuples(st.just("detect"), st.tuples(st.integers(0, 9), st.booleans()))
    | st.tuples(st.just("wait"), st.lists(st.integers(1, 1000), min_size=1, max_size=30)),
    max_size=60,
)


def _act(cabinet: Cabinet, now: int, what: str, value: Any) -> None:
    if what == "command":
        timed = {k: now + v if k in ("t", "expires") and type(v) is int else v for k, v in value.items()}
        assert isinstance(cabinet.command(timed)["accepted"], bool)
    elif what == "junk":
        assert cabinet.command(value)["accepted"] is False
    elif what == "press":
        cabinet.press(value, now + 50)
    elif what == "detect":
        cabinet.detection(value[0], now + 150, value[1])


def _run(cabinet: Cabinet, script: list[tuple[str, Any]], referee: Referee) -> int:
    now = START
    for what, value in script:
        _act(cabinet, now, what, value)
        for wait in value if what == "wait" else [300]:
            now += wait
            events, lights = cabinet.step(now)
            referee.read(events)
            state = cabinet.state()
            assert state["greens"] == list(lights.greens)
            assert state["mode"] in ("remote", "local")
    return now


def _run_on(cabinet: Cabinet, now: int, seconds: float, referee: Referee) -> int:
    end = now + round(seconds * 1000)
    while now < end:
        now += 700
        referee.read(cabinet.step(now).events)
    return now


@st.composite
def designs(draw: st.DrawFn) -> dict[str, Any]:
    """Intersections of all sorts: tight plans, odd clearances, no left phases on the side street."""
    yellow = draw(st.sampled_from([2.75, 3.0, 3.5, 5.0]))
    red = draw(st.sampled_from([0.0, 1.0, 2.25]))
    extra = draw(st.sampled_from([0.0, 0.6, 12.0]))
    recall = draw(st.sampled_from(["none", "min", "max", "ped"]))
    sequence = draw(
        st.sampled_from([((1, 2, 3, 4), (5, 6, 7, 8)), ((2, 1, 4, 3), (5, 6, 8, 7)), ((1, 2, 4), (5, 6, 8))])
    )
    side = 3 in sequence[0]
    lefts, main, minor = 5 + yellow + red, 19 + yellow + red, 21 + yellow + red
    splits = dict.fromkeys((1, 5, 3, 7), lefts) | dict.fromkeys((2, 6), main + extra) | {4: minor, 8: minor}
    changes = {n: {"yellow_s": yellow, "red_clear_s": red, "recall": recall} for n in range(1, 9)}
    cycle = lefts + main + extra + minor + (lefts if side else 0)
    return {
        "splits": splits,
        "cycle_s": cycle,
        "offset_s": draw(st.sampled_from([0.0, 33.3])),
        "changes": changes,
        "sequence": sequence,
    }


@_SETTINGS
@given(script=actions, design=designs(), actuated=st.booleans())
def test_no_interval_is_cut_and_nothing_conflicts_whatever_arrives(
    crossroads: Build, script: list[tuple[str, Any]], design: dict[str, Any], actuated: bool
) -> None:
    node = crossroads(**design)
    cabinet, referee = Cabinet(node, START, actuated=actuated), Referee(node)
    now = _run(cabinet, script, referee)
    _run_on(cabinet, now, 60, referee)
    assert cabinet.fault == ""


@_SETTINGS
@given(script=actions, design=designs())
def test_the_local_plan_serves_every_phase_after_whatever_came_before(
    crossroads: Build, script: list[tuple[str, Any]], design: dict[str, Any]
) -> None:
    node = crossroads(**design)
    cabinet, referee = Cabinet(node, START), Referee(node)
    now = _run(cabinet, script, referee)
    now = _run_on(cabinet, now, 60 + node.plan.cycle_s, referee)
    assert cabinet.mode == "local"
    _run_on(cabinet, now, 2 * node.plan.cycle_s, referee)
    for phase, starts in referee.greens.items():
        assert starts, f"phase {phase} never was green"
        assert starts[-1] > now, f"phase {phase} starves"


@pytest.mark.parametrize("serve", [[1, 5], [2, 6], [3, 8], [4]])
@_SETTINGS
@given(script=actions)
def test_a_legal_command_is_shown_within_the_clearances(
    crossroads: Build, serve: list[int], script: list[tuple[str, Any]]
) -> None:
    node = crossroads()
    cabinet, referee = Cabinet(node, START), Referee(node)
    now = _run_on(cabinet, _run(cabinet, script, referee), 61, referee)
    order = {"id": "z", "serve": serve, "t": now, "expires": now + 60_000}
    assert cabinet.command(order)["accepted"] is True
    _run_on(cabinet, now, 8 + 21 + 5 + 1, referee)
    assert cabinet.state()["greens"] == serve
