"""How is a decision told to a traffic engineer at a terminal?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from gateway.explain.why import End, Why

SHOWN: Final = 8
"""Candidates shown; the rest are counted."""


def lines(found: Why) -> Iterator[str]:
    """The answer, line by line."""
    yield f"{found.intersection} at {_clock(found.asked_ns)} UTC"
    yield from _ended(found.ends)
    change = f"{_phases(found.before)} -> {_phases(found.serve)}"
    yield f"Decided at {_clock(found.at_ns)} by {found.strategy}: {change}"
    yield f"  {found.reason}"
    yield f"  Binding rule: {found.binding or 'none, the strategy decided'}"
    for candidate in found.candidates[:SHOWN]:
        served = "+".join(map(str, candidate.serve)) or "none"
        yield f"  {served:>10} {candidate.score:>10.2f}  {candidate.note}"
    if len(found.candidates) > SHOWN:
        yield f"  ... and {len(found.candidates) - SHOWN} more candidates"
    again = found.again
    if again.fault:
        yield f"Decided again: {again.fault}."
    elif again.same:
        yield "Decided again from the stored inputs: the same."
    else:
        yield f"Decided again from the stored inputs: NOT the same: {_phases(again.serve)}: {again.reason}"


def _ended(ends: tuple[End, ...]) -> Iterator[str]:
    newest = {end.phase: end for end in ends}
    for end in sorted(newest.values(), key=lambda e: e.at_ns):
        length = f" after {end.green_s:g} s of green" if end.green_s is not None else ""
        yield f"Phase {end.phase} ended at {_clock(end.at_ns)}{length} ({end.cause or 'no cause logged'})."


def _phases(served: str) -> str:
    return "phases " + served.replace(",", "+") if served else "the local plan"


def _clock(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}"
