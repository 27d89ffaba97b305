"""What do the engineer's views of an intersection work with?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.config.settings import Settings
from gateway.config.words import no_such
from gateway.signals import Signals
from signal_control.model import Intersection
from storage.store import Store


class DeskError(Exception):
    """What was asked for cannot be answered; the text says why, and the choices there are.

    `status` is that of the HTTP answer: 404 for what is not there, 422 for what cannot be asked, 409 for what
    cannot be now.
    """

    def __init__(self, why: str, status: int = 404) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Workbench:
    """The running city as the engineer's views see it; `config` is its city file, where there is one."""

    settings: Settings
    store: Store
    signals: Signals
    now_ns: Callable[[], int]
    live: Callable[[], dict[str, Any]]
    var: Path
    config: Path | None = None
    geometry: Mapping[str, Any] | None = None
    street: Path | None = None
    """Folder of a built street that stands for this city, to try things on; the city file may name others."""
    beside: Callable[..., Awaitable[Any]] = asyncio.to_thread
    """(function, *arguments): computes something long where control does not wait for it."""

    def intersection(self, name: str) -> Intersection:
        """The intersection called `name`. Raises DeskError with the choices."""
        there = {x.id: x for x in self.settings.intersections}
        if name not in there:
            raise DeskError(no_such("intersection", name, there))
        return there[name]


def span_ns(from_ms: int, to_ms: int, longest_h: float) -> tuple[int, int]:
    """(from, until) in ns, for a range of at most `longest_h` hours. Raises DeskError."""
    if not 0 <= from_ms < to_ms < 4_102_444_800_000:
        raise DeskError("the range must begin before it ends", 422)
    if to_ms - from_ms > longest_h * 3_600_000:
        raise DeskError(f"at most {longest_h:g} hours can be shown at once; choose a shorter range", 422)
    return from_ms * 1_000_000, to_ms * 1_000_000
