"""Do the routes and commands of alarms reach the room, and say who may do what?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from gateway import board_client
from gateway.access.door import open_here
from gateway.access.guard import Rule, install, rules
from gateway.alarms.route import add_alarms
from gateway.cli import app as arterial
from tests.gateway.alarms.test_room import AWAY, WELL, Town


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A city with one alarm, and a board that commands reach."""
    town = Town(tmp_path)
    town.run(65, AWAY)
    monkeypatch.setattr(board_client, "_transport", client(town)._transport)
    return town


def client(town: Town) -> TestClient:
    app = FastAPI()
    install(app, open_here())
    add_alarms(app, town.room)
    return TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(arterial, ["alarms", *words], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_viewers_see_and_operators_act() -> None:
    app = FastAPI()
    add_alarms(app, None)  # type: ignore[arg-type]
    found = {path: rule for _, path, rule in rules(app)}
    assert found["/api/alarms"] == found["/api/alarms/history"] == Rule("viewer")
    for act in ("ack", "snooze", "test"):
        assert found[f"/api/alarms/{act}"] == Rule("operator")


def test_an_alarm_is_seen_acknowledged_and_over(town: Town) -> None:
    board = client(town)
    (row,) = board.get("/api/alarms").json()["active"]
    assert (row["rule"], row["subject"], row["acknowledged_by"]) == ("store_away", "main", "")
    assert row["check"]
    assert board.post("/api/alarms/ack", json={"id": row["id"]}).status_code == 200
    assert board.get("/api/alarms").json()["active"][0]["acknowledged_by"]
    town.run(15, WELL)
    assert board.get("/api/alarms").json()["active"] == []
    assert [one["id"] for one in board.get("/api/alarms/history").json()["over"]] == [row["id"]]


@pytest.mark.parametrize(
    ("path", "wish", "status"),
    [
        ("ack", {"id": "no:such"}, 404),
        ("ack", {"id": "x", "more": 1}, 422),
        ("snooze", {"rule": "no_such", "subject": "x", "seconds": 5}, 404),
        ("snooze", {"rule": "*", "subject": "x", "seconds": -5}, 422),
        ("snooze", {"rule": "*", "subject": "x", "seconds": 1e9}, 422),
    ],
)
def test_what_cannot_be_is_refused(town: Town, path: str, wish: dict[str, Any], status: int) -> None:
    assert client(town).post(f"/api/alarms/{path}", json=wish).status_code == status


def test_the_commands_list_acknowledge_snooze_and_tell_the_past(town: Town) -> None:
    code, told = said("list")
    assert code == 2
    assert "store_away:main" in told
    assert "new" in told
    assert said("ack", "store_away:main") == (0, "store_away:main is acknowledged.\n")
    assert "acknowledged" in said("list")[1]
    assert said("snooze", "store_away:main", "--for", "2h")[0] == 0
    town.run(1, AWAY)
    assert "snoozed" in said("list")[1]
    assert said("resume", "store_away:main")[0] == 0
    town.run(1, AWAY)
    assert "snoozed" not in said("list")[1]
    town.run(15, WELL)
    assert said("list") == (0, "No active alarms.\n")
    assert "store_away:main" in said("history")[1]


def test_a_command_that_names_nothing_says_so(town: Town) -> None:
    assert "there are: store_away:main" in said("ack", "bin_full:b-1")[1]
    assert "is no RULE:SUBJECT" in said("snooze", "b-1")[1]
    assert "no length of time" in said("snooze", "bin_full:b-1", "--for", "soon")[1]
    assert said("test")[0] == 1


def test_the_rules_are_told_with_their_runbooks() -> None:
    assert "bin_burning" in said("rules")[1]
    told = said("rules", "bin_burning")[1]
    assert "Call the fire brigade" in told
    assert "did you mean 'bin_full'" in said("rules", "bin_ful")[1]
