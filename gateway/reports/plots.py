"""How does a measure look on a terminal, where a picture says more than rows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from gateway.reports.cells import Cells

WIDE: Final = 96
TALL: Final = 16
BARS: Final = " ▁▂▃▄▅▆▇█"
MAIN: Final[Mapping[str, tuple[str, str, float]]] = {
    "actuations": ("total", "actuations", 1.0),
    "approach_delay": ("average_s", "s per vehicle", 1.0),
    "approach_speed": ("average_mps", "km/h", 3.6),
    "arrivals_on_green": ("on_green", "% on green", 100.0),
    "hcm_delay": ("delay_s", "s per vehicle", 1.0),
    "pedestrian_delay": ("average_s", "s", 1.0),
    "pedestrian_volume": ("people", "people", 1.0),
    "platoon_ratio": ("platoon_ratio", "platoon ratio", 1.0),
    "split_failures": ("failures", "split failures", 1.0),
    "split_monitor": ("average_s", "s", 1.0),
    "turning_movement_counts": ("veh_h", "vehicles per hour", 1.0),
    "wait_time": ("average_s", "s", 1.0),
}
"""The column that is drawn, its unit, and by what it is multiplied."""
SYMBOLS: Final = {"gap_out": ("o", "green"), "max_out": ("X", "red"), "force_off": ("#", "blue")}

Place = tuple[str, int]
"""Device, and phase (movement, channel)."""


class Axis(NamedTuple):
    """Time along a row of WIDE characters, ns since the epoch."""

    begin: int
    end: int

    def column(self, at_ns: int) -> int:
        """Where a time stands."""
        return min(WIDE - 1, (at_ns - self.begin) * WIDE // max(1, self.end - self.begin))

    def words(self, margin: int) -> Text:
        """The times below a chart."""
        first, last = (datetime.fromtimestamp(t / 1e9, UTC).strftime("%Y-%m-%d %H:%M") for t in self)
        return Text(" " * margin + first + last.rjust(WIDE - len(first)), style="dim")


def is_drawn(measure: str) -> bool:
    """Whether a measure has a form of its own on a terminal."""
    return measure in MAIN or measure in ("purdue_coordination_diagram", "phase_termination")


def drawn(found: Cells, measure: str) -> RenderableType:
    """The rows of a measure as a chart of characters; for terminations the single ones are wanted."""
    if measure == "purdue_coordination_diagram":
        return _coordination(found)
    return _terminations(found) if measure == "phase_termination" else _bars(found, measure)


def _bars(found: Cells, measure: str) -> RenderableType:
    column, unit, scale = MAIN[measure]
    time, key, value = 0, 1, found.columns.index(column)
    axis = _axis(row[time] for _, row in found.rows)
    series: dict[Place, list[tuple[int, float]]] = {}
    for device, row in found.rows:
        series.setdefault((device, row[key]), []).append((row[time], scale * row[value]))
    most = max(v for own in series.values() for _, v in own) or 1.0
    name = found.columns[key]
    lines = [Text(f"{measure}, {unit}; a full bar is {most:.3g}", style="bold")]
    for (device, number), own in sorted(series.items()):
        mean = sum(v for _, v in own) / len(own)
        label = f"{device} {name} {number}"
        lines.append(Text.assemble((f"{label:>20} ", "dim"), _row(own, axis, most), f" mean {mean:.1f}"))
    return Group(*lines, axis.words(21))


def _row(own: Sequence[tuple[int, float]], axis: Axis, most: float) -> str:
    """The mean of each column's values as a bar; a dot where there is none."""
    sums: dict[int, list[float]] = {}
    for at, value in own:
        sums.setdefault(axis.column(at), []).append(value)
    cells = ["·"] * WIDE
    for i, values in sums.items():
        height = sum(values) / len(values) / most
        cells[i] = BARS[max(1, min(8, round(8 * height)))] if height > 0 else "_"
    return "".join(cells)


def _terminations(found: Cells) -> RenderableType:
    axis = _axis(row[0] for _, row in found.rows)
    shown: dict[Place, dict[int, str]] = {}
    for device, (at, phase, cause) in found.rows:
        cells = shown.setdefault((device, phase), {})
        before = cells.get(axis.column(at))
        worst = max(filter(None, (before, cause)), key=list(SYMBOLS).index)
        cells[axis.column(at)] = worst
    key = Text("; ".join(f"{sign} {cause.replace('_', '-')}" for cause, (sign, _) in SYMBOLS.items()))
    lines = [Text("phase_termination, the weightiest of each column", style="bold"), key]
    for (device, phase), cells in sorted(shown.items()):
        line = Text(f"{f'{device} phase {phase}':>20} ", style="dim")
        for i in range(WIDE):
            sign, color = SYMBOLS[cells[i]] if i in cells else (" ", "default")
            line.append(sign, style=f"not dim {color}")
        lines.append(line)
    return Group(*lines, axis.words(21))


def _coordination(found: Cells) -> RenderableType:
    axis = _axis(row[0] for _, row in found.rows)
    by_phase: dict[Place, list[tuple[Any, ...]]] = {}
    for device, row in found.rows:
        by_phase.setdefault((device, row[1]), []).append(row)
    parts: list[RenderableType] = []
    for (device, phase), rows in sorted(by_phase.items()):
        arrivals = [row for row in rows if row[2] == "arrival"]
        on_green = sum(row[4] for row in arrivals)
        share = f", {on_green / len(arrivals):.0%} on green" if arrivals else ""
        parts.append(Text(f"{device} phase {phase}: {len(arrivals):,} arrivals{share}", style="bold"))
        parts += _diagram(rows, axis)
    return Group(*parts, axis.words(6))


def _diagram(rows: Sequence[tuple[Any, ...]], axis: Axis) -> list[Text]:
    """Seconds since red upwards, time to the right; G, Y and R are the means of the three lines."""
    ends = sorted(row[3] for row in rows if row[2] == "end")
    high = max(10.0, 1.2 * ends[len(ends) * 9 // 10]) if ends else 10.0
    grid: dict[tuple[int, int], tuple[str, str]] = {}
    counts: dict[tuple[int, int], int] = {}
    lines: dict[tuple[int, str], list[float]] = {}
    for at, _, what, since_s, _ in rows:
        column = axis.column(at)
        if what == "arrival":
            cell = (column, int(since_s / high * TALL))
            counts[cell] = counts.get(cell, 0) + 1
        else:
            lines.setdefault((column, what), []).append(since_s)
    for cell, n in counts.items():
        grid[cell] = (".:*"[min(2, n // 3)], "default")
    for (column, what), values in lines.items():
        sign, color = {"green": ("G", "green"), "yellow": ("Y", "yellow"), "end": ("R", "red")}[what]
        grid[column, int(sum(values) / len(values) / high * TALL)] = (sign, color)
    drawn_: list[Text] = []
    for level in range(TALL - 1, -1, -1):
        line = Text(f"{high * level / TALL:4.0f} s", style="dim")
        for column in range(WIDE):
            sign, color = grid.get((column, level), (" ", "default"))
            line.append(sign, style=f"not dim {color}")
        drawn_.append(line)
    return drawn_


def _axis(times: Iterable[int]) -> Axis:
    there = list(times)
    return Axis(min(there), max(there) + 1)
