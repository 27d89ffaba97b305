"""Is compiled code that was kept from an earlier start used only while its sources are the same?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collectors.compiled import HAS_NUMBA

ROOT = Path(__file__).resolve().parents[2]
CALLER = """
from collectors.compiled import compiled
from tens import ten


@compiled
def total(n):
    return n + ten(n)
"""
CALLED = """
from collectors.compiled import compiled


@compiled
def ten(n):
    return {} * n
"""
RUN = "from sums import total; print(total(2)); print(sum(total.stats.cache_hits.values()))"


@pytest.mark.skipif(not HAS_NUMBA, reason="nothing is compiled without numba")
def test_a_change_in_a_file_that_is_called_is_a_change(tmp_path: Path) -> None:
    said = []
    (tmp_path / "sums.py").write_text(CALLER)
    for factor in (10, 10, 20):
        (tmp_path / "tens.py").write_text(CALLED.format(factor))
        said.append(_run(tmp_path))
    assert said == [["22", "0"], ["22", "1"], ["42", "0"]]


def _run(folder: Path) -> list[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))),
        "NUMBA_CACHE_DIR": str(folder / "kept"),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.split()
