"""Half an hour of a healthy city leaves no warning in any log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_demo_command import demo

pytestmark = [pytest.mark.live, pytest.mark.alone]

MINUTES = 30
SPEED = 20
OURS = ("arterial.log", "street.log", "twin.log", "build.log")


def commanded(live: dict[str, Any]) -> bool:
    """Whether every cabinet obeys."""
    return {x["mode"] for x in live["intersections"].values()} == {"remote"}


def test_thirty_simulated_minutes_leave_no_warning(tmp_path: Path) -> None:
    with demo(tmp_path / "var", "--speed", str(SPEED)) as running:
        running.wait_until_it_runs()
        began_ms = int(running.live()["now_ms"])  # type: ignore[call-overload]
        deadline_s = time.monotonic() + 20 * MINUTES * 60 / SPEED
        while int(running.live()["now_ms"]) < began_ms + MINUTES * 60_000:  # type: ignore[call-overload]
            assert time.monotonic() < deadline_s, "the street is far slower than it should be"
            time.sleep(1)
        last = running.live()
        assert last["pipeline"]["balanced"]  # type: ignore[index]
        assert last["pipeline"]["refused"] == 0  # type: ignore[index]
        running.wait_for("control", lambda: commanded(running.live()))
        assert running.end(2) == 0
    lines = [
        f"{name}: {line}"
        for name in OURS
        for line in (tmp_path / "var" / "log" / name).read_text().splitlines()
        if line.split()[2:3] != ["INFO"]
    ]
    assert not lines, "\n".join(lines[:20])
    assert "WARNING" not in running.text
