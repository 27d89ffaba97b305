"""What do all tests share?"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

_WHERE = Path(__file__).with_name("shared_data.py")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data("atspm/tests/x.parquet")`: the path, or a skip with the reason."""
    spec = importlib.util.spec_from_file_location("arterial_shared_data", _WHERE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    find: Callable[[str], Path] = module.find
    return find
