"""Which views does the desk have? Every file in static/desk/views says so in its first line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parents[1] / "board" / "static" / "desk" / "views"
GROUPS: Final = {
    "city": "City",
    "intersection": "Intersection",
    "progression": "Progression",
    "phases": "Phases",
    "traffic": "Traffic",
    "people": "Pedestrians and priority",
    "detectors": "Detectors",
    "control": "Control",
}
"""The headings of the navigation, in order."""

_FIRST: Final = re.compile(r"// (?P<title>[^|]+) \| (?P<group>[a-z]+) \| (?P<place>\d+) \| (?P<about>[^|]+)")


class ViewError(Exception):
    """A file in the folder is no view; the text says what is wrong with it."""


class View(NamedTuple):
    """A view: its name in the address (the file's), title, group, place in the group, and what it answers."""

    id: str
    title: str
    group: str
    place: int
    about: str


@cache
def views(folder: Path = FOLDER) -> tuple[View, ...]:
    """Every view in the order of the navigation. Raises ViewError."""
    order = list(GROUPS)
    found = [_view(path) for path in sorted(folder.glob("*.js"))]
    return tuple(sorted(found, key=lambda v: (order.index(v.group), v.place, v.title)))


def _view(path: Path) -> View:
    with path.open(encoding="utf-8") as file:
        line = file.readline().strip()
    first = _FIRST.fullmatch(line)
    if first is None:
        raise ViewError(f"{path.name}:1: it must read '// Title | group | place | What it answers.'")
    if first["group"] not in GROUPS:
        raise ViewError(f"{path.name}:1: no group named '{first['group']}'; there are: {', '.join(GROUPS)}")
    return View(path.stem, first["title"], first["group"], int(first["place"]), first["about"])
