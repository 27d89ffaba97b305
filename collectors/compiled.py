"""Compile with numba where there is numba; the same function, uncompiled, where there is not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from types import FunctionType
from typing import Any, TypeVar, cast

HAS_NUMBA = find_spec("numba") is not None

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function`, compiled when it is first called and kept on disk for the next start.

    No fast mathematics: every machine, and Python without numba, computes the same. Where no folder for the
    compiled code can be written (numba's own rules, or NUMBA_CACHE_DIR) it is compiled at every start.
    """
    if not HAS_NUMBA:  # a machine without wheels of numba: slower, same answers
        return function
    from numba import njit  # here, for it is large, and not every program compiles

    try:
        return cast(F, njit(cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast(F, njit(cache=False)(function))


def plain(function: F) -> F:
    """The same function as Python runs it, and whatever compiled ones it calls as well."""
    return cast(F, _plain(function, {}))


def _plain(function: Any, done: dict[int, dict[str, Any]]) -> Any:
    """A copy of the function in a copy of its module's names; `done` are those copies, by module."""
    source = getattr(function, "py_func", None)
    if source is None:
        return function
    names = done.get(id(source.__globals__))
    if names is None:
        names = done[id(source.__globals__)] = dict(source.__globals__)
        for name, value in source.__globals__.items():
            names[name] = _plain(value, done)
    return FunctionType(source.__code__, names, source.__name__, source.__defaults__)
