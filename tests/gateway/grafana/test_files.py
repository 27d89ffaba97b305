"""Are the files in configs/grafana what the code makes, and what Grafana reads?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.models import alerting
from grafana_foundation_sdk.models import dashboard as models

from gateway.grafana.files import files
from gateway.grafana.parts import WIDTH, board, figure, influx

CONFIGS = Path(__file__).resolve().parents[3] / "configs" / "grafana"
FILES = files()
BOARDS = {name: json.loads(text) for name, text in FILES.items() if name.startswith("dashboards/")}
KINDS = {"stat", "timeseries", "state-timeline", "table"}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in BOARDS.items():
        yield from ((name, panel) for panel in one["panels"])


def test_the_committed_files_are_the_made_ones() -> None:
    there = {str(p.relative_to(CONFIGS)): p.read_text() for p in CONFIGS.rglob("*") if p.is_file()}
    assert there == FILES, "run `arterial grafana write configs/grafana`"


@pytest.mark.parametrize("name", BOARDS)
def test_grafanas_own_types_read_a_board_and_lose_nothing(name: str) -> None:
    read = models.Dashboard.from_json(BOARDS[name])
    written = json.loads(json.dumps(read.to_json(), default=lambda o: o.to_json()))
    assert written["title"] == BOARDS[name]["title"]
    assert len(written["panels"]) == len(BOARDS[name]["panels"])
    for ours, theirs in zip(BOARDS[name]["panels"], written["panels"], strict=True):
        assert (theirs["type"], theirs["title"], theirs["gridPos"]) == (
            ours["type"],
            ours["title"],
            ours["gridPos"],
        )
        assert theirs["fieldConfig"]["defaults"].get("unit") == ours["fieldConfig"]["defaults"]["unit"]


def test_alert_rules_are_read_by_grafanas_own_types() -> None:
    groups = json.loads(FILES["provisioning/alerting/rules.yaml"])["groups"]
    for rule in groups[0]["rules"]:
        read = alerting.Rule.from_json({**rule, "orgID": 1, "folderUID": "f", "ruleGroup": "arterial"})
        assert (read.title, read.condition, len(read.data)) == (rule["title"], "C", 3)


def test_boards_have_names_of_their_own_and_panels_do_not_overlap() -> None:
    assert len({one["uid"] for one in BOARDS.values()}) == len(BOARDS) == 11
    for one in BOARDS.values():
        taken: set[tuple[int, int]] = set()
        for panel in one["panels"]:
            at = panel["gridPos"]
            cells = {
                (x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
            }
            assert not taken & cells, panel["title"]
            assert at["x"] + at["w"] <= WIDTH
            taken |= cells
        assert len({panel["id"] for panel in one["panels"]}) == len(one["panels"])


def test_every_panel_asks_something_and_says_in_which_unit() -> None:
    for name, panel in panels():
        assert panel["type"] in KINDS, name
        assert panel["title"]
        assert panel["targets"], panel["title"]
        assert [t["refId"] for t in panel["targets"]] == [chr(65 + i) for i in range(len(panel["targets"]))]


def test_a_row_that_is_too_wide_is_refused() -> None:
    wide = [figure("A", influx("SELECT 1"), width=20), figure("B", influx("SELECT 1"), width=20)]
    with pytest.raises(ValueError, match="wider than 24"):
        board("u", "T", "", [wide])


def test_secrets_come_from_the_environment() -> None:
    text = FILES["provisioning/datasources/arterial.yaml"]
    assert json.loads(text)["datasources"][0]["secureJsonData"] == {"password": "${ARTERIAL_INFLUX_PASSWORD}"}
