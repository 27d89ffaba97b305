"""Where does third-party test material lie on this machine?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def find(part: str) -> Path:
    """The file `part` of the shared data folder; without it the test is skipped, or fails where CI=true."""
    shared = Path(os.environ.get("ARTERIAL_SHARED", ROOT.parent / "shared"))
    path = shared / "data" / part
    if path.exists():
        return path
    why = f"no test material at {path}; set ARTERIAL_SHARED to the folder that holds data/{part}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(why)
    pytest.skip(why)
