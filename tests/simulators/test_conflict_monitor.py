"""Does the conflict monitor see every unsafe indication, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.model import Intersection
from simulators.cabinet import STARTUP_RED_MS, Cabinet
from simulators.conflict_monitor import ConflictMonitor
from simulators.lights import ALL_RED, Lights

Build = Callable[..., Intersection]
Script = list[tuple[int, Lights]]

GREEN, YELLOW, RED, CROSS = Lights(greens=(2, 6)), Lights(yellows=(2, 6)), ALL_RED, Lights(greens=(4, 8))


def _watch(node: Intersection, script: Script) -> str:
    monitor = ConflictMonitor(node)
    fault = ""
    for t, lights in script:
        fault = monitor.check(t, lights)
    return fault


def test_a_lawful_change_over_the_barrier_passes(crossroads: Build) -> None:
    script = [(0, RED), (100, GREEN), (20_100, YELLOW), (23_600, RED), (25_100, CROSS)]
    assert _watch(crossroads(), script) == ""


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ([(0, Lights(greens=(2, 4)))], "conflict between phases 2 and 4"),
        ([(0, Lights(greens=(1, 2)))], "conflict between phases 1 and 2"),
        ([(0, Lights(greens=(2,), yellows=(8,)))], "conflict between phases 2 and 8"),
        ([(0, Lights(greens=(4,), ped_clears=(2,)))], "conflict between phases 2 and 4"),
        ([(0, Lights(greens=(2,), yellows=(2,)))], "green and yellow together on phase 2"),
        ([(0, Lights(walks=(2,)))], "pedestrians of phase 2 walk beside red"),
        ([(0, GREEN), (20_000, RED)], "no yellow after the green of phase 2"),
        ([(0, GREEN), (20_000, YELLOW), (22_600, RED)], "yellow of phase 2 was 2600 ms"),
        (
            [(0, GREEN), (20_000, YELLOW), (23_500, RED), (24_900, CROSS)],
            "red clearance of phase 2 was 1400 ms before phase 4",
        ),
        (
            [(0, Lights(greens=(2,), walks=(2,))), (7_000, Lights(greens=(2,)))],
            "no pedestrian clearance after the walk of phase 2",
        ),
    ],
)
def test_an_unsafe_indication_trips(crossroads: Build, script: Script, fault: str) -> None:
    assert _watch(crossroads(), script) == fault


def test_a_fault_is_latched_until_somebody_resets_it(crossroads: Build) -> None:
    monitor = ConflictMonitor(crossroads())
    monitor.check(0, Lights(greens=(2, 4)))
    assert monitor.check(60_000, RED) == "conflict between phases 2 and 4"
    monitor.reset()
    assert monitor.check(61_000, RED) == ""


class Touchy:
    """A monitor that trips at a given time."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def check(self, now_ms: int, lights: Lights) -> str:
        return "field wire cut" if now_ms >= self.at_ms else ""

    def reset(self) -> None:
        self.at_ms = 10**15


def test_a_tripped_cabinet_flashes_obeys_nobody_and_starts_again_after_reset(
    crossroads: Build, start_ms: int
) -> None:
    cabinet = Cabinet(crossroads(), start_ms, monitor=Touchy(start_ms + 60_000))
    events = cabinet.step(start_ms + 200_000).events
    assert [(code, param) for _, code, param in events][-2:] == [(131, 255), (173, 6)]
    state = cabinet.state()
    assert (state["mode"], state["greens"], state["command"]) == ("flash", [], "")
    order = {"id": "a", "serve": [2, 6], "t": start_ms + 200_000, "expires": start_ms + 220_000}
    assert cabinet.command(order)["reason"] == "flashing: field wire cut"
    cabinet.reset()
    events = cabinet.step(start_ms + 200_000 + STARTUP_RED_MS).events
    assert next((code, param) for _, code, param in events) == (173, 2)
    assert cabinet.state()["mode"] == "local"
    assert cabinet.state()["greens"]
