"""Does one screen tell the city, whatever its size, and end when it is told to?"""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from gateway import board_client
from gateway.cli import app
from gateway.top.frame import frame, in_order


def intersection(n: int, queue: float, mode: str = "remote") -> dict[str, Any]:
    return {
        "mode": mode,
        "age_s": 0.1 * n,
        "strategy": "lookahead",
        "operation": {"says": "adaptive"},
        "phases": {
            "2": {"color": "green", "elapsed_s": 12.3},
            "6": {"color": "yellow", "elapsed_s": 1.0},
            "4": {"color": "red", "elapsed_s": 9.0},
        },
        "queues": [{"estimate": queue}, {"estimate": None}],
        "decision": {"reason": "Phases 2+6 stay: nobody else needs green now, and this sentence is long."},
    }


def live(intersections: int = 3, alarms: int = 0, **pipeline: Any) -> dict[str, Any]:
    books = {"received": 100, "stored": 90, "refused": 4, "duplicate": 1, "waiting": 5}
    return {
        "now_ms": 1_790_000_000_000,
        "clock": {"source": "street", "speed": 10.0},
        "pipeline": {
            **books,
            "balanced": True,
            "received_per_s": 1234.5,
            "stored_per_s": None,
            "broker": {"name": "mosquitto", "state": "connected"},
            "stores": [{"name": "duckdb", "state": "ok", "lag_s": 1.1, "balanced": True}],
            **pipeline,
        },
        "intersections": {f"x{n}": intersection(n, float(n % 7)) for n in range(1, intersections + 1)},
        "alarms": {
            "active": [
                {"title": "Silent device", "subject": f"w-{n}", "text": "It is silent.", "priority": 1}
                for n in range(alarms)
            ],
            "overflow": 0,
        },
    }


def broken(n: int) -> list[dict[str, Any]]:
    one = {"intersection": "x1", "lane": "x1_eb_1", "state": "stuck_on", "since_ms": 1_790_000_000_000}
    return [{**one, "channel": i, "reason": "It has been on for 900 s."} for i in range(n)]


def shown(told: Any, columns: int, lines: int) -> list[str]:
    out = Console(file=io.StringIO(), width=columns, height=lines, color_system=None)
    out.print(told)
    return out.file.getvalue().rstrip("\n").split("\n")  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (60, 16)])
@pytest.mark.parametrize(("intersections", "alarms", "detectors"), [(3, 0, 0), (5, 2, 1), (100, 40, 30)])
def test_everything_fits_on_one_screen(
    size: tuple[int, int], intersections: int, alarms: int, detectors: int
) -> None:
    lines = shown(frame(live(intersections, alarms), broken(detectors), size), *size)
    assert len(lines) <= size[1]
    assert all(len(line) <= size[0] for line in lines)
    assert lines[-1].startswith("q quit")


def test_what_does_not_fit_is_counted() -> None:
    lines = shown(frame(live(100, 40), broken(3), (80, 24)), 80, 24)
    there = sum(line.startswith("x") and "remote" in line for line in lines)
    assert any(line.startswith(f"... and {100 - there} more intersections") for line in lines)
    below = sum(line.startswith(("! ", "x x1-")) for line in lines)
    assert f"{43 - below} more not shown" in lines[-1]
    assert any("40 alarms, 3 detectors not believed" in line for line in lines)


def test_lights_books_and_stores_are_told() -> None:
    text = "\n".join(shown(frame(live(), [], (120, 24)), 120, 24))
    for words in ("2 6 12s", "received 100", "in 1,234/s", "duckdb ok 1.1 s behind", "mosquitto connected"):
        assert words in text
    assert "no alarms, every detector is believed" in text


def test_books_that_do_not_balance_stand_out() -> None:
    text = "\n".join(shown(frame(live(received=101), [], (120, 24)), 120, 24))
    assert "BOOKS DO NOT BALANCE" in text


@pytest.mark.parametrize(("sort", "first"), [("name", "x1"), ("queue", "x6"), ("age", "x8")])
def test_intersections_are_sorted_as_asked(sort: str, first: str) -> None:
    assert in_order(live(8)["intersections"], sort)[0][0] == first


def test_a_pause_and_a_fault_are_said() -> None:
    text = "\n".join(shown(frame(live(), [], (140, 24), "queue", True, "no answer: gone"), 140, 24))
    assert "PAUSED" in text
    assert "no answer: gone" in text
    assert "(queue)" in text


def test_without_a_terminal_it_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        told = {"/api/live": live(), "/api/desk/broken": {"detectors": broken(1)}}
        return httpx.Response(200, json=told[request.url.path])

    monkeypatch.setattr(board_client, "_transport", httpx.MockTransport(answer))
    result = CliRunner().invoke(app, ["top"])
    assert result.exit_code == 0, result.output
    assert "x x1-0 stuck_on since" in result.output


def test_no_city_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(board_client, "_transport", httpx.MockTransport(answer))
    result = CliRunner().invoke(app, ["top"])
    assert result.exit_code == 1
    assert "no arterial answers at" in result.output
