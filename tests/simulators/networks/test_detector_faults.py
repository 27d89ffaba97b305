"""Is what a cabinet hears through broken wires what such wires would carry?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.lights import Count, Detection, Lights, StreetStep
from simulators.networks.detector_faults import faulty
from simulators.street_net import StreetError


class Busy:
    """A street on which every channel turns on and off in every step."""

    now_ms = 0

    def step(self) -> StreetStep:
        self.now_ms += 1000
        seen = [Detection("x1", c, self.now_ms, on) for c in range(1, 9) for on in (True, False)]
        return StreetStep(self.now_ms, seen, [], (Count("x1", 1, self.now_ms, 5, 3),))

    def show(self, intersection_id: str, lights: Lights) -> None: ...
    def close(self) -> None: ...
    def truth(self) -> dict[str, dict[str, int]]:
        return {}

    def summary(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def heard(crossroads: Callable[..., Intersection]) -> Callable[[str], list[StreetStep]]:
    """What gets through in 200 steps."""

    def hear(failure: str) -> list[StreetStep]:
        street = faulty(Busy(), [crossroads()], failure, 1)
        return [street.step() for _ in range(200)]

    return hear


def channels(steps: list[StreetStep]) -> set[int]:
    return {d.channel for step in steps for d in step.detections}


def test_without_failures_nothing_changes(crossroads: Callable[..., Intersection]) -> None:
    street = Busy()
    assert faulty(street, [crossroads()], "", 1) is street


def test_dead_channels_are_silent_and_counts_with_them(heard: Callable[[str], list[StreetStep]]) -> None:
    assert len(channels(heard("dead:0.25"))) == 6
    assert not channels(heard("dead:1"))
    assert not any(step.counts for step in heard("dead:1"))


def test_stuck_channels_turn_on_once_and_never_off(heard: Callable[[str], list[StreetStep]]) -> None:
    steps = heard("stuck:1")
    assert [len(step.detections) for step in steps[:3]] == [8, 0, 0]
    assert all(d.on for d in steps[0].detections)
    assert steps[-1].counts[0][3:] == (1, 1)


def test_pulses_are_missed_whole_and_as_often_as_said(heard: Callable[[str], list[StreetStep]]) -> None:
    seen = [d for step in heard("missing:0.1") for d in step.detections]
    assert sum(d.on for d in seen) == sum(not d.on for d in seen)
    assert 0.87 < len(seen) / (200 * 16) < 0.93


def test_swapped_wires_carry_everything_to_the_wrong_channel(
    heard: Callable[[str], list[StreetStep]],
) -> None:
    steps = heard("swapped:1")
    assert channels(steps) == set(range(1, 9))
    assert steps[0].counts[0].channel != 1


@pytest.mark.parametrize("failure", ["haunted", "dead:2", "dead:x"])
def test_an_unknown_failure_is_refused(failure: str, crossroads: Callable[..., Intersection]) -> None:
    with pytest.raises(StreetError, match="there are: dead, stuck, missing, swapped"):
        faulty(Busy(), [crossroads()], failure, 1)
