"""Do the commands start fast, explain themselves, and fail in one clear line?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from gateway import board_client
from gateway.cli import app
from gateway.programs.lifetime import FolderInUseError, only_user
from gateway.spoken import spoken


def arterial(*words: str) -> tuple[int, str]:
    """Exit code and everything that was printed."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_help_names_every_command() -> None:
    code, text = arterial("--help")
    assert code == 0
    for command in ("demo", "run", "check-config", "evaluate", "intersection", "refused", "replay", "status"):
        assert command in text


def test_the_command_line_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'duckdb', 'uvicorn', 'pydantic', 'scipy', 'paho', 'httpx', 'prometheus_client'}"
    program = f"import sys, gateway.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_who_reads_a_city_file_loads_no_compiler() -> None:
    program = (
        "import sys, pathlib, gateway.intake.worker, gateway.config.settings as s; "
        "s.load(pathlib.Path('configs/city.toml')); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_version_is_that_of_the_package() -> None:
    code, text = arterial("--version")
    assert (code, text.split()[0]) == (0, "arterial")


@pytest.mark.parametrize(
    "words",
    [
        ("check-config", "nowhere.toml"),
        ("replay", "nowhere.parquet"),
        ("run", "--config", "nowhere.toml"),
        ("report", "arrivals-on-green", "--detectors", "nowhere.csv"),
        ("demo", "--config", "nowhere.toml"),
        ("demo", "--strategy", "max_presure"),
        ("status", "--url", "http://127.0.0.1:1"),
    ],
)
def test_a_failure_is_words_and_not_a_traceback(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = arterial(*words)
    assert code == 1
    assert "Traceback" not in text
    assert any(word in text for word in ("nowhere", "max_presure", "--url"))


def test_a_wrong_option_ends_with_2() -> None:
    assert arterial("demo", "--speed", "fast")[0] == 2


def test_a_folder_has_one_user_at_a_time(tmp_path: Path) -> None:
    second = pytest.raises(FolderInUseError, match=f"pid {os.getpid()}.*--var")
    with only_user(tmp_path / "var"), second, only_user(tmp_path / "var"):
        pass
    with only_user(tmp_path / "var"):
        pass


def test_a_foreseen_error_in_a_group_is_spoken_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BaseException) as caught, spoken(ValueError):
        raise ExceptionGroup("tasks", [ExceptionGroup("more", [ValueError("the port is taken")])])
    assert getattr(caught.value, "exit_code", None) == 1
    assert capsys.readouterr().err == "arterial: the port is taken\n"


def test_an_unforeseen_error_keeps_its_traceback() -> None:
    with pytest.raises(ExceptionGroup), spoken(ValueError):
        raise ExceptionGroup("tasks", [ValueError("a"), KeyError("b")])


LIVE: dict[str, Any] = {
    "clock": {"source": "street", "speed": 10.0, "profile_s": 25320, "age_s": 0.2},
    "intersections": {
        "x1": {
            "mode": "remote",
            "age_s": None,
            "strategy": "max_pressure",
            "phases": {"2": {"color": "green"}, "4": {"color": "red"}},
            "queues": [{"estimate": 4.25}, {"estimate": None}],
            "decision": None,
        }
    },
    "pipeline": {
        "received": 12345,
        "stored": 12000,
        "refused": 45,
        "duplicate": 0,
        "waiting": 300,
        "balanced": True,
        "received_per_s": 99.5,
        "stored_per_s": None,
        "store": {"name": "duckdb", "state": "ok"},
        "broker": {"name": "nats", "state": "connected"},
    },
}


def test_status_shows_books_connections_and_intersections(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = httpx.MockTransport(lambda request: httpx.Response(200, json=LIVE))
    monkeypatch.setattr(board_client, "_transport", answers)
    code, text = arterial("status")
    assert code == 0
    for word in ("12,345", "duckdb", "nats", "connected", "x1", "remote", "max_pressure", "4.2"):
        assert word in text


def status_of(pipeline: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """`arterial status` of a city with this pipeline."""
    live = {**LIVE, "pipeline": {**LIVE["pipeline"], **pipeline}}
    answers = httpx.MockTransport(lambda request: httpx.Response(200, json=live))
    monkeypatch.setattr(board_client, "_transport", answers)
    return arterial("status")


def test_status_shows_flags_clocks_and_the_fate_of_the_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline: dict[str, object] = {
        "refused_by_reason": {"bad_time": 45},
        "refused_ledger": {"refused": 45, "kept": 40, "accepted": 5, "purged": 0, "evicted": 0},
        "flagged": {"retained": 2, "late": 1500, "clock": 0},
        "clocks": {
            "measured": 420,
            "steps": 1,
            "worst": [{"site": "s", "device": "w-7", "ahead_s": -3600.5}],
        },
    }
    code, text = status_of(pipeline, monkeypatch)
    text = " ".join(text.split())
    assert code == 0
    assert "bad_time 45 (40 kept, 5 accepted later)" in text
    assert "Flagged and stored: retained 2, late 1,500" in text
    assert "Clocks of 420 devices, furthest off: w-7 -3,600.5 s" in text
    assert "This computer's clock was set 1 times" in text


def test_status_shows_the_books_of_every_kind_and_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"received": 7, "stored": 4, "refused": 1, "duplicate": 2, "waiting": 0}
    code, text = status_of({"books": {"water": account, "unknown": account}}, monkeypatch)
    assert code == 0
    rows = [re.findall(r"[\w,]+", line) for line in text.splitlines()]
    assert ["water", "7", "4", "1", "2", "0"] in rows
    assert ["all", "12,345", "12,000", "45", "0", "300"] in rows
    assert "12,345 received = 12,000 stored + 45 refused + 0 duplicate + 300 waiting: ok" in text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"stored": 11_990}, "10 readings unaccounted for"),
        ({"duplicate": 3}, "3 readings counted twice"),
        ({"balanced": False}, "DOES NOT BALANCE"),
        (
            {"stores": [{"name": "archive", "state": "ok", "balanced": False}]},
            "DOES NOT BALANCE in the books of archive",
        ),
    ],
)
def test_status_ends_with_2_when_the_books_do_not_balance(
    fault: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text = status_of(fault, monkeypatch)
    assert code == 2
    assert told in " ".join(text.split())
