"""Is every configuration kept whole, found again, and told apart from the others?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.config_change import config_change
from gateway.audit.versions import Change, VersionError, differences, keep, version, versions
from gateway.config.settings import Settings, load
from signal_control.model import Intersection

DEMO = load(Path(__file__).resolve().parents[3] / "configs" / "demo.toml")


def with_min_green(settings: Settings, min_green_s: float) -> Settings:
    x = settings.intersections[0]
    phases = tuple(
        p.model_copy(update={"min_green_s": min_green_s}) if p.number == 2 else p for p in x.phases
    )
    changed = x.model_copy(update={"phases": phases})
    return settings.model_copy(update={"intersections": (changed, *settings.intersections[1:])})


def test_every_configuration_is_kept_and_its_entry_names_its_digest(tmp_path: Path) -> None:
    first = config_change(DEMO, tmp_path, 1)
    second = config_change(with_min_green(DEMO, 9.0), tmp_path, 2)
    assert config_change(with_min_green(DEMO, 9.0), tmp_path, 3) is None
    newest, oldest = versions(tmp_path)
    assert first is not None
    assert second is not None
    assert (first.inputs[:16], second.inputs[:16]) == (oldest.id, newest.id)
    kept = [Intersection.model_validate(x) for x in oldest.settings["intersections"]]
    assert tuple(kept) == DEMO.intersections
    assert differences(oldest.settings, newest.settings) == [
        Change("intersections.x1.phases.2.min_green_s", 8.0, 9.0)
    ]


def test_a_configuration_that_comes_back_is_the_newest_again(tmp_path: Path) -> None:
    for at_ns, settings in enumerate((DEMO, with_min_green(DEMO, 9.0), DEMO), 1):
        config_change(settings, tmp_path, at_ns)
    assert [v.begun_ns for v in versions(tmp_path)] == [(1, 3), (2,)]


def test_the_port_of_our_own_broker_is_no_change(tmp_path: Path) -> None:
    assert DEMO.broker.kind == "embedded"
    config_change(DEMO, tmp_path, 1)
    elsewhere = DEMO.broker.model_copy(update={"url": "mqtt://127.0.0.1:4711"})
    assert config_change(DEMO.model_copy(update={"broker": elsewhere}), tmp_path, 2) is None
    assert len(versions(tmp_path)) == 1


def test_no_secret_is_kept(tmp_path: Path) -> None:
    keep({"broker": {"password": "hunter2", "url": "mqtt://a"}, "token": ""}, tmp_path, 1)
    assert b"hunter2" not in next((tmp_path / "versions").iterdir()).read_bytes()
    assert versions(tmp_path)[0].settings == {
        "broker": {"password": "(secret)", "url": "mqtt://a"},
        "token": "",
    }


def test_a_version_that_was_changed_afterwards_is_none(tmp_path: Path) -> None:
    digest = keep({"a": 1}, tmp_path, 1)
    path = tmp_path / "versions" / f"{digest[:16]}.json"
    path.write_text(path.read_text().replace('"a":1', '"a":2'))
    with pytest.raises(VersionError, match=f"no version '{digest[:16]}'; there are: none"):
        version(tmp_path, digest[:16])


def test_a_version_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    ids = [keep({"a": n}, tmp_path, n + 1)[:16] for n in range(2)]
    assert version(tmp_path, ids[0][:8]).settings == {"a": 0}
    with pytest.raises(VersionError, match=r"more than one|no version ''"):
        version(tmp_path, "")


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"p": [{"number": 10, "g": 1}, {"number": 2, "g": 1}]}, {"p": []}, None),
        ({"a": 1}, {"a": 1, "b": 2}, [Change("b", None, 2)]),
        ({"a": (1, 2)}, {"a": [1, 2]}, []),
        ({"a": 1}, {}, [Change("a", 1, None)]),
    ],
)
def test_what_differs_is_named(before: Any, after: Any, found: list[Change] | None) -> None:
    changes = differences(before, after)
    if found is None:
        assert [c.where for c in changes] == ["p", "p.2.g", "p.2.number", "p.10.g", "p.10.number"]
    else:
        assert changes == found


def test_a_broken_file_beside_the_versions_does_no_harm(tmp_path: Path) -> None:
    keep({"a": 1}, tmp_path, 1)
    (tmp_path / "versions" / "0000.json").write_text("{")
    (tmp_path / "versions" / "0001.json").write_text(json.dumps({"settings": {}, "begun_ns": [1]}))
    assert len(versions(tmp_path)) == 1
