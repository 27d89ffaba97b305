"""Do imports only point down, and are the pure rooms pure? Every breach is named with file, line and rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "collectors": {"collectors"},
    "storage": {"storage", "collectors"},
    "signal_control": {"signal_control", "collectors"},
    "gateway": {"gateway", "storage", "signal_control", "collectors"},
    "simulators": {"simulators", "signal_control", "collectors"},
}
PURE = ("collectors", "signal_control")
PLUGIN_FOLDERS = (
    "collectors.formats",
    "collectors.kinds",
    "signal_control.strategies",
    "storage.backends",
    "gateway.cabinets",
    "gateway.alarms.rules",
)
PURE_PARTS = tuple(
    f"gateway.alarms.{name}" for name in ("rules", "engine", "track", "quiet", "watching", "rule", "health")
)
"""What decides in a room that is not pure."""
MAY_AWAIT = ("gateway", "storage.writer", "storage.backends", "simulators")
UNDER_TEST = re.compile(r"collectors\.(formats|kinds|source)\b|signal_control\.(?!model\b)\w")
"""What simulators are there to test: they must not lean on it."""
SUMO = {"libsumo", "traci", "sumolib", "sumo"}
IMPURE = SUMO | {
    *("asyncio", "logging", "random", "secrets", "time", "threading", "multiprocessing", "concurrent"),
    *(
        "subprocess",
        "signal",
        "socket",
        "ssl",
        "selectors",
        "os",
        "pathlib",
        "shutil",
        "tempfile",
        "glob",
        "io",
    ),
    *("sqlite3", "duckdb", "influxdb_client", "urllib", "http", "requests", "httpx", "aiohttp", "aiomqtt"),
    *("paho", "fastapi", "starlette", "uvicorn", "websockets", "rich", "typer"),
}
IMPURE_CALLS = re.compile(
    r"(open|print|input|exec|eval|sleep|.*\.(now|utcnow|today|sleep|read_text|write_text|read_bytes|write_bytes))$"
    r"|(np|numpy)\.random\.|(np|numpy)\.(load|save|loadtxt|savetxt|fromfile|memmap)$"
)


@dataclass(frozen=True)
class Source:
    """One source file, parsed, with everything it imports."""

    name: str
    where: str
    tree: ast.Module
    is_package: bool = False

    @property
    def room(self) -> str:
        return self.name.split(".")[0]

    @property
    def is_pure(self) -> bool:
        return self.room in PURE or _inside(self.name, PURE_PARTS)

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of each imported thing; `from a import b` is a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Call) and _dotted(node.func).endswith("import_module"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield node.lineno, first.value

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        up = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*up, *([node.module] if node.module else [])])

    def calls(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of each called thing."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, _dotted(node.func)


Breach = tuple[int, str]
Rule = Callable[[Source], Iterator[Breach]]


def _dotted(node: ast.expr) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "?", *reversed(parts)])


def _inside(name: str, folders: tuple[str, ...]) -> bool:
    return any(name == folder or name.startswith(f"{folder}.") for folder in folders)


def imports_point_down(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        room = name.split(".")[0]
        evaluation = source.name == "simulators.evaluate" and _inside(name, ("gateway.app", "gateway.driven"))
        if room in MAY_IMPORT and room not in MAY_IMPORT[source.room] and not evaluation:
            yield (
                line,
                f"{source.room} must not import {name}; it may import: {_listed(MAY_IMPORT[source.room])}",
            )


def simulators_do_not_lean_on_what_they_test(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        if source.room == "simulators" and UNDER_TEST.match(name):
            yield line, f"simulators must not import {name}; of signal_control only the model, no decoders"


def plugins_are_found_not_named(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        folder = next((f for f in PLUGIN_FOLDERS if name.startswith(f"{f}.")), None)
        if folder and not _inside(source.name, (folder,)) and _is_plugin(folder, name):
            yield line, f"{name} is a plugin: find it with load_folder('{folder}')"


def pure_rooms_import_no_world(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        if source.is_pure and name.split(".")[0] in IMPURE:
            yield line, f"{source.room} is pure and must not import {name.split('.')[0]}; time is an argument"


def pure_rooms_call_no_world(source: Source) -> Iterator[Breach]:
    for line, name in source.calls():
        if source.is_pure and IMPURE_CALLS.match(name):
            yield line, f"{source.room} is pure and must not call {name}(); what happened is a return value"


def only_some_rooms_wait(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        if name.split(".")[0] == "asyncio" and not _inside(source.name, MAY_AWAIT):
            yield line, f"asyncio only in {_listed(MAY_AWAIT)}"


def sumo_stays_in_simulators(source: Source) -> Iterator[Breach]:
    for line, name in source.imports():
        if name.split(".")[0] in SUMO and source.room != "simulators":
            yield line, f"{name} only in simulators"


RULES: tuple[Rule, ...] = (
    imports_point_down,
    simulators_do_not_lean_on_what_they_test,
    plugins_are_found_not_named,
    pure_rooms_import_no_world,
    pure_rooms_call_no_world,
    only_some_rooms_wait,
    sumo_stays_in_simulators,
)


def _listed(names: object) -> str:
    return ", ".join(sorted(names))  # type: ignore[call-overload]


def _is_plugin(folder: str, name: str) -> bool:
    """Whether the part after the folder is a file there (and not something of its __init__)."""
    first = name.removeprefix(f"{folder}.").split(".")[0]
    path = ROOT.joinpath(*folder.split("."), first)
    return path.with_suffix(".py").exists() or path.is_dir()


def _parsed(path: Path) -> Source:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Source(name, str(path.relative_to(ROOT)), ast.parse(path.read_text(), str(path)), is_package)


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Every source file of the five rooms."""
    return [_parsed(path) for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule, sources: list[Source]) -> None:
    breaches = [f"{s.where}:{line}: {why}" for s in sources for line, why in sorted(set(rule(s)))]
    if breaches:
        pytest.fail(f"{rule.__name__}:\n  " + "\n  ".join(breaches), pytrace=False)


