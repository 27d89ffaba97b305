"""Does a search find what is better, stay within what is sound, and judge it on days that it did not see?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from signal_control.model import Intersection
from simulators.__main__ import main
from simulators.evaluate_run import Run
from simulators.networks.importer import import_signals
from simulators.networks.job import Job
from simulators.networks.netfile import read_netfile
from simulators.networks.scenario import Scenario, read_scenario
from simulators.tune import judge, search
from simulators.tune_parameters import Parameter, changed, default_kinds, parameters_of


@pytest.fixture
def crossroad(crossing: Path) -> Intersection:
    return import_signals(read_netfile(crossing / "x.net.xml"), "loops")[0][0].intersection


@pytest.fixture
def base(crossing: Path) -> Job:
    return Job(read_scenario(crossing / "run.sumocfg"), "local", 0)


def noisy(jobs: Sequence[Job]) -> list[Run]:
    """A world in which a cycle of 100 s loses least, seeds differ, and jittered days lose 5 s more."""
    found = []
    for job in jobs:
        assert isinstance(job.street, Scenario)
        plan = job.intersections[0].plan
        delay_s = 30 + abs(plan.cycle_s - 100) / 4 + job.seed % 7 + (5 if job.street.jitter_s else 0)
        found.append(
            Run("local", job.seed, {"delay_s": delay_s, "worst_wait_p95_s": plan.cycle_s, "stuck": 0})
        )
    return found


def test_plans_are_tuned_for_those_that_follow_them(crossroad: Intersection) -> None:
    assert default_kinds("local") == ("cycle", "splits", "offsets")
    assert default_kinds("lookahead") == ("max_green",)
    found = parameters_of([crossroad], default_kinds("local"))
    assert [p.kind for p in found] == ["cycle", "splits", "splits", "splits"]
    assert parameters_of([crossroad] * 3, ["offsets"]) == [Parameter("offsets", crossroad.id)] * 2


def test_zero_leaves_everything_as_it_is(crossroad: Intersection) -> None:
    parameters = parameters_of([crossroad, crossroad], ["cycle", "splits", "offsets", "max_green"])
    assert changed([crossroad], parameters, [0.0] * len(parameters)) == (crossroad,)


def test_a_cycle_is_stretched_in_whole_seconds_and_least_greens_stay(crossroad: Intersection) -> None:
    (longer,) = changed([crossroad], [Parameter("cycle")], [0.5]) or ()
    assert longer.plan.cycle_s == round(crossroad.plan.cycle_s * 2**0.5)
    assert sum(s.split_s for s in longer.plan.stages) == longer.plan.cycle_s
    skewed = changed([crossroad], [Parameter("splits", crossroad.id, 2)], [1.5]) or ()
    assert [s.split_s for s in skewed[0].plan.stages] >= [8.0] * 4
    assert skewed[0].plan.stages[2].split_s > crossroad.plan.stages[2].split_s + 5


def test_what_is_unsound_is_not_tried(crossroads: Callable[..., Intersection]) -> None:
    assert changed([crossroads()], [Parameter("cycle")], [-1.0]) is None


def test_maximum_greens_never_fall_below_minimum_greens(crossroad: Intersection) -> None:
    (short,) = changed([crossroad], [Parameter("max_green")], [-1.5]) or ()
    assert {p.max_green_s for p in short.phases} == {round(90 / 2**1.5, 1)}


def test_the_search_finds_the_better_cycle_and_says_what_it_gains(base: Job, crossroad: Intersection) -> None:
    told: list[int] = []
    parameters = parameters_of([crossroad], ["cycle"])
    found = search(base, [crossroad], parameters, [1, 2], 20, noisy, lambda n, last, least: told.append(n))
    assert abs(found.intersections[0].plan.cycle_s - 100) <= 2
    assert found.delay_s < found.began_s - 3
    assert told == list(range(1, found.trials + 1))
    assert found.trials <= 20


def test_gain_and_risk_are_those_of_other_and_busier_days(base: Job, crossroad: Intersection) -> None:
    seen: list[Job] = []

    def run_all(jobs: Sequence[Job]) -> list[Run]:
        seen.extend(jobs)
        return noisy(jobs)

    (better,) = (
        changed([crossroad], [Parameter("cycle")], [float(np.log2(100 / crossroad.plan.cycle_s))]) or ()
    )
    first, busy = judge(base, [crossroad], [better], [101, 102, 103], run_all)
    assert (first.worse, busy.worse) == (0, 0)
    assert first.gain.value == pytest.approx(-4.0)
    assert first.before.value > 35
    assert first.worst_wait_s == 16
    assert {(j.street.jitter_s, j.street.scale) for j in seen if isinstance(j.street, Scenario)} == {
        (120, 1),
        (120, 1.2),
    }


@pytest.mark.live
def test_a_candidate_is_written_with_its_diff_and_nothing_is_changed(
    crossing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "candidate.toml"
    before = {p: p.read_bytes() for p in crossing.iterdir()}
    told = (
        "--trials",
        "3",
        "--seeds",
        "1",
        "--judge-seeds",
        "7,8",
        "--seconds",
        "200",
        "--jobs",
        "1",
        "--quiet",
    )
    assert main(["tune", str(crossing / "run.sumocfg"), *told, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "gain, s" in shown
    assert "nothing has been changed" in shown
    assert out.read_text().startswith("# A candidate")
    assert {p: p.read_bytes() for p in crossing.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--parameters", "luck"), "no parameter named 'luck'"),
        (("--seeds", "1-5", "--judge-seeds", "5-9"), "seeds that the search does not see"),
        (("--parameters", "offsets"), "nothing to tune"),
    ],
)
def test_what_cannot_be_tuned_is_one_clear_line(
    crossing: Path, words: tuple[str, ...], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", str(crossing / "run.sumocfg"), *words, "--quiet"]) == 1
    assert fault in capsys.readouterr().err
