"""Does each file say what it is, is it short enough to read, and is every config file sound?"""

from __future__ import annotations

import ast
import configparser
import json
import re
import statistics
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("collectors", "storage", "signal_control", "gateway", "simulators")

LONG_FUNCTION = 60
MEDIAN_FILE = range(60, 251)
EXCUSE = re.compile(r"\blong\b", re.IGNORECASE)
"""What the first line of a long function's docstring must contain: `... (long: one table, read top down)`."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def fail_with(rule: str, faults: list[str]) -> None:
    if faults:
        pytest.fail(f"{rule}:\n  " + "\n  ".join(faults), pytrace=False)


def long_functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name and length) of each function that is too long and does not say why."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if length > LONG_FUNCTION and not EXCUSE.search(first):
                yield node.lineno, f"{node.name} has {length} lines"


def starts_with_docstring(tree: ast.Module) -> bool:
    return bool(ast.get_docstring(tree)) and tree.body[0].lineno == 1


def test_every_file_begins_by_saying_what_it_is() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:1: the first line is no docstring"
        for path in files(*ROOMS, "tests")
        if not starts_with_docstring(ast.parse(path.read_text()))
    ]
    fail_with("every file begins with a docstring", faults)


def test_no_function_is_long_without_saying_why() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in files(*ROOMS, "tests")
        for line, what in long_functions(ast.parse(path.read_text()))
    ]
    rule = (
        f"no function over {LONG_FUNCTION} lines, unless the first line of its docstring says why it is long"
    )
    fail_with(rule, faults)


def test_a_long_function_is_seen_unless_it_says_why() -> None:
    body = "    x = 1\n" * LONG_FUNCTION
    assert list(long_functions(ast.parse(f"def f():\n{body}"))) == [(1, "f has 61 lines")]
    assert not list(long_functions(ast.parse(f'def f():\n    """Set x (long: a table)."""\n{body}')))
    assert not starts_with_docstring(ast.parse('# comment\n"""Late."""'))


def test_files_are_neither_crumbs_nor_novels() -> None:
    lengths = [len(path.read_text().splitlines()) for path in files(*ROOMS) if path.name != "__init__.py"]
    median = int(statistics.median(lengths))
    assert median in MEDIAN_FILE, f"the median file has {median} lines; it should have 60 to 250"


def _sections(text: str) -> object:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(text)
    return parser.sections()


LOADERS: dict[str, Callable[[str], object]] = {
    ".toml": tomllib.loads,
    ".json": json.loads,
    ".yaml": json.loads,  # what we write as YAML is JSON, which YAML contains
    **dict.fromkeys((".xml", ".sumocfg", ".netccfg", ".svg"), ElementTree.fromstring),
    **dict.fromkeys((".service", ".timer", ".ini"), _sections),
    **dict.fromkeys((".py",), ast.parse),
    **dict.fromkeys((".md", ".txt", ".conf", ".csv"), str.splitlines),
}
CONFIGS = [
    path
    for path in sorted((ROOT / "configs").rglob("*"))
    if path.is_file() and not {"__pycache__"} & set(path.parts) and not path.name.startswith(".")
]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_config_file_loads(path: Path) -> None:
    assert path.suffix in LOADERS, f"no test loads {path.suffix} files; add a loader for {path.name}"
    LOADERS[path.suffix](path.read_text(encoding="utf-8"))
