"""How does a comparison become one page that needs nothing else, on a screen and on paper?"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from gateway.reports.before_after.compare import Comparison, Course, Row
from gateway.reports.before_after.words import HEADINGS, METHOD, cells, clock, number, period, side_of, title

_WIDTH: Final = 680.0
_HEIGHT: Final = 150.0
_LEFT: Final = 46.0
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #15191c; --dim: #575f66; --line: #dcdfe2;
  --after: #1c5fd0; --paper: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaec; --dim: #9aa3aa; --line: #272d31; --after: #74a9ff; --paper: #0f1214 } }
@media print { :root { --ink: #000; --dim: #444; --line: #bbb; --after: #1c5fd0; --paper: #fff }
  section { break-inside: avoid-page } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 960px;
  margin: 2rem auto; padding: 0 1rem; font-variant-numeric: tabular-nums }
h1 { font-size: 1.4rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
h3 { font-size: 1rem }
table { border-collapse: collapse; width: 100% } .scroll { overflow-x: auto }
th, td { padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; font-weight: 400; vertical-align: baseline }
thead th { color: var(--dim); font-size: .85rem }
th:first-child, td:first-child { text-align: left; white-space: normal }
.verdict { color: var(--dim); font-size: .85rem; display: block } .clear { font-weight: 600 }
.dim, figcaption, li { color: var(--dim) } ul { padding-left: 1.2rem }
figure { margin: 1rem 0 } svg { width: 100%; height: auto; max-width: 720px }
svg text { font-size: 11px; fill: var(--dim) } .grid { stroke: var(--line) }
.before { stroke: var(--dim); stroke-dasharray: 4 3; fill: none; stroke-width: 1.6 }
.after { stroke: var(--after); fill: none; stroke-width: 2 }
"""


def page(found: Sequence[Comparison]) -> str:
    """The report as HTML; printing it is meant."""
    body = [
        "<h1>Before and after</h1>",
        *(_section(one) for one in found),
        f"<p class='dim'>{escape(METHOD)}</p>",
    ]
    if found:
        body.append(
            f"<p class='dim'>Seed of the bootstrap: {found[0].seed}; the same data give the same numbers.</p>"
        )
    view = "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    names = ", ".join(one.intersection for one in found)
    head = (
        f"<meta charset='utf-8'>{view}<title>Before and after: {escape(names)}</title><style>{_STYLE}</style>"
    )
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(body)}</body></html>\n"


def _section(one: Comparison) -> str:
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in one.remarks)
    rows = "".join(_row(row) for row in one.rows)
    heads = "".join(f"<th scope='col'>{escape(heading)}</th>" for heading in HEADINGS)
    table = f"<div class='scroll'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    headings = {row.key: row.heading for row in one.rows}
    shown = [course for course in one.courses if course.key in headings]
    figures = "".join(_figure(headings[course.key], course) for course in shown)
    before, after = (escape(period(side, one.timezone)) for side in (one.before, one.after))
    return (
        f"<section><h2>{escape(title(one))}</h2>"
        f"<p>Before: {before}<br>After: {after}"
        f"<br><span class='dim'>Times are those of {escape(one.timezone)}.</span></p>"
        f"<ul>{remarks}</ul>{table if one.rows else ''}{figures}</section>"
    )


def _row(row: Row) -> str:
    heading, *rest = cells(row)
    clear = " class='clear'" if row.low is not None and not (row.low <= 0 <= (row.high or 0)) else ""
    first = f"<th scope='row'>{escape(heading)}<span class='verdict'>{escape(row.verdict)}</span></th>"
    others = "".join(f"<td{clear if n == 2 else ''}>{escape(cell)}</td>" for n, cell in enumerate(rest))
    return f"<tr>{first}{others}</tr>"


def _figure(heading: str, course: Course) -> str:
    """Both periods over the slots they have in common, day after day."""
    top = max((max(b, a) for _, _, b, a in course.points), default=0.0) * 1.08 or 1.0
    step = (_WIDTH - _LEFT) / max(1, len(course.points) - 1)
    lines = "".join(
        f"<path class='{side}' d='{_path(side_of(course, n), step, top)}'/>"
        for n, side in enumerate(("before", "after"))
    )
    days = [(n, p[0]) for n, p in enumerate(course.points) if n == 0 or course.points[n - 1][0] != p[0]]
    marks = "".join(
        f"<line class='grid' x1='{_LEFT + n * step:.1f}' x2='{_LEFT + n * step:.1f}' y1='0' y2='{_HEIGHT}'/>"
        f"<text x='{_LEFT + n * step + 3:.1f}' y='{_HEIGHT + 14}'>{escape(slot)}</text>"
        for n, day in days
        for slot in (f"{day} {clock(course.points[n][1])}",)
    )
    digits = 0 if top >= 20 else 1
    scale = "".join(
        f"<line class='grid' x1='{_LEFT}' x2='{_WIDTH}' y1='{y:.1f}' y2='{y:.1f}'/>"
        f"<text x='{_LEFT - 6}' y='{y + 4:.1f}' text-anchor='end'>{number(value, digits)}</text>"
        for value in (0.0, top / 2)
        for y in (_HEIGHT * (1 - value / top),)
    )
    told = f"{heading}: dashed before, solid after"
    box = f"viewBox='0 -8 {_WIDTH} {_HEIGHT + 28}'"
    drawn = f"<svg {box} role='img' aria-label='{escape(told)}'>{scale}{marks}{lines}</svg>"
    return f"<figure><figcaption>{escape(told)}</figcaption>{drawn}</figure>"


def _path(values: Sequence[float], step: float, top: float) -> str:
    return " ".join(
        f"{'L' if n else 'M'}{_LEFT + n * step:.1f} {_HEIGHT * (1 - value / top):.1f}"
        for n, value in enumerate(values)
    )
