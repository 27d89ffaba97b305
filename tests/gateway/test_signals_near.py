"""Does every intersection learn what concerns it of its neighbours, and nothing else?"""

from __future__ import annotations

import pytest

from gateway import signals
from gateway.signals import Signals
from signal_control.controller import Controller
from signal_control.status import LinkState
from tests.bench.bench_planner import SITE, readings, row
from tests.signal_control.small_street import SECOND, START, Street


def test_neighbours_hear_of_each_other_and_strangers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, set[str]] = {}
    near = signals._near

    def noted(
        controller: Controller, links: dict[str, LinkState], sent: signals.Sent
    ) -> dict[str, LinkState]:
        found = near(controller, links, sent)
        told.setdefault(controller.intersection.id, set()).update(found)
        return found

    monkeypatch.setattr(signals, "_near", noted)
    city = row(4)
    made = Signals(SITE, city, "max_pressure")
    streets = {x.id: Street(x, n) for n, x in enumerate(city)}
    for s in range(60):
        for street in streets.values():
            for reading in readings(street, s, (2, 6)):
                made.observe(reading)
        decided = made.tick(START + s * SECOND).decisions
    assert told["x1"] == {"x2_a2", "x1_a2<x0"}
    assert told["x3"] == {"x3_a2<x2"}
    arrivals = {d.intersection: d.view.coming for d in decided if d.view}
    assert set(arrivals["x1"]) == {"x1_a2_20", "x1_a2_21", "x1_a2_50"}
    assert arrivals["x0"] == {}
