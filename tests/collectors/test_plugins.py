"""Is a folder the registry, and does a broken plugin stop the start?"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import collectors.kinds
from collectors.plugins import choose, formats, kinds, load_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An importable package of its own for each test."""
    package = tmp_path / f"folder_{abs(hash(request.node.name))}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return package


def test_every_file_is_a_plugin_by_its_name(folder: Path) -> None:
    for name in ("b", "a", "_private"):
        (folder / f"{name}.py").write_text(f"NAME = '{name}'\n")
    found = load_folder(folder.name)
    assert list(found) == ["a", "b"]
    assert found["a"].NAME == "a"


def test_a_broken_plugin_is_not_swallowed(folder: Path) -> None:
    (folder / "broken.py").write_text("import no_such_module\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        load_folder(folder.name)


def test_the_kinds_and_formats_of_the_house_are_found() -> None:
    assert {"hires", "signal", "water", "power", "gas", "waste", "truth", "street"} <= kinds().keys()
    assert {"queue", "decision", "pipeline"} <= kinds().keys()
    assert "json" in formats()
    assert load_folder(collectors.kinds).keys() == kinds().keys()


def test_a_wrong_name_is_answered_with_the_choices() -> None:
    assert choose("letter", "a", {"a": 1}) == 1
    with pytest.raises(ValueError, match="no letter named 'c'; there are: a, b"):
        choose("letter", "c", {"b": 2, "a": 1})
