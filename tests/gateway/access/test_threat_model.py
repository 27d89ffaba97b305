"""Does every control that docs/security.md names for the board have the test it names?"""

from __future__ import annotations

import re
from pathlib import Path

from tests.gateway.access.attempts import ATTEMPTS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
BOARD = PAGE[PAGE.index("## What could go wrong at the board") : PAGE.index("## For those who write routes")]
ROWS = [row.split("|") for row in BOARD.splitlines() if row.startswith("| ") and "---" not in row][1:]


def named() -> set[str]:
    """Everything in the column of tests."""
    return {word for row in ROWS for word in re.findall(r"`([^`]+)`", row[3])}


def test_every_threat_has_a_control_and_a_test_that_exists() -> None:
    code = "".join(file.read_text() for file in Path(__file__).parent.glob("*.py"))
    attempts = {attempt.name for attempt in ATTEMPTS}
    missing = [
        name
        for name in named()
        if name not in attempts and f"def {name}(" not in code and not (ROOT / name).is_file()
    ]
    assert missing == []
    assert all(row[2].strip() and "`" in row[3] for row in ROWS)
    assert len(ROWS) > 15


def test_every_attempt_stands_against_a_threat() -> None:
    assert {attempt.name for attempt in ATTEMPTS} - named() == set()
