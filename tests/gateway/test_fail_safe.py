"""Does every doubt about a cabinet or its detectors leave the street to something simpler, and end?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.reading import Reading
from gateway.operate.operation import Operation
from gateway.signals import Signals, Tick
from signal_control.events import DETECTOR_ON
from signal_control.model import Intersection
from signal_control.operation.ladder import Ladder
from tests.signal_control.conftest import build
from tests.signal_control.test_health import ADVANCE, STOP, Day

SECOND = 1_000_000_000
START = 1_790_553_600 * SECOND
SETS = ("yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls")


class City:
    """One intersection whose cabinet reports what it is told to."""

    def __init__(self) -> None:
        x = build()
        self.signals = Signals("demo", [x], "fixed_time", operation=Operation([x]))
        self.now = START
        pulse = {"code": DETECTOR_ON, "param": x.detectors[0].channel}
        self.signals.observe(Reading("hires", "demo", "x1", START, pulse, received_ns=START))

    def second(self, late_s: float = 0.0, **report: Any) -> Tick:
        self.now += SECOND
        fields = {"mode": "remote", "greens": 0b100010, "plan": 1, "command": "", **dict.fromkeys(SETS, 0)}
        at_ns = self.now - int(late_s * SECOND)
        self.signals.observe(Reading("signal", "demo", "x1", at_ns, fields | report, received_ns=at_ns))
        return self.signals.tick(self.now)

    def silent(self) -> Tick:
        self.now += SECOND
        return self.signals.tick(self.now)


def modes(ticks: list[Tick]) -> set[str]:
    return {decision.mode for tick in ticks for decision in tick.decisions}


@pytest.mark.parametrize("late_s", [6.0, 600.0, -6.0, -600.0])
def test_a_clock_that_is_wrong_stops_commands_until_it_is_right(late_s: float) -> None:
    city = City()
    assert modes([city.second() for _ in range(20)]) == {"adaptive"}
    wrong = [city.second(late_s) for _ in range(30)][10:]
    assert modes(wrong) == {"waiting"}
    assert all(tick.commands == () for tick in wrong)
    assert "s old" in wrong[0].decisions[0].reason
    city.now += 700 * SECOND
    right = [city.second() for _ in range(30)]
    assert modes(right[5:]) == {"adaptive"}
    assert any(tick.commands for tick in right)


@pytest.mark.parametrize("mode", ["flash", "preempted"])
def test_a_cabinet_that_flashes_or_does_not_say_is_left_alone_until_it_is_back(mode: str) -> None:
    city = City()
    assert modes([city.second() for _ in range(5)]) == {"adaptive"}
    away = [city.second(mode=mode, greens=0) for _ in range(5)]
    assert modes(away) == {"waiting"}
    assert all(tick.commands == () for tick in away)
    assert modes([city.second() for _ in range(5)]) == {"adaptive"}


@pytest.mark.parametrize("silent_s", [1, 4, 10, 120, 600])
def test_silence_is_borne_for_five_seconds_and_no_longer(silent_s: int) -> None:
    city = City()
    assert modes([city.second() for _ in range(5)]) == {"adaptive"}
    quiet = [city.silent() for _ in range(silent_s)]
    assert modes(quiet[:5]) == {"adaptive"}
    assert modes(quiet[5:]) == ({"waiting"} if silent_s > 5 else set())
    assert modes([city.second() for _ in range(3)]) == {"adaptive"}


BLIND, HALF_BLIND = {"actuated", "local"}, {"substituted"}
FAULTS: dict[str, tuple[Callable[[Day], None], set[str]]] = {
    "silent": (lambda day: day.cycles(30, dead=(STOP, ADVANCE)), BLIND),
    "stuck on": (lambda day: day.cycles(30, stuck=(STOP, ADVANCE)), BLIND),
    "chatter": (lambda day: day.cycles(30, chatter=(STOP, ADVANCE)), BLIND),
    "one silent": (lambda day: day.cycles(30, dead=(STOP,)), HALF_BLIND),
    "one chatters": (lambda day: day.cycles(30, chatter=(STOP,)), HALF_BLIND),
    "swapped": (lambda day: day.cycles(30, crossed=True), HALF_BLIND),
}
"""What happens to the detectors of the only lane that has some, and how far down that leads."""


@pytest.mark.parametrize("fault", FAULTS)
def test_detectors_that_fail_lead_down_the_ladder_and_back(fault: str) -> None:
    x = Intersection.model_validate(_one_approach())
    day, ladder = Day(x), Ladder(x)

    def step() -> str:
        for _ in range(70):
            day.at_s += 1
            ladder.judge(day.estimator.at(int(day.at_s * SECOND)), int(day.at_s * SECOND))
        return ladder.rung.step

    day.cycles(10)
    assert step() == "adaptive"
    befall, rungs = FAULTS[fault]
    befall(day)
    assert step() in rungs
    assert ladder.rung.cause
    day.stuck = False
    day.cycles(60)
    assert step() in ("adaptive", "substituted")


def _one_approach() -> dict[str, Any]:
    """Only the lane that the day drives on has detectors."""
    told = build((2, 4, 6, 8)).model_dump(exclude_defaults=True)
    return {**told, "detectors": [d for d in told["detectors"] if d["channel"] in (STOP, ADVANCE)]}
