"""Which splits give each phase the share of the cycle that a strategy asked for it?

For controllers whose phases cannot be held, but whose splits can be written (as ACS-Lite did): what was asked
for, second by second, over one cycle becomes the splits of the next, in small steps, within minimums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from signal_control.model import Intersection, Phase

STEP_S: Final = 3
"""A split changes by no more than this from cycle to cycle; coordination survives small steps."""
ASKED_SHARE: Final = 0.5
"""Splits stay as they are when less than this share of the cycle was asked for at all."""

Splits = dict[int, int]
"""Whole seconds by phase, yellow and red clearance included."""


def shortest_s(phase: Phase) -> int:
    """The least split that cuts nothing."""
    return math.ceil(max(phase.min_green_s, phase.ped_s) + phase.clearance_s - 1e-6)


def next_splits(node: Intersection, now: Mapping[int, int], asked_s: Mapping[int, float]) -> Splits:
    """The splits of the next cycle; rings go on to cross barriers together and to fill the same cycle.

    `now` are the present splits, `asked_s` the seconds for which each phase was asked for in the last cycle.
    """
    rings = list(node.rings().values())
    barriers = list(dict.fromkeys(phase.barrier for phase in rings[0]))
    groups = {b: [[p for p in ring if p.barrier == b] for ring in rings] for b in barriers}
    wanted = {b: max(_asked(row, asked_s) for row in rows) for b, rows in groups.items()}
    cycle_s = sum(now[phase.number] for phase in rings[0])
    if sum(wanted.values()) < ASKED_SHARE * cycle_s:
        return dict(now)
    lengths = _lengths(groups, now, wanted, cycle_s)
    found: Splits = {}
    for barrier, rows in groups.items():
        for row in rows:
            found.update(_row(row, now, asked_s, lengths[barrier]))
    return found


def fit(targets: Sequence[float], lows: Sequence[int], highs: Sequence[int], total: int) -> list[int]:
    """Whole numbers near `targets` that sum to `total`, within bounds; highs give way before the sum does."""
    values = [
        min(max(round(t), low), max(low, high)) for t, low, high in zip(targets, lows, highs, strict=True)
    ]
    bounds = [list(highs), [total] * len(values)]
    while (missing := total - sum(values)) != 0:
        step = 1 if missing > 0 else -1
        open_ = [n for n, v in enumerate(values) if (v < bounds[0][n] if step > 0 else v > lows[n])]
        if not open_:
            if step < 0 or len(bounds) == 1:
                raise ValueError(f"{total} s cannot hold {list(lows)}")
            bounds.pop(0)
            continue
        place = max(open_, key=lambda n: step * (targets[n] - values[n]))
        values[place] += step
    return values


def _lengths(
    groups: Mapping[int, list[list[Phase]]], now: Mapping[int, int], wanted: Mapping[int, float], cycle_s: int
) -> dict[int, int]:
    """How long each barrier group is to last."""
    total_s = sum(wanted.values())
    present = {b: sum(now[p.number] for p in rows[0]) for b, rows in groups.items()}
    lows = [
        max(max(sum(map(shortest_s, row)) for row in rows), present[b] - STEP_S) for b, rows in groups.items()
    ]
    highs = [present[b] + STEP_S for b in groups]
    targets = [cycle_s * wanted[b] / total_s for b in groups]
    lows = [min(low, present[b]) for low, b in zip(lows, groups, strict=True)]
    return dict(zip(groups, fit(targets, lows, highs, cycle_s), strict=True))


def _row(row: Sequence[Phase], now: Mapping[int, int], asked_s: Mapping[int, float], length_s: int) -> Splits:
    total_s = _asked(row, asked_s)
    share = {p.number: asked_s.get(p.number, 0.0) if total_s else now[p.number] for p in row}
    whole = sum(share.values())
    targets = [length_s * share[p.number] / whole for p in row]
    lows = [max(shortest_s(p), now[p.number] - STEP_S) for p in row]
    if sum(lows) > length_s:  # the group has become shorter than small steps allow
        lows = [shortest_s(p) for p in row]
    highs = [now[p.number] + STEP_S for p in row]
    return dict(zip((p.number for p in row), fit(targets, lows, highs, length_s), strict=True))


def _asked(row: Sequence[Phase], asked_s: Mapping[int, float]) -> float:
    return sum(asked_s.get(phase.number, 0.0) for phase in row)
