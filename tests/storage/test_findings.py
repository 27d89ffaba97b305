"""Is what was wrong with a device still known after a restart, each finding once, and never without bound?"""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from collectors.health.finding import Finding
from storage import findings
from storage.findings import Findings


def stuck(device: str = "p-1", since_ns: int = 5, until_ns: int = 0) -> Finding:
    return Finding("demo", device, "device", "stuck", "it does not move", "warning", since_ns, until_ns)


def test_a_finding_that_ends_is_the_one_that_began(tmp_path: Path) -> None:
    before = Findings(tmp_path / "health.sqlite")
    before.keep([stuck(), stuck("p-2")])
    before.keep([stuck(until_ns=9)])
    before.close()
    after = Findings(tmp_path / "health.sqlite")
    assert after.open() == [stuck("p-2")]
    assert after.history() == [stuck("p-2"), stuck(until_ns=9)]
    assert after.history("p-1") == [stuck(until_ns=9)]
    assert after.history("p-1", "elsewhere") == []


def test_the_history_is_bounded_and_what_is_open_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "KEPT", 10)
    there = Findings(tmp_path / "health.sqlite")
    there.keep([stuck("open", 1)])
    for n in range(50):
        there.keep([stuck(since_ns=n + 10, until_ns=n + 11)])
    assert there.open() == [stuck("open", 1)]
    over = [one.since_ns for one in there.history() if not one.open]
    assert over == [n + 10 for n in range(49, 39, -1)]


def test_why_and_how_many_follow(tmp_path: Path) -> None:
    there = Findings(tmp_path / "health.sqlite")
    there.keep([stuck()])
    there.keep([replace(stuck(), devices=7, why="more of them")])
    assert [(one.devices, one.why) for one in there.history()] == [(7, "more of them")]
