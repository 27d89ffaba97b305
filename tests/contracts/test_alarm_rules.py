"""Does every rule keep the contract: bounds that fit, a runbook, sightings that the engine can use?"""

from __future__ import annotations

import math
import re

import pytest

from collectors.plugins import kinds
from collectors.reading import Reading
from collectors.registry import checked_id
from gateway.alarms.health import CabinetHealth, Health, StoreHealth
from gateway.alarms.rule import Known, Rule, Sighting, rules
from gateway.alarms.settings import AlarmSettings, tuned
from gateway.config.settings import load
from tests.scenarios.drill import CONFIGS, START_MS

NODES = load(CONFIGS / "city.toml").intersections
NOW_NS = START_MS * 1_000_000
every = pytest.mark.parametrize("rule", rules().values(), ids=rules().keys())


def _readings(kind: str) -> list[Reading]:
    """Readings of a kind as its own example makes them, and for events one of every code."""
    declared = kinds()[kind]
    if kind == "hires":
        fields = [{"code": code, "param": 1} for code in range(200)]
        return [Reading("hires", "demo", NODES[0].id, NOW_NS + n, f) for n, f in enumerate(fields)]
    return declared.readings({**declared.example, "t": START_MS}, "demo", "d-1", NOW_NS)


def _healths() -> list[Health]:
    bad = CabinetHealth(NODES[0].id, "local", 90.0, "adaptive", "no", "no", "local", "blind")
    stores = (StoreHealth("main", "down", 500.0, False, "refused"),)
    clocks = (("w-1", 90.0), ("w-2", 1.0))
    return [
        Health(),
        Health(False, "refused", stores, 0.99, 5000, 100, clocks, (bad,)),
        Health(True, "", (StoreHealth("main"),), 0.0, 5001, 100, (), (CabinetHealth(NODES[0].id),)),
    ]


def _sightings(rule: Rule) -> list[Sighting]:
    watch = rule.begin(Known(NODES), rule.options)
    found = [s for kind in watch.kinds for reading in _readings(kind) for s in watch.observe(reading)]
    for second, health in enumerate(_healths() * 40):
        found += watch.look(NOW_NS + second * 1_000_000_000, health)
    return found


@every
def test_its_kinds_are_kinds(rule: Rule) -> None:
    assert set(rule.begin(Known(NODES), rule.options).kinds) <= kinds().keys()


@every
def test_its_sightings_have_numbers_and_subjects_that_stores_can_keep(rule: Rule) -> None:
    for sighting in _sightings(rule):
        assert math.isfinite(sighting.level)
        assert checked_id(sighting.subject, "subject")
        assert isinstance(sighting.groups, tuple)


@every
def test_it_says_what_is_wrong_in_a_sentence(rule: Rule) -> None:
    text = rule.says.format(subject="x1", level=1.0, detail="It is so.")
    assert text[-1] in ".!"
    assert text == text.strip()
    assert "x1" in text or "subject" not in rule.says


@every
def test_its_bounds_fit_and_what_it_may_be_caused_by_is_there(rule: Rule) -> None:
    assert rule.raise_at != rule.clear_at
    assert rule.raise_after_s >= 0
    assert rule.clear_after_s >= 0
    assert set(rule.causes) <= rules().keys() - {rule.name}
    assert tuned(rule, "x1", (AlarmSettings(rule=rule.name),)) == tuned(rule, "x1", ())


@every
def test_it_has_a_code_a_priority_and_a_runbook(rule: Rule) -> None:
    assert re.fullmatch(r"A\d{4}", rule.code)
    assert rule.priority in (1, 2, 3)
    assert rule.category in ("T", "D")
    assert rule.title
    for text in (rule.means, *rule.check, rule.done):
        assert len(text) > 20


@every
def test_a_city_without_intersections_or_devices_is_no_matter(rule: Rule) -> None:
    watch = rule.begin(Known(), rule.options)
    assert [s for s in watch.look(NOW_NS, Health()) if s.level >= rule.raise_at > rule.clear_at] == []
