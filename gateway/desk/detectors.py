"""How did the detectors of an intersection do: on and off, counts, and since when are they broken?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gateway.desk.workbench import Workbench, span_ns
from gateway.detectors.history import broken_since, spells, within
from signal_control.detector_time import Occupancy
from signal_control.eventlog import BIN_NS, ordered
from signal_control.events import DETECTOR_OFF, DETECTOR_ON
from signal_control.measures.detector_health import detector_health

LONGEST_H: Final = 49.0
CELLS: Final = 480
"""Occupancy is told for so many equal parts of the range."""


async def detectors(bench: Workbench, name: str, from_ms: int, to_ms: int) -> dict[str, Any]:
    """Every detector with hits per quarter of an hour, occupancy, and stretches of its states.

    Raises DeskError and StoreUnavailable.
    """
    x = bench.intersection(name)
    begin, end = span_ns(from_ms, to_ms, LONGEST_H)
    now_ns = bench.now_ns()
    log = await bench.store.events(name, begin, min(end, now_ns + 1))
    hits, shares = await bench.beside(_counted, log, [d.channel for d in x.detectors], begin, end)
    found = []
    for d in x.detectors:
        known = await spells(bench.store, name, d.channel, now_ns)
        since = broken_since(known)
        found.append(
            {
                "channel": d.channel,
                "lane": d.lane,
                "role": d.role,
                "distance_m": d.distance_m,
                "state": known[-1].state if known else "unknown",
                "reason": known[-1].reason if known else "Nothing is on record yet.",
                "broken_since_ms": since // 1_000_000 if since is not None else None,
                "hits": hits[d.channel],
                "occupied": shares[d.channel],
                "spells": [
                    (
                        s.state,
                        s.since_ns // 1_000_000,
                        s.until_ns // 1_000_000 if s.until_ns is not None else None,
                        s.reason,
                    )
                    for s in within(known, begin, end)
                ],
            }
        )
    return {"now_ms": now_ns // 1_000_000, "bin_ms": BIN_NS // 1_000_000, "cells": CELLS, "detectors": found}


def _counted(
    log: Any, channels: list[int], begin: int, end: int
) -> tuple[dict[int, list[tuple[int, int]]], dict[int, list[int]]]:
    """Per channel (start of a quarter in ms, hits), and percent occupied in each cell; -1 where unknown."""
    named = {0: channels}
    hits: dict[int, list[tuple[int, int]]] = {channel: [] for channel in channels}
    for cell in detector_health(log.at_ns, log.code, log.param, named):
        if cell.channel in hits:
            hits[cell.channel].append((cell.start_ns // 1_000_000, cell.actuations))
    edges = np.linspace(begin, end, CELLS + 1).astype(np.int64)
    both = ordered(log.at_ns, log.code, log.param).only((DETECTOR_OFF, DETECTOR_ON))
    last = int(both.at_ns[-1]) if len(both.at_ns) else begin
    shares: dict[int, list[int]] = {}
    for channel in channels:
        occupied = Occupancy(both, (channel,))
        known = occupied.known_from_ns
        share = occupied.between(edges[:-1], edges[1:]) / np.maximum(1, np.diff(edges))
        sure = (edges[:-1] <= last) & (edges[1:] > (known if known is not None else end))
        shares[channel] = np.where(sure, np.rint(100 * share), -1).astype(int).tolist()
    return hits, shares
