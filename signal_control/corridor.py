"""How well do neighbouring signals hand platoons on to each other, and which offsets would do it better?

Link pivot (Day and Bullock 2011): the arrivals that a signal sees, laid over its green in the cycle, say how
many would arrive on green if its offset were moved. Going from signal to signal, each move counts for the
links on both sides, so the best offsets of a whole corridor are found one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from signal_control.eventlog import SECOND_NS, Ints, Log, arrivals, ordered
from signal_control.events import PHASE_GREEN, PHASE_YELLOW
from signal_control.green_time import greens

Floats = npt.NDArray[np.float64]


class Profile(NamedTuple):
    """By second of the cycle: vehicles that arrive in a cycle, and the share of cycles that are green."""

    arrivals: Floats
    green: Floats

    def on_green(self, shift_s: int = 0) -> float:
        """Arrivals on green a cycle, if this signal's green began `shift_s` later."""
        return float(np.sum(self.arrivals * np.roll(self.green, shift_s)))


class Link(NamedTuple):
    """The way between two signals of a corridor, in both directions.

    `onward` is what the farther signal sees arrive from the nearer one, `back` what the nearer one sees.
    """

    onward: Profile
    back: Profile


class Move(NamedTuple):
    """How much later the green of a signal should begin (seconds), and what that does to arrivals on green.

    `before` and `after` are vehicles a cycle, both directions of the link together.
    """

    shift_s: int
    before: float
    after: float


def profile(
    at_ns: Ints, code: Ints, param: Ints, phase: int, channels: Sequence[int], cycle_s: int
) -> Profile:
    """Arrivals and greens of a phase over a common cycle that begins at whole multiples since the epoch."""
    log = ordered(at_ns, code, param)
    vehicles = np.bincount(_second(arrivals(log, channels), cycle_s), minlength=cycle_s)
    green, cycles = _green_by_second(log, phase, cycle_s)
    return Profile(vehicles / max(1, cycles), green / max(1, cycles))


def link_pivot(links: Sequence[Link], cycle_s: int) -> list[Move]:
    """The best shift of each farther signal, from the first link to the last.

    Moving a signal moves its green against what arrives there, and what it sends back against the nearer
    signal's green. The first signal stays. Of equal shifts the smaller is taken.
    """
    moves, moved = [], 0
    for link in links:
        gains = [_gained(link, shift, moved) for shift in range(cycle_s)]
        best = int(np.argmax(np.round(gains, 9)))
        moves.append(Move(best, _gained(link, 0, 0), gains[best]))
        moved = best
    return moves


class Leg(NamedTuple):
    """A signal in a time-space diagram: metres from the first, and its greens (begin, end; ns)."""

    at_m: float
    greens: tuple[tuple[int, int], ...]


class Band(NamedTuple):
    """A car that goes through on green: when it leaves the first signal, and when it passes each."""

    leaves_ns: int
    passes_ns: tuple[int, ...]


def bands(legs: Sequence[Leg], speed_mps: float, step_s: float = 1.0) -> list[Band]:
    """Cars that pass every signal of a corridor on green at `speed_mps`, one each `step_s` of green.

    Legs are in order of travel. Raises ValueError when the speed is not above 0.
    """
    if speed_mps <= 0:
        raise ValueError(f"a speed of {speed_mps:g} m/s passes nothing")
    step_ns = round(step_s * SECOND_NS)
    starts = [np.arange(begin, end, step_ns) for begin, end in legs[0].greens] if legs else []
    leaves = np.concatenate(starts) if starts else np.empty(0, np.int64)
    passes = [leaves + round((leg.at_m - legs[0].at_m) / speed_mps * SECOND_NS) for leg in legs]
    kept = np.ones(len(leaves), np.bool_)
    for leg, at_ns in zip(legs, passes, strict=True):
        kept &= _on_green(leg, at_ns)
    table = np.column_stack(passes)[kept].tolist() if kept.any() else []
    return [Band(row[0], tuple(row)) for row in table]


def _gained(link: Link, shift_s: int, upstream_s: int) -> float:
    """Arrivals on green of both directions when the farther green moves by `shift_s`.

    What arrives moves with the signal that sent it.
    """
    onward = link.onward.on_green(shift_s - upstream_s)
    back = link.back.on_green(upstream_s - shift_s)
    return onward + back


def _second(at_ns: Ints, cycle_s: int) -> npt.NDArray[np.int64]:
    return (at_ns // SECOND_NS % cycle_s).astype(np.int64)


def _green_by_second(log: Log, phase: int, cycle_s: int) -> tuple[Floats, int]:
    """How often each second of the cycle was green, and over how many cycles."""
    begins, ends = greens(log.only((PHASE_GREEN, PHASE_YELLOW), (phase,)), phase, cycle_s * SECOND_NS)
    seconds = np.zeros(cycle_s)
    for begin, end in zip((begins // SECOND_NS).tolist(), (ends // SECOND_NS).tolist(), strict=True):
        inside = np.arange(begin, min(end, begin + cycle_s)) % cycle_s
        seconds[inside] += 1.0
    span_s = (int(log.at_ns[-1]) - int(log.at_ns[0])) / SECOND_NS if len(log.at_ns) else 0.0
    return seconds, max(1, round(span_s / cycle_s))


def _on_green(leg: Leg, at_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of these times lie within a green of this signal; greens are in order of time."""
    begins, ends = np.array(leg.greens, np.int64).reshape(-1, 2).T
    row = np.searchsorted(begins, at_ns, side="right") - 1
    found: npt.NDArray[np.bool_] = (row >= 0) & (at_ns < np.concatenate((ends, [0]))[row])
    return found
