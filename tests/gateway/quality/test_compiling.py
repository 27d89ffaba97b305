"""What has been compiled is loaded, and not compiled once more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from collectors.judge import gauges
from collectors.judge.run import compiled_code
from gateway.quality.compiling import compiled_before


def test_what_was_compiled_into_another_folder_is_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numba.core import config

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert not compiled_before()
    compiled_code()
    assert compiled_before()
    (index,) = tmp_path.glob("*/gauges.*.nbi")
    os.utime(index, (1.0, Path(str(gauges.__file__)).stat().st_mtime - 1.0))
    assert not compiled_before()
