"""How does a comparison become a PDF?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from gateway.reports.before_after.compare import Comparison, Course
from gateway.reports.before_after.words import HEADINGS, METHOD, cells, clock, number, period, side_of, title

_WIDTHS: Final = (46, 19, 19, 20, 34, 41, 11)
_BLUE: Final = (28, 95, 208)
_GREY: Final = (87, 95, 102)
_CHART_MM: Final = (170.0, 30.0)


def paper(found: Sequence[Comparison]) -> bytes:
    """The report as PDF, A4; the same data give the same bytes but for the date."""
    pdf = FPDF(format="A4")
    pdf.set_title("Before and after")
    pdf.set_auto_page_break(True, margin=15)
    for one in found:
        _section(pdf, one)
    if found:
        _grey(pdf, f"{METHOD} Seed of the bootstrap: {found[0].seed}.")
    return bytes(pdf.output())


def _section(pdf: FPDF, one: Comparison) -> None:
    pdf.add_page()
    _line(pdf, f"Before and after: {title(one)}", 16, "B")
    pdf.ln(1)
    for word, side in (("Before", one.before), ("After", one.after)):
        _line(pdf, f"{word}: {period(side, one.timezone)} ({one.timezone})", 9)
    pdf.ln(1)
    for remark in one.remarks:
        _grey(pdf, f"- {remark}")
    pdf.ln(2)
    if one.rows:
        _table(pdf, one)
        headings = {row.key: row.heading for row in one.rows}
        for course in one.courses:
            if course.key in headings:
                _chart(pdf, headings[course.key], course)


def _table(pdf: FPDF, one: Comparison) -> None:
    pdf.set_font("helvetica", size=8)
    head = FontFace(emphasis="BOLD", color=_GREY)
    alike = ("LEFT", *("RIGHT",) * (len(HEADINGS) - 1))
    with pdf.table(
        col_widths=_WIDTHS, text_align=alike, headings_style=head, borders_layout="HORIZONTAL_LINES"
    ) as table:
        table.row([_latin(h) for h in HEADINGS])
        for row in one.rows:
            table.row([_latin(cell) for cell in cells(row)])
            line = table.row()
            line.cell(_latin(row.verdict), colspan=len(HEADINGS), style=FontFace(color=_GREY))
    pdf.ln(3)


def _chart(pdf: FPDF, heading: str, course: Course) -> None:
    """Both periods over the slots they have in common: grey before, blue after."""
    width, height = _CHART_MM
    if pdf.get_y() + height + 16 > pdf.h - 15:
        pdf.add_page()
    _line(pdf, f"{heading}: grey before, blue after", 9)
    x0, y0 = pdf.l_margin + 12, pdf.get_y() + 2
    top = max((max(b, a) for _, _, b, a in course.points), default=0.0) * 1.08 or 1.0
    pdf.set_draw_color(200, 200, 200)
    pdf.set_font("helvetica", size=7)
    for value in (0.0, top / 2):
        y = y0 + height * (1 - value / top)
        pdf.line(x0, y, x0 + width, y)
        pdf.text(x0 - 11, y + 1, number(value, 0 if top >= 20 else 1))
    step = width / max(1, len(course.points) - 1)
    for n, color in enumerate((_GREY, _BLUE)):
        pdf.set_draw_color(*color)
        values = side_of(course, n)
        points = [(x0 + i * step, y0 + height * (1 - v / top)) for i, v in enumerate(values)]
        pdf.polyline(points)
    for i, point in enumerate(course.points):
        if i == 0 or course.points[i - 1][0] != point[0]:
            pdf.text(x0 + i * step, y0 + height + 4, f"{point[0]} {clock(point[1])}")
    pdf.set_y(y0 + height + 7)


def _line(pdf: FPDF, text: str, size: int, style: str = "") -> None:
    pdf.set_font("helvetica", style=style, size=size)
    pdf.multi_cell(0, size * 0.45, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _grey(pdf: FPDF, text: str) -> None:
    pdf.set_text_color(*_GREY)
    _line(pdf, text, 9)
    pdf.set_text_color(0, 0, 0)


def _latin(text: str) -> str:
    """The text in the letters that PDF's own fonts have; what they lack is a question mark."""
    plain = text.replace("\u2212", "-").replace("\u2013", "-")
    return plain.encode("latin-1", "replace").decode("latin-1")
