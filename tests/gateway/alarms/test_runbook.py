"""Does the page of alarms hold the runbook of every rule, as the rule's own file has it?"""

from __future__ import annotations

from pathlib import Path

from gateway.alarms.runbook import all_runbooks

PAGE = Path(__file__).resolve().parents[3] / "docs" / "alarms.md"


def test_the_page_ends_with_the_runbooks() -> None:
    told = "python -m gateway.alarms.runbook writes them"
    assert PAGE.read_text(encoding="utf-8").endswith(all_runbooks()), told
