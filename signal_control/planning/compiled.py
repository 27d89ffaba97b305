"""Compile with numba where there is numba; the same function, uncompiled, where there is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

_njit: Any = None
with suppress(ImportError):  # a machine without wheels of numba: slower, same answers
    from numba import njit as _njit

HAS_NUMBA = _njit is not None

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function`, compiled when it is first called and kept on disk for the next start.

    No fast mathematics: every machine, and Python without numba, computes the same. Where no folder for the
    compiled code can be written (numba's own rules, or NUMBA_CACHE_DIR) it is compiled at every start.
    """
    if _njit is None:
        return function
    try:
        return cast(F, _njit(cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast(F, _njit(cache=False)(function))


def plain(function: F) -> F:
    """The same function as Python runs it, to compare with."""
    return cast(F, getattr(function, "py_func", function))
