"""Is every scripted incident noticed in time, once, and seen to be over? And is a quiet day quiet?"""

from __future__ import annotations

import pytest

from gateway.alarms.rule import rules
from tests.scenarios.drill import Drill
from tests.scenarios.incidents import Incident, Outcome, play, unscripted
from tests.scenarios.script import DEVICES, SPLITS, STREETS

EVERY_S = 10
DAY_S = 86_400


@pytest.fixture(scope="module")
def devices() -> tuple[Drill, dict[Incident, Outcome]]:
    """A morning of meters, bins, stores and broker."""
    drill = Drill(intersections=0)
    return drill, {one.incident: one for one in play(drill, DEVICES, EVERY_S)}


@pytest.fixture(scope="module")
def streets() -> tuple[Drill, dict[Incident, Outcome]]:
    """Half an hour of one intersection."""
    drill = Drill("city.toml", meters=0, bins=0, strategy="fixed_time")
    return drill, {one.incident: one for one in play(drill, STREETS)}


@pytest.fixture(scope="module")
def splits() -> tuple[Drill, dict[Incident, Outcome]]:
    """A quarter of an hour of one approach that gets too much."""
    drill = Drill("city.toml", meters=0, bins=0, strategy="fixed_time")
    return drill, {one.incident: one for one in play(drill, SPLITS)}


def _told(outcome: Outcome) -> str:
    one = outcome.incident
    return (
        f"{one.title}: raised {outcome.raised} times, after {outcome.raised_after_s} s"
        f" of {one.raise_within_s},"
        f" over after {outcome.cleared_after_s} s of {one.clear_within_s}"
    )


@pytest.mark.parametrize("incident", DEVICES, ids=lambda one: one.rule)
def test_an_incident_of_devices_or_program_is_raised_once_in_time_and_over_in_time(
    incident: Incident, devices: tuple[Drill, dict[Incident, Outcome]]
) -> None:
    assert devices[1][incident].good, _told(devices[1][incident])


@pytest.mark.parametrize("incident", STREETS, ids=lambda one: one.rule)
def test_an_incident_on_the_street_is_raised_once_in_time_and_over_in_time(
    incident: Incident, streets: tuple[Drill, dict[Incident, Outcome]]
) -> None:
    assert streets[1][incident].good, _told(streets[1][incident])


@pytest.mark.parametrize("incident", SPLITS, ids=lambda one: one.rule)
def test_a_split_that_fails_again_and_again_is_raised_once_in_time_and_over_in_time(
    incident: Incident, splits: tuple[Drill, dict[Incident, Outcome]]
) -> None:
    assert splits[1][incident].good, _told(splits[1][incident])


@pytest.mark.parametrize(("name", "script"), [("devices", DEVICES), ("streets", STREETS), ("splits", SPLITS)])
def test_nothing_else_is_raised_and_nothing_stays(
    name: str, script: tuple[Incident, ...], request: pytest.FixtureRequest
) -> None:
    drill, _ = request.getfixturevalue(name)
    assert unscripted(drill, script) == []
    assert drill.watching.engine.alarms() == []


def test_at_least_twenty_incidents_are_staged_and_each_is_another_rule() -> None:
    staged = [one.rule for one in (*DEVICES, *STREETS, *SPLITS)]
    assert len(set(staged)) >= 20
    assert set(staged) <= rules().keys()


def test_a_quiet_day_of_meters_and_bins_raises_nothing() -> None:
    drill = Drill(intersections=0)
    drill.run(DAY_S, every_s=60)
    assert drill.happened == []


def test_a_quiet_quarter_of_an_hour_of_adaptive_control_raises_nothing() -> None:
    drill = Drill("city.toml", meters=0, bins=0)
    drill.run(900)
    assert drill.happened == []
    assert drill.signals.last["main-1st"].mode == "adaptive"
