"""All controllers of a city: fed by readings, ticked, switched, and hurt by nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.reading import Reading
from gateway.config.settings import load
from gateway.signals import RECORD_NS, Signals

DEMO = load(Path(__file__).resolve().parents[2] / "configs" / "demo.toml")
NOW_NS = 1_790_000_000_000_000_000
S = 1_000_000_000


def signals(strategy: str = "max_pressure") -> Signals:
    return Signals("demo", DEMO.intersections, strategy)


def state(at_ns: int, device: str = "x1", **fields: Any) -> Reading:
    dark = dict.fromkeys(("greens", "yellows", "red_clears", "walks", "ped_clears"), 0)
    return Reading(
        "signal", "demo", device, at_ns, {"mode": "local", **dark, "plan": 1, "command": "", **fields}
    )


def test_a_cabinet_that_reported_is_commanded_and_the_others_are_not() -> None:
    city = signals()
    city.observe(state(NOW_NS, greens=0b100010))
    tick = city.tick(NOW_NS + S)
    assert [c.intersection for c in tick.commands] == ["x1"]
    assert tick.commands[0].expires_ns == NOW_NS + 11 * S
    assert city.last["x2"].command is None
    assert "local plan" in city.last["x2"].reason


def test_a_silent_cabinet_is_left_to_its_local_plan() -> None:
    city = signals()
    city.observe(state(NOW_NS, greens=0b100010))
    assert city.tick(NOW_NS + 60 * S).commands == ()


def test_estimates_and_decisions_are_recorded_as_readings() -> None:
    city = signals()
    city.observe(state(NOW_NS, greens=0b100010))
    first = city.tick(NOW_NS + S).readings
    assert {r.kind for r in first} == {"decision", "queue"}
    decision = next(r for r in first if r.kind == "decision" and r.device == "x1")
    assert decision.fields["strategy"] == "max_pressure"
    assert str(decision.fields["inputs"]).startswith("{")
    assert {r.kind for r in city.tick(NOW_NS + 2 * S).readings} <= {"decision"}
    assert any(r.kind == "queue" for r in city.tick(NOW_NS + S + RECORD_NS).readings)


def test_one_intersection_or_all_can_be_switched() -> None:
    city = signals()
    city.use("fixed_time", "x3")
    assert city.strategies == {
        "x1": "max_pressure",
        "x2": "max_pressure",
        "x3": "fixed_time",
        "x4": "max_pressure",
        "x5": "max_pressure",
    }
    city.use("webster")
    assert set(city.strategies.values()) == {"webster"}


def test_an_unknown_name_is_refused_with_the_choices_and_changes_nothing() -> None:
    city = signals()
    with pytest.raises(KeyError, match="x1, x2"):
        city.use("fixed_time", "x9")
    with pytest.raises(KeyError, match="max_pressure"):
        city.use("magic")
    assert set(city.strategies.values()) == {"max_pressure"}


MASK = st.integers(0, 0xFFFF)
HIRES = st.builds(
    lambda device, ms, code, param: Reading(
        "hires", "demo", device, NOW_NS + ms * 1_000_000, {"code": code, "param": param}
    ),
    st.sampled_from(["x1", "x2", "x9"]),
    st.integers(-600_000, 600_000),
    st.integers(0, 600),
    st.integers(-1, 400),
)
STATE = st.builds(
    lambda device, ms, mode, greens, yellows, walks, calls: state(
        NOW_NS + ms * 1_000_000,
        device,
        mode=mode,
        greens=greens,
        yellows=yellows,
        walks=walks,
        veh_calls=calls,
        ped_calls=calls,
    ),
    st.sampled_from(["x1", "x2", "x9"]),
    st.integers(-60_000, 60_000),
    st.sampled_from(["remote", "local", "flash", "?"]),
    MASK,
    MASK,
    MASK,
    MASK,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(HIRES | STATE, max_size=60), st.sampled_from(["fixed_time", "webster", "max_pressure"]))
def test_no_sequence_of_readings_however_mad_stops_the_city(readings: list[Reading], strategy: str) -> None:
    city = signals(strategy)
    for n, reading in enumerate(readings):
        city.observe(reading)
        if n % 5 == 0:
            city.tick(NOW_NS + n * S)
    for command in city.tick(NOW_NS + 61 * S).commands:
        intersection = next(x for x in DEMO.intersections if x.id == command.intersection)
        assert all(intersection.compatible(a, b) for a in command.serve for b in command.serve)


def test_what_comes_a_minute_late_is_history_once_newer_is_known() -> None:
    quiet, disturbed = signals(), signals()
    now = state(NOW_NS, greens=0b100010)
    old = msgspec.structs.replace(state(NOW_NS - 90 * S, greens=0b10001000), received_ns=NOW_NS)
    passing = [
        Reading("hires", "demo", "x1", NOW_NS - 80 * S, {"code": 82, "param": c}, {}, c, NOW_NS)
        for c in range(1, 40)
    ]
    for city, late in ((quiet, []), (disturbed, [old, *passing])):
        for reading in (now, *late):
            city.observe(reading)
    assert quiet.tick(NOW_NS + S) == disturbed.tick(NOW_NS + S)
    fresh = [msgspec.structs.replace(r, at_ns=NOW_NS) for r in passing]
    for reading in fresh:
        disturbed.observe(reading)
    assert quiet.tick(NOW_NS + 7 * S).readings != disturbed.tick(NOW_NS + 7 * S).readings
