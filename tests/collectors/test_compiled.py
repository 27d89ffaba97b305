"""Is compiled code that was kept from an earlier start used only while its sources are the same?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from collectors.compiled import HAS_NUMBA, compiled, entry

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


@pytest.mark.skipif(not HAS_NUMBA, reason="nothing is compiled without numba")
def test_the_entry_of_compiled_code_gives_the_same_for_arguments_of_the_one_kind_it_knows() -> None:
    twice = compiled(_twice)
    assert entry(twice) is twice, "not compiled yet"
    assert twice(np.array([1.5, 2.0])) == 7.0
    assert entry(twice) is not twice
    assert entry(twice)(np.array([3.0])) == 6.0
    twice(np.array([1, 2]))
    assert entry(twice) is twice, "only the function itself can tell floats from integers"


def test_the_entry_of_what_python_runs_is_itself() -> None:
    assert entry(_twice) is _twice


def _twice(numbers: NDArray[np.float64]) -> float:
    total = 0.0
    for i in range(numbers.shape[0]):
        total += 2.0 * numbers[i]
    return total


def _run(folder: Path) -> list[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))),
        "NUMBA_CACHE_DIR": str(folder / "kept"),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.split()
