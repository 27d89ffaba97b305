"""Who crossed the stop line in yellow or red, and how late?

Switch-on events of stop-bar count detectors, told by their distance from the begin of red clearance (10),
in half seconds: negative is before. Only cycles with exactly one green, yellow and red clearance count; a
phase's detectors are those of its stop bar. The latency of detection, if known, is taken off first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, bin_of, ordered, pairs
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_ON)
DETECTORS: Final = "yellow_red"
LATENCY_S: Final = 1.5
"""Usual delay of a radar's stop-bar detection, seconds; taken off the time of each actuation."""

Shown = Literal["green", "yellow", "red"]
_SHOWN: Final[dict[int, Shown]] = {PHASE_GREEN: "green", PHASE_YELLOW: "yellow", PHASE_RED_CLEAR: "red"}


class YellowRedActuations(NamedTuple):
    """Vehicles `red_offset_s` after red began, in cycles whose red began in the bin from `start_ns`."""

    start_ns: int
    phase: int
    shown: Shown
    red_offset_s: float
    total: int


def yellow_red_actuations(
    at_ns: Ints,
    code: Ints,
    param: Ints,
    channels: Channels | None = None,
    bin_ns: int = BIN_NS,
    latency_s: float = LATENCY_S,
) -> list[YellowRedActuations]:
    """Actuations per bin, phase, indication and half second of offset, ordered by them."""
    log = ordered(at_ns, code, param)
    keys: list[npt.NDArray[np.int64]] = []
    for phase, own in sorted((channels or {}).items()):
        shown, red_ns, crossed_ns = _crossings(log, phase, own, latency_s)
        halves = _halves(crossed_ns - red_ns)
        keys.append(np.column_stack((bin_of(red_ns, bin_ns), np.full(len(shown), phase), shown, halves)))
    if not keys:
        return []
    cells, totals = np.unique(np.concatenate(keys), axis=0, return_counts=True)
    rows = zip(cells.tolist(), totals.tolist(), strict=True)
    return sorted(YellowRedActuations(start, p, _SHOWN[c], h / 2, n) for (start, p, c, h), n in rows)


class Crossing(NamedTuple):
    """A vehicle of `phase` at the stop-bar detector, how long after red began (below 0: before), and for how
    long it stayed there (-1 where the log does not tell): who stays stands, and has not crossed."""

    at_ns: int
    phase: int
    shown: Shown
    red_offset_s: float
    on_s: float


def each(
    at_ns: Ints,
    code: Ints,
    param: Ints,
    channels: Channels | None = None,
    latency_s: float = LATENCY_S,
) -> list[Crossing]:
    """Every actuation in yellow or red, in order of time (less the latency)."""
    log, found = ordered(at_ns, code, param), []
    late_ns = round(latency_s * SECOND_NS)
    for phase, own in (channels or {}).items():
        for channel in own:
            stays = {
                on - late_ns: (off - on) / SECOND_NS
                for on, off in pairs(log, DETECTOR_ON, DETECTOR_OFF, channel)
            }
            columns = (column.tolist() for column in _crossings(log, phase, (channel,), latency_s))
            found += [
                Crossing(at, phase, _SHOWN[c], (at - red) / SECOND_NS, stays.get(at, -1.0))
                for c, red, at in zip(*columns, strict=True)
                if c != PHASE_GREEN
            ]
    return sorted(found)


def _crossings(log: Log, phase: int, channels: Iterable[int], latency_s: float) -> tuple[Ints, Ints, Ints]:
    """(code of the indication, begin of red, crossing) of each vehicle in a whole cycle."""
    signal = log.only(_SHOWN, (phase,))
    crossed = log.only((DETECTOR_ON,), channels).at_ns - round(latency_s * SECOND_NS)
    red_ns = _reds(signal)
    last = np.searchsorted(signal.at_ns, crossed, side="right") - 1
    inside = last >= 0
    inside[inside] = red_ns[last[inside]] >= 0
    last, crossed = last[inside], crossed[inside]
    return signal.code[last], red_ns[last], crossed


def _reds(signal: Log) -> Ints:
    """For each event of a phase the begin of red of its cycle; -1 when that is no whole cycle."""
    (greens,) = np.nonzero(signal.code == PHASE_GREEN)
    lengths = np.diff(np.concatenate((greens, [len(signal.code)])))
    first = greens[lengths == 3]
    pair = np.sort(np.column_stack((signal.code[first + 1], signal.code[first + 2])), axis=1)
    whole = first[(pair == (PHASE_YELLOW, PHASE_RED_CLEAR)).all(axis=1)]
    red = np.where(signal.code[whole + 1] == PHASE_RED_CLEAR, whole + 1, whole + 2)
    found = np.full(len(signal.code), -1, np.int64)
    for step in range(3):
        found[whole + step] = signal.at_ns[red]
    return found


def _halves(ns: Ints) -> npt.NDArray[np.int64]:
    """Nanoseconds in half seconds, rounded (away from zero at the quarter)."""
    halves = ns * 2 / SECOND_NS
    return np.copysign(np.floor(np.abs(halves) + 0.5), halves).astype(np.int64)
