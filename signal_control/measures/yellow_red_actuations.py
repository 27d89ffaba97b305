"""Who crossed the stop line in yellow or red, and how late?

Switch-on events of stop-bar count detectors, told by their distance from the begin of red clearance (10),
in half seconds: negative is before. Only cycles with exactly one green, yellow and red clearance count; a
phase's detectors are those of its stop bar. The latency of detection, if known, is taken off first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW

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
    counts: dict[tuple[int, int, Shown, float], int] = {}
    for phase, own in sorted((channels or {}).items()):
        for shown, red_ns, crossed_ns in _crossings(log, phase, own, latency_s):
            key = (red_ns // bin_ns * bin_ns, phase, shown, _half_seconds(crossed_ns - red_ns))
            counts[key] = counts.get(key, 0) + 1
    return [YellowRedActuations(*key, n) for key, n in sorted(counts.items())]


def _crossings(
    log: Log, phase: int, channels: Iterable[int], latency_s: float
) -> Iterator[tuple[Shown, int, int]]:
    """(indication, begin of red, crossing) of each vehicle in a whole cycle."""
    signal = log.only((PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR), (phase,))
    crossed = log.only((DETECTOR_ON,), channels).at_ns - round(latency_s * SECOND_NS)
    cycle = np.cumsum(signal.code == PHASE_GREEN)
    last = np.searchsorted(signal.at_ns, crossed, side="right") - 1
    whole = {}
    for number in np.unique(cycle[cycle > 0]):
        codes = signal.code[cycle == number]
        if sorted(codes.tolist()) == [PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR]:
            whole[int(number)] = int(signal.at_ns[cycle == number][codes == PHASE_RED_CLEAR][0])
    for at, row in zip(crossed.tolist(), last.tolist(), strict=True):
        if row >= 0 and int(cycle[row]) in whole:
            yield _SHOWN[int(signal.code[row])], whole[int(cycle[row])], at


def _half_seconds(ns: int) -> float:
    """Nanoseconds as seconds, rounded to halves (away from zero at the quarter)."""
    halves = ns * 2 / SECOND_NS
    return math.copysign(math.floor(abs(halves) + 0.5), halves) / 2 if halves else 0.0
