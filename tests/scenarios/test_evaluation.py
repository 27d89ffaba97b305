"""The production's control path runs streets: commanded, estimated, measured, and never in flash."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from simulators.cabinet import Cabinet, CabinetStep
from simulators.city import City
from simulators.evaluate import run
from simulators.evaluate_run import Run
from simulators.network import build
from simulators.networks.job import DrawnStreet, Job
from simulators.networks.scenario import read_scenario
from simulators.networks.timing import Timing

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs" / "demo.toml"
SECONDS = 400
SETTLED_MS = 30_000
"""By then every cabinet that is commanded obeys."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("street")
    build(ROOT / "configs" / "streets" / "corridor", out)
    return out


def evaluated(street: Path, strategy: str, seed: int = 1, seconds: int = SECONDS) -> Run:
    return run(Job(DrawnStreet(CONFIG, street, seconds), strategy, seed))


@pytest.mark.live
def test_queues_are_estimated_within_a_vehicle_and_without_bias(street: Path) -> None:
    found = evaluated(street, "max_pressure").values
    assert (found["flash_s"], found["conflicts"]) == (0, 0)
    assert found["queue_rmse"] < 1.2
    assert abs(found["queue_bias"]) < 0.4
    assert found["ped_wait_s"] > 0


@pytest.mark.live
def test_the_same_seed_gives_the_same_run(street: Path) -> None:
    first, second = (evaluated(street, "max_pressure", seconds=120).values for _ in range(2))
    kept = [key for key in first if key not in ("wall_s", "decide_ms", "decide_p99_ms")]
    assert [repr(first[key]) for key in kept] == [repr(second[key]) for key in kept]


@pytest.mark.live
@pytest.mark.parametrize("strategy", ["local", "max_pressure"])
def test_nobody_commands_the_local_run_and_everybody_is_commanded_otherwise(
    street: Path, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    receive, step = City.receive, Cabinet.step
    commanded: set[str] = set()
    modes: dict[str, set[str]] = defaultdict(set)
    began_ms: dict[str, int] = {}

    def hears(city: City, topic: str, payload: bytes) -> None:
        commanded.add(topic)
        receive(city, topic, payload)

    def moves(cabinet: Cabinet, now_ms: int) -> CabinetStep:
        name = cabinet.intersection.id
        if now_ms - began_ms.setdefault(name, now_ms) > SETTLED_MS:
            modes[name].add(cabinet.mode)
        return step(cabinet, now_ms)

    monkeypatch.setattr(City, "receive", hears)
    monkeypatch.setattr(Cabinet, "step", moves)
    evaluated(street, strategy, seconds=120)
    assert len(modes) == 5
    if strategy == "local":
        assert not commanded
        assert set.union(*modes.values()) == {"local"}
    else:
        assert {topic.rpartition("/")[2] for topic in commanded} == modes.keys()
        assert set.union(*modes.values()) == {"remote"}


def scenario_run(crossing: Path, strategy: str, **changes: object) -> Run:
    told = {"strategy": strategy, "seed": 1, "layout": "loops", **changes}
    return run(Job(read_scenario(crossing / "run.sumocfg", 400), **told))  # type: ignore[arg-type]


@pytest.mark.parametrize("timing", [Timing(), Timing(yellow_s=4, all_red_s=2)])
def test_cabinets_left_to_their_plan_do_exactly_what_the_program_does(crossing: Path, timing: Timing) -> None:
    """What shows that groups, stages, clearances, offsets and heads were imported as they are."""
    program, cabinets = (scenario_run(crossing, s, timing=timing).values for s in ("fixed", "local"))
    assert program["trips"] > 50
    assert (cabinets["delay_s"], cabinets["finished"]) == (program["delay_s"], program["finished"])
    assert cabinets["conflicts"] == 0


def test_a_strategy_commands_an_imported_signal_safely(crossing: Path) -> None:
    found = scenario_run(crossing, "max_pressure", timing=Timing(3, 1, 5)).values
    assert found["switches"] > 5
    assert (found["conflicts"], found["flash_s"], found["collisions"]) == (0, 0, 0)
    assert found["delay_s"] < scenario_run(crossing, "fixed").values["delay_s"]
    assert found["decide_ms"] > 0


def test_the_scenario_s_own_output_files_are_not_written(crossing: Path) -> None:
    before = sorted(crossing.iterdir())
    scenario_run(crossing, "fixed")
    assert sorted(crossing.iterdir()) == before
