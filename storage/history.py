"""What happened, for those who measure and draw: events, series and counts from whichever store there is?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import numpy as np

from storage.store import Events, Series, Store

HIRES = "hires"


async def all_events(store: Store, start_ns: int, end_ns: int) -> AsyncIterator[tuple[str, Events]]:
    """Device by device, the events with start_ns <= time < end_ns (ns since the epoch); none without events.

    Raises StoreUnavailable.
    """
    for device in await store.devices(HIRES):
        events = await store.events(device, start_ns, end_ns)
        if len(events):
            yield device, events


async def counts(store: Store, kinds: Iterable[str]) -> dict[str, int]:
    """How many readings of each kind the store holds. Raises StoreUnavailable."""
    return {kind: await store.count(kind) for kind in kinds}


async def recent(
    store: Store, kind: str, device: str, field: str, now_ns: int, span_s: float, points: int = 600
) -> Series:
    """The last `span_s` seconds of a numeric field as at most `points` means of equal spans of time.

    Each mean stands at the time of its last reading; empty spans are left out. Raises StoreUnavailable.
    """
    start_ns = now_ns - int(span_s * 1e9)
    return thinned(await store.series(kind, device, field, start_ns, now_ns + 1), points)


def thinned(series: Series, points: int) -> Series:
    """`series` as means over at most `points` equal spans of time; unchanged when it is short enough."""
    if len(series) <= points:
        return series
    first, last = int(series.at_ns[0]), int(series.at_ns[-1])
    width = (last - first) // points + 1
    starts = np.flatnonzero(np.diff((series.at_ns - first) // width, prepend=-1))
    ends = np.append(starts[1:], len(series))
    sums = np.add.reduceat(series.value, starts)
    return Series(series.at_ns[ends - 1], sums / (ends - starts))
