"""Which store does the configuration name?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from collectors.plugins import choose, load_folder
from storage.store import Store


@cache
def backends() -> dict[str, ModuleType]:
    """Every backend by its NAME."""
    return {module.NAME: module for module in load_folder("storage.backends").values()}


def check(name: str, settings: Mapping[str, object]) -> None:
    """Raise ValueError (pydantic.ValidationError for a wrong setting) unless `connect` would accept these."""
    choose("store", name, dict(backends())).Settings.model_validate(settings)


async def connect(name: str, settings: Mapping[str, object], var: Path) -> Store:
    """The store called `name` with its data, if it has any here, under `var`. Raises as `check` does.

    A store that cannot be reached now does not raise: its methods will, with StoreUnavailable.
    """
    store: Store = await choose("store", name, dict(backends())).connect(settings, var)
    return store
