"""How is a value of several strategies drawn, seeds and interval included, as SVG inside a page?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from simulators.evaluate_measures import Mean

WIDTH: Final = 720
LABELS: Final = 190
ROW: Final = 30
TOP: Final = 26
TICKS: Final = 6

_Scale = Callable[[float], float]


def dots(title: str, rows: Mapping[str, tuple[Sequence[float], Mean]], zero: bool = True) -> str:
    """One row per strategy: a dot per seed, the mean, and its 95 % interval; `zero` keeps 0 in view."""
    values = [v for seeds, _ in rows.values() for v in seeds if not math.isnan(v)]
    if not values:
        return ""
    ends = [m.value + s * m.half_width for _, m in rows.values() for s in (-1, 1)]
    inside = [*values, *(e for e in ends if not math.isnan(e)), *([0.0] if zero else [])]
    low, high = min(inside), max(inside)
    step = _step((high - low) / TICKS)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    high = high if high > low else low + step
    height = TOP + ROW * len(rows) + 22

    def x(value: float) -> float:
        return LABELS + (WIDTH - LABELS - 20) * (value - low) / (high - low)

    parts = [_grid(low, high, step, height, x)]
    for place, (name, (seeds, mean)) in enumerate(rows.items()):
        y = TOP + ROW * place + ROW / 2
        parts.append(f'<text x="{LABELS - 10}" y="{y + 4:.0f}" text-anchor="end">{escape(name)}</text>')
        parts += [f'<circle class="seed" cx="{x(v):.1f}" cy="{y:.0f}" r="4"/>' for v in seeds if v == v]
        parts.append(_interval(mean, x, y))
    shapes = "".join(parts)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{shapes}</svg></figure>'
    )


def _interval(mean: Mean, x: _Scale, y: float) -> str:
    if math.isnan(mean.value):
        return ""
    bar = ""
    if not math.isnan(mean.half_width):
        a, b = x(mean.value - mean.half_width), x(mean.value + mean.half_width)
        bar = f'<line class="interval" x1="{a:.1f}" x2="{b:.1f}" y1="{y:.0f}" y2="{y:.0f}"/>'
    at = x(mean.value)
    return f'{bar}<line class="mean" x1="{at:.1f}" x2="{at:.1f}" y1="{y - 8:.0f}" y2="{y + 8:.0f}"/>'


def _grid(low: float, high: float, step: float, height: int, x: _Scale) -> str:
    lines = []
    for n in range(round((high - low) / step) + 1):
        value = low + n * step
        kind = "zero" if abs(value) < step / 1e6 else "grid"
        at, foot = f"{x(value):.1f}", height - 20
        lines.append(f'<line class="{kind}" x1="{at}" x2="{at}" y1="{TOP - 8}" y2="{foot}"/>')
        lines.append(f'<text class="tick" x="{at}" y="{height - 5}" text-anchor="middle">{value:g}</text>')
    return "".join(lines)


def _step(rough: float) -> float:
    """A round number not below `rough`: 1, 2 or 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(rough))
    return next((float(f"{k * unit:.12g}") for k in (1, 2, 5) if k * unit >= rough), 10 * unit)
