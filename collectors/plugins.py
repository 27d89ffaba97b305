"""Which plugins lie in a folder? (The folder is the registry: nobody imports a plugin by name.)"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from collectors.kind import Kind
from collectors.observation import Decoder

Records = Callable[[bytes], list[dict[str, Any]]]
"""What a format does: bytes become plain records; raises BadPayload."""


def load_folder(package: ModuleType | str) -> dict[str, ModuleType]:
    """Every module of `package` by its file name, in alphabetical order.

    `package` is an imported package or its dotted name. Names beginning with an underscore are private and
    left out. Raises whatever importing a plugin raises: what is broken shows at the start, not at night.
    """
    folder = importlib.import_module(package) if isinstance(package, str) else package
    return {name: importlib.import_module(f"{folder.__name__}.{name}") for name in names_in(folder)}


def names_in(package: ModuleType | str) -> list[str]:
    """The same names without importing the modules, for who only asks whether there is one of a name."""
    folder = importlib.import_module(package) if isinstance(package, str) else package
    return sorted(found.name for found in pkgutil.iter_modules(folder.__path__) if found.name[0] != "_")


def choose(what: str, name: str, there: dict[str, Any]) -> Any:
    """The plugin called `name`; raises ValueError naming the choices when there is none."""
    if name in there:
        return there[name]
    raise ValueError(f"no {what} named '{name}'; there are: {', '.join(sorted(there))}")


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of reading by name; raises TypeError when a file in collectors/kinds declares none."""
    return {name: _kind(name, module) for name, module in load_folder("collectors.kinds").items()}


@cache
def formats() -> dict[str, Records]:
    """Every format whose payloads are plain records, by name; raises TypeError as `decoders`."""
    found = load_folder("collectors.formats")
    plain = {name for name in found if name not in decoders() or hasattr(found[name], "records")}
    return {name: _records(name, found[name]) for name in sorted(plain)}


@cache
def decoders() -> dict[str, Decoder]:
    """Every format that says what a field map can read, by name.

    Raises TypeError when a file in collectors/formats offers neither DECODER nor records(payload).
    """
    found = load_folder("collectors.formats")
    for name, module in found.items():
        if not isinstance(getattr(module, "DECODER", None), Decoder):
            _records(name, module)
    return {name: m.DECODER for name, m in found.items() if isinstance(getattr(m, "DECODER", None), Decoder)}


def remembers(format_: str) -> bool:
    """Whether a message of a format can only be read by who has read those before it."""
    decoder = decoders().get(format_)
    return decoder is not None and decoder.remembers


def _kind(name: str, module: ModuleType) -> Kind:
    kind = getattr(module, "KIND", None)
    if not isinstance(kind, Kind):
        raise TypeError(f"collectors/kinds/{name}.py declares no KIND")
    if kind.name != name:
        raise TypeError(
            f"collectors/kinds/{name}.py declares the kind '{kind.name}'; the file name is the name"
        )
    return kind


def _records(name: str, module: ModuleType) -> Records:
    records: Records | None = getattr(module, "records", None)
    if not callable(records):
        raise TypeError(f"collectors/formats/{name}.py has no function records(payload)")
    return records
