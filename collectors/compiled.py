"""Compile with numba where there is numba; the same function, uncompiled, where there is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pkgutil import iter_modules
from types import FunctionType
from typing import Any, TypeVar, cast

HAS_NUMBA = find_spec("numba") is not None

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function`, compiled when it is first called and kept on disk for the next start.

    No fast mathematics: every machine, and Python without numba, computes the same. Where no folder for the
    compiled code can be written (numba's own rules, or NUMBA_CACHE_DIR) it is compiled at every start. It is
    kept while no module in the packages of the function and of those it calls has changed.
    """
    return _compiled(function, inside=False)


def inlined(function: F) -> F:
    """`function`, compiled into those compiled ones that call it.

    For what is called often and takes many arrays: to hand eleven over takes longer than much that is done
    with them.
    """
    return _compiled(function, inside=True)


def _compiled(function: F, inside: bool) -> F:
    if not HAS_NUMBA:  # a machine without wheels of numba: slower, same answers
        return function
    from numba import njit  # here, for it is large, and not every program compiles

    try:
        made = njit(cache=True, forceinline=inside)(function)
        _stamp(made)
    except (
        RuntimeError,
        AttributeError,
    ):  # no folder that numba may write to, or a numba that keeps otherwise
        return cast(F, njit(cache=False, forceinline=inside)(function))
    return cast(F, made)


def entry(function: F) -> F:
    """`function`, once compiled, without the look at what its arguments are before every call.

    That look takes a third of a microsecond for every array, longer than much that is compiled. Whoever calls
    the entry answers for its arguments: those of one kind, dimension and layout with which it was compiled.
    The function itself where it is not compiled, or for several kinds of arguments.
    """
    made = list(getattr(function, "overloads", {}).values())
    return cast(F, made[0].entry_point) if len(made) == 1 else function


def _stamp(made: Any) -> None:
    """Tie what is kept of a function to all that is compiled into it; numba looks at its own file alone."""
    names = made.py_func.__globals__
    called = [value for value in names.values() if hasattr(value, "py_func")]
    made.rooms = frozenset([names["__package__"] or names["__name__"]]).union(
        *(getattr(value, "rooms", ()) for value in called)
    )
    kept = made._cache._cache_file
    kept._source_stamp = (kept._source_stamp, *(_digest(room) for room in sorted(made.rooms)))


@cache
def _digest(room: str) -> str:
    """Of the sources of a package's own modules, or of a module without a package."""
    spec, digest = find_spec(room), hashlib.blake2b(digest_size=8)
    inside = (spec.submodule_search_locations or ()) if spec else ()
    names = sorted(f"{room}.{found.name}" for found in iter_modules(inside) if not found.ispkg)
    for name in names or [room]:
        module = find_spec(name)
        loader: Any = module.loader if module else None
        digest.update(f"{name}\0{loader.get_source(name)}\0".encode())
    return digest.hexdigest()


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