@pytest.mark.parametrize(
    ("rule", "name", "code"),
    [
        (imports_point_down, "collectors.x", "import storage.spool"),
        (imports_point_down, "storage.x", "from signal_control import model"),
        (imports_point_down, "signal_control.x", "from storage.store import Store"),
        (imports_point_down, "gateway.x", "def f():\n    import simulators.street"),
        (imports_point_down, "gateway.x", "import_module('simulators.street')"),
        (imports_point_down, "simulators.x", "from gateway.app import App"),
        (imports_point_down, "collectors.kinds.x", "from ...storage import spool"),
        (
            simulators_do_not_lean_on_what_they_test,
            "simulators.x",
            "from signal_control.safety import review",
        ),
        (simulators_do_not_lean_on_what_they_test, "simulators.x", "from signal_control import controller"),
        (simulators_do_not_lean_on_what_they_test, "simulators.x", "from collectors import source"),
        (plugins_are_found_not_named, "gateway.x", "from collectors.kinds import water"),
        (plugins_are_found_not_named, "gateway.x", "from collectors.kinds.water import KIND"),
        (plugins_are_found_not_named, "collectors.x", "import collectors.formats.json"),
        (plugins_are_found_not_named, "collectors.x", "from .kinds import water"),
        (pure_rooms_import_no_world, "collectors.x", "import time"),
        (pure_rooms_import_no_world, "signal_control.x", "from logging import getLogger"),
        (pure_rooms_import_no_world, "signal_control.strategies.x", "import os.path"),
        (pure_rooms_import_no_world, "signal_control.x", "import libsumo"),
        (pure_rooms_import_no_world, "gateway.alarms.rules.x", "import time"),
        (pure_rooms_call_no_world, "collectors.x", "datetime.now(UTC)"),
        (pure_rooms_call_no_world, "collectors.x", "datetime.datetime.now()"),
        (pure_rooms_call_no_world, "signal_control.x", "print('served')"),
        (pure_rooms_call_no_world, "signal_control.x", "open('x')"),
        (pure_rooms_call_no_world, "signal_control.x", "np.random.default_rng()"),
        (only_some_rooms_wait, "storage.spool", "import asyncio"),
        (only_some_rooms_wait, "signal_control.x", "from asyncio import sleep"),
        (sumo_stays_in_simulators, "gateway.x", "import libsumo"),
    ],
)
def test_each_rule_sees_its_breach(rule: Rule, name: str, code: str) -> None:
    assert list(rule(Source(name, f"{name}.py", ast.parse(code))))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("collectors.kinds.x", "from collectors.kind import Field, flat_kind"),
        ("collectors.plugins", "import_module('collectors.kinds')"),
        ("collectors.formats.x", "import json\nfrom collectors.formats.json import records"),
        ("storage.writer", "import asyncio"),
        ("gateway.x", "from storage.writer import Writer\nfrom signal_control.controller import Controller"),
        ("simulators.x", "import libsumo\nimport asyncio\nfrom signal_control.model import Intersection"),
        ("simulators.evaluate", "from gateway.app import App"),
        ("signal_control.x", "view.now_ns\nstate.open_lanes()\nreopen()"),
    ],
)
def test_what_is_allowed_breaks_no_rule(name: str, code: str) -> None:
    assert [breach for rule in RULES for breach in rule(Source(name, f"{name}.py", ast.parse(code)))] == []
