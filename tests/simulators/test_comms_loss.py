"""Does a cabinet whose line is cut run its own plan in time, cut nothing, skip nobody and come back?

Told from the cabinet's own log.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.ring import HiresEvent
from tests.simulators.conftest import START_MS
from tests.simulators.rough_hours import Referee

LIFETIME_MS = 10_000
RENEWED_MS = 3_000
CYCLE_MS = 90_000


class Line:
    """A cabinet that is led by stages of half a minute, until the line is cut."""

    def __init__(self, x: Intersection) -> None:
        self.x, self.cabinet, self.referee = x, Cabinet(x, START_MS), Referee(x)
        self.now, self.log = START_MS, list[HiresEvent]()
        self.modes: list[tuple[int, str]] = []

    def run(self, seconds: int, connected: bool = True) -> None:
        for _ in range(seconds * 2):
            self.now += 500
            if connected and self.now % RENEWED_MS == 0:
                stages = [s for s in self.x.stages() if len(s) == 2]
                serve = stages[self.now // 30_000 % len(stages)]
                order = {"id": f"c{self.now}", "serve": list(serve), "t": self.now}
                assert self.cabinet.command(order | {"expires": self.now + LIFETIME_MS})["accepted"]
            events = self.cabinet.step(self.now).events
            self.referee.read(events)
            self.log += events
            mode = str(self.cabinet.state()["mode"])
            if not self.modes or self.modes[-1][1] != mode:
                self.modes.append((self.now, mode))

    def greens(self, phase: int, since: int) -> list[int]:
        return [t for t, code, param in self.log if (code, param) == (1, phase) and t >= since]


@pytest.fixture
def line(crossroads: Callable[..., Intersection]) -> Line:
    found = Line(crossroads())
    found.run(120)
    assert found.modes[-1][1] == "remote"
    return found


@pytest.mark.parametrize("lost_s", [1, 5])
def test_a_short_loss_is_bridged_by_the_command_in_force(line: Line, lost_s: int) -> None:
    before = len(line.modes)
    line.run(lost_s, connected=False)
    line.run(60)
    assert len(line.modes) == before
    assert line.referee.faults == []


@pytest.mark.parametrize("lost_s", [15, 60, 180, 600])
def test_a_long_loss_leaves_the_cabinet_on_its_plan_and_it_comes_back(line: Line, lost_s: int) -> None:
    cut = line.now
    line.run(lost_s, connected=False)
    back = line.now
    fell = next(t for t, mode in line.modes if t > cut and mode == "local")
    assert fell - cut <= LIFETIME_MS + 500, "within its backup time"
    line.run(60)
    assert line.modes[-1][1] == "remote"
    assert line.modes[-1][0] - back <= RENEWED_MS + 500
    assert line.referee.faults == [], "no interval cut, no conflict"
    assert line.cabinet.fault == ""
    if lost_s < 4 * CYCLE_MS / 1000:
        return
    in_step = next(t for t, code, param in line.log if (code, param) == (150, 1) and t >= fell)
    assert in_step - fell <= 2 * CYCLE_MS, "in step within two cycles"
    for phase in range(1, 9):
        times = [fell, *(t for t in line.greens(phase, fell) if t <= back), back]
        assert max(b - a for a, b in pairwise(times)) <= 1.6 * CYCLE_MS, f"phase {phase} was skipped"
