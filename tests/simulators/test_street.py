"""Does the simulated street move, see and count as its cabinets expect?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.lights import Detection, Lights, Press
from simulators.street_net import StreetError
from simulators.street_plan import plan_lights

pytest.importorskip("libsumo")
from simulators.network import build
from simulators.street import DAY_START_S, Street

CONFIGS = Path(__file__).parents[2] / "configs"
TABLES = tomllib.loads((CONFIGS / "demo.toml").read_text())["intersections"]
INTERSECTIONS = [Intersection.model_validate(table) for table in TABLES]
START_MS = 1_760_000_000_000


class Run:
    """Two minutes of the corridor under its plans, and what came of it."""

    def __init__(self, net_dir: Path, seed: int, seconds: int = 120, warm_up_s: float = 120) -> None:
        street = Street(net_dir, INTERSECTIONS, seed, START_MS, warm_up_s=warm_up_s)
        self.detections: list[Detection] = []
        self.presses: list[Press] = []
        self.clocks: list[int] = []
        self.first_summary = street.summary()
        try:
            for _ in range(seconds * 2):
                drive(street)
                step = street.step()
                self.clocks.append(step.now_ms)
                self.detections += step.detections
                self.presses += step.ped_presses
            self.truth, self.summary, self.teleports = street.truth(), street.summary(), street.teleports
        finally:
            street.close()


def drive(street: Street) -> None:
    for intersection in INTERSECTIONS:
        street.show(intersection.id, plan_lights(intersection, street.now_ms))


@pytest.fixture(scope="module")
def net_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("street")
    build(CONFIGS / "streets" / "corridor", out)
    return out


@pytest.fixture(scope="module")
def run(net_dir: Path) -> Run:
    return Run(net_dir, seed=1)


@pytest.fixture
def dark_street(net_dir: Path) -> Iterator[Street]:
    street = Street(net_dir, INTERSECTIONS, 1, START_MS, warm_up_s=60)
    for intersection in INTERSECTIONS:
        street.show(intersection.id, Lights())
    yield street
    street.close()


def test_the_clock_starts_where_it_was_told_and_keeps_step(run: Run) -> None:
    assert run.clocks[0] == START_MS + 500
    assert {b - a for a, b in pairwise(run.clocks)} == {500}
    assert run.summary["profile_s"] == DAY_START_S + 120


def test_channels_alternate_and_their_times_never_run_back(run: Run) -> None:
    assert len(run.detections) > 200
    by_channel: dict[tuple[str, int], list[Detection]] = {}
    for detection in run.detections:
        by_channel.setdefault((detection.intersection, detection.channel), []).append(detection)
    for detections in by_channel.values():
        assert [d.on for d in detections] == [n % 2 == 0 for n in range(len(detections))]
        assert all(a.t_ms <= b.t_ms for a, b in pairwise(detections))


def test_events_carry_tenths_of_seconds_within_their_run(run: Run) -> None:
    assert all(d.t_ms % 100 == 0 and START_MS <= d.t_ms <= run.clocks[-1] for d in run.detections)
    assert {d.t_ms % 500 for d in run.detections} == {0, 100, 200, 300, 400}
    assert [d.t_ms for d in run.detections] == sorted(d.t_ms for d in run.detections)


def test_every_intersection_sees_traffic_and_somebody_presses_a_button(run: Run) -> None:
    assert {d.intersection for d in run.detections} == {i.id for i in INTERSECTIONS}
    assert run.presses
    for press in run.presses:
        intersection = next(i for i in INTERSECTIONS if i.id == press.intersection)
        assert intersection.phase(press.phase).has_ped


def test_the_summary_tells_the_delay_of_finished_trips(run: Run) -> None:
    assert run.first_summary["delay_s"] is None
    assert run.first_summary["trips"] == 0
    assert run.summary["trips"] > 20
    assert 0 < run.summary["delay_s"] < 300
    assert run.summary["vehicles"] > 50
    assert run.teleports == 0


def test_the_truth_names_every_lane_of_every_intersection(run: Run) -> None:
    assert {name: set(lanes) for name, lanes in run.truth.items()} == {
        i.id: {lane.id for lane in i.lanes} for i in INTERSECTIONS
    }
    assert sum(n for lanes in run.truth.values() for n in lanes.values()) > 0


def test_the_same_seed_gives_the_same_street(net_dir: Path) -> None:
    def seen(seed: int) -> tuple[Any, ...]:
        run = Run(net_dir, seed, seconds=60, warm_up_s=30)
        return run.detections, run.presses, run.truth, run.summary

    first = seen(5)
    assert seen(5) == first
    assert seen(6) != first


def test_red_keeps_everybody_in_the_queue(dark_street: Street) -> None:
    for _ in range(20):
        dark_street.step()
    before = dark_street.truth()
    stop_channels = {(i.id, d.channel) for i in INTERSECTIONS for d in i.detectors if d.role == "stop"}
    offs = [d for _ in range(80) for d in dark_street.step().detections if not d.on]
    after = dark_street.truth()
    assert not [d for d in offs if (d.intersection, d.channel) in stop_channels]
    assert sum(sum(lanes.values()) for lanes in after.values()) > sum(
        sum(x.values()) for x in before.values()
    )
    assert all(n >= before[i][lane] for i, lanes in after.items() for lane, n in lanes.items())


def test_a_second_street_in_one_process_is_refused(dark_street: Street, net_dir: Path) -> None:
    with pytest.raises(StreetError, match="one street per process"):
        Street(net_dir, INTERSECTIONS, 2, START_MS)


def test_an_unknown_intersection_is_refused(dark_street: Street) -> None:
    with pytest.raises(KeyError):
        dark_street.show("x9", Lights())


@pytest.mark.live
def test_half_an_hour_under_the_plans_does_not_gridlock(net_dir: Path) -> None:
    run = Run(net_dir, seed=2, seconds=1800)
    assert run.teleports == 0
    assert run.summary["waiting"] == 0
    assert run.summary["trips"] > 1500
    assert run.summary["delay_s"] < 120
