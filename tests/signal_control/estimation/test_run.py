"""Does compiled code estimate what Python does, to the last digit, and can a running estimate change over?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.compiled import HAS_NUMBA, entry
from signal_control.estimation import run
from signal_control.events import ZONE_COUNT, ZONE_STANDING, Event
from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.queues import QueueEstimator
from tests.signal_control.small_street import SECOND, START, Street, eight_phases

SECONDS = 400
Seen = list[tuple[Mapping[str, QueueEstimate], dict[str, float]]]


@pytest.fixture(scope="module")
def watched() -> Intersection:
    """Loops, a zone, a lane without any detector, and shared lanes beside."""
    x = eight_phases("x")
    zone = {"channel": 90, "lane": "x_a2_21", "role": "area", "distance_m": 0, "length_m": 40}
    bare = [d.model_dump() for d in x.detectors if d.lane not in ("x_a4_40", "x_a2_21")]
    return Intersection.model_validate({**x.model_dump(), "detectors": [*bare, zone]})


def watch(x: Intersection, codes: list[run.Code], monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What is estimated every second, each with the next of `codes`; detectors die and lights change."""
    estimator, street, found = QueueEstimator(x), Street(eight_phases("x"), 7), []
    for s in range(SECONDS):
        monkeypatch.setattr(run._Choice, "code", codes[s % len(codes)])
        serve = ((2, 6), (1, 5), (4, 8), (3, 7))[s // 20 % 4]
        heard, state = street.second(s, serve)
        for event in heard:
            dead = event.code in (81, 82) and event.param % 7 == 0 and s > 100
            if not dead:
                estimator.observe(event)
        at_ns = START + s * SECOND
        if s % 3 == 0:
            count = s // 3 % 7
            estimator.observe(Event(at_ns, ZONE_COUNT + 90, count))
            estimator.observe(Event(at_ns, ZONE_STANDING + 90, count // 2))
        if s % 40 > 8:
            estimator.observe_state(state)
        found.append((estimator.at(at_ns), estimator.flows(at_ns)))
    return found


@pytest.mark.skipif(not HAS_NUMBA, reason="nothing to compare with")
def test_compiled_estimates_are_those_of_python(
    watched: Intersection, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = watch(watched, [run.PLAIN], monkeypatch)
    assert watch(watched, [run.COMPILED], monkeypatch) == python
    assert watch(watched, [run.PLAIN, run.COMPILED], monkeypatch) == python
    healths = {q.health for queues, _ in python for q in queues.values()}
    assert healths == {"ok", "blind", "substituted"}, "a street on which nothing happens compares nothing"
    assert max(q.vehicles for queues, _ in python for q in queues.values()) > 3.0


def test_the_code_that_python_runs_calls_nothing_compiled() -> None:
    for function in run.PLAIN:
        names = function.__globals__  # type: ignore[attr-defined]
        assert not [name for name in function.__code__.co_names if hasattr(names.get(name), "py_func")]


def test_compiled_code_is_used_once_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run._Choice, "code", run.PLAIN)
    run.compile_estimates()
    assert run.code() == tuple(entry(function) for function in run.COMPILED)
