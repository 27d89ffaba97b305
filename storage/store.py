"""What is a store, and what may go wrong with one?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from collectors.reading import Reading

if TYPE_CHECKING:  # who only writes needs no numpy, and its 12 MB
    import numpy as np
    from numpy.typing import NDArray

NS_PER_MS: Final = 1_000_000


class StoreUnavailable(Exception):
    """The store cannot take or give readings now: keep them and come back.

    `retry_after_s` is the pause the store itself asked for, in seconds; None when it named none.
    """

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class StoreFailed(StoreUnavailable):
    """The store failed at these readings without saying whose fault it is (HTTP 500).

    Mostly it is the store's, and then it passes; when the store takes others meanwhile it is a reading's.
    """


class Rejected(Exception):
    """The store will never take these readings: do not offer them again.

    `faults` holds each reading that is certainly at fault with the reason. It is empty when the store does
    not say which readings of the batch it means; then `why` speaks of the batch. Nothing is promised about
    the other readings of the batch: offer them again.
    """

    def __init__(self, faults: Sequence[tuple[Reading, str]], why: str) -> None:
        super().__init__(why)
        self.faults = tuple(faults)
        self.why = why


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """High-resolution events of one device in order of time, ties in the order in which they were numbered.

    `at_ns` is nanoseconds since the epoch (UTC); code and param are Indiana codes. All int64, of one length.
    """

    at_ns: NDArray[np.int64]
    code: NDArray[np.int64]
    param: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One numeric field of one device in order of time; `at_ns` int64, `value` float64, without gaps."""

    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.at_ns)


def whole_ms(at_ns: int) -> int:
    """The first whole millisecond not before `at_ns`: ties of one millisecond stay on one side of a bound."""
    return -(-at_ns // NS_PER_MS) * NS_PER_MS


class Store(Protocol):
    """Where readings come to rest. Every method raises StoreUnavailable when the store cannot be reached."""

    @property
    def name(self) -> str:
        """The name of the backend; the spool keeps the store's position under it."""
        ...

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        """Keep `batch`, durably on return; the same reading twice is kept once. Raises Rejected.

        `position` is the spool row up to which the store then has everything; a store that can, records it
        with the batch in one transaction. Returns how many readings it had already, by kind (empty where it
        cannot know).
        """
        ...

    async def position(self) -> int | None:
        """The position recorded by the store itself (0 in a new store); None when it does not keep one."""
        ...

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        """Events of `device` with start_ns <= time < end_ns; times are nanoseconds since the epoch, UTC."""
        ...

    async def series(self, kind: str, device: str, field: str, start_ns: int, end_ns: int) -> Series:
        """A numeric field of one device, start_ns <= time < end_ns; empty when there is no such thing."""
        ...

    async def rows(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, limit: int = 1000
    ) -> list[tuple[Any, ...]]:
        """(time in ns, *fields) with start_ns <= time < end_ns in order of time, the newest `limit` of them.

        Texts and truths too; a field without a value is None. Empty when there is no such thing.
        """
        ...

    async def devices(self, kind: str) -> list[str]:
        """Every device that has readings of `kind`, sorted."""
        ...

    async def count(self, kind: str) -> int:
        """How many readings of `kind` there are."""
        ...

    async def close(self) -> None:
        """Let go of the store; what was acknowledged stays."""
        ...
