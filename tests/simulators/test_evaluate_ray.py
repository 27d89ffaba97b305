"""Do runs on a Ray cluster give what they give here, and is a cluster that is not there said at once?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from simulators.evaluate_ray import run_on_ray
from simulators.networks.job import Job
from simulators.networks.scenario import read_scenario
from simulators.street_net import StreetError

HERE = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HERE, reason="Ray is not installed: pip install 'arterial[cluster]'")


@needs_ray
@pytest.mark.live
def test_a_run_is_the_same_wherever_it_runs(crossing: Path) -> None:
    from simulators.evaluate import run

    job = Job(read_scenario(crossing / "run.sumocfg", 120), "fixed", 3)
    told: list[tuple[int, float]] = []
    ((number, there),) = run_on_ray([job], "local", 1, lambda n, share: told.append((n, share)))
    assert (number, told) == (0, [(0, 1.0)])
    assert there.values["delay_s"] == run(job).values["delay_s"]


@needs_ray
def test_a_cluster_that_does_not_answer_is_said_within_seconds() -> None:
    with pytest.raises(StreetError, match=r"no Ray cluster at '127\.0\.0\.1:9'"):
        list(run_on_ray([], "127.0.0.1:9", 1, lambda n, share: None))


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(StreetError, match=r"arterial\[cluster\]"):
        list(run_on_ray([], "local", 1, lambda n, share: None))
