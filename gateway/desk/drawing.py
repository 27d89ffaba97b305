"""Where on a drawing of an intersection do its lanes, stop lines and detectors lie?

Metres from the middle, x to the east and y to the north. With a surveyed geometry lanes run as they do;
without one every approach is straight, from the quarter that its phases' names tell (NB comes from the
south), or evenly around; then only the distances along the lanes are true.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from signal_control.model import Detector, Intersection, Lane

Point = tuple[float, float]
REACH_M: Final = 130.0
"""Lanes are drawn so far back from their stop lines."""
AROUND_M: Final = 150.0
WIDTH_M: Final = 3.2
_HEADINGS: Final = {"nb": (0.0, 1.0), "sb": (0.0, -1.0), "eb": (1.0, 0.0), "wb": (-1.0, 0.0)}
_WORD: Final = re.compile(r"(?:^|[^a-z])([nsew]b)(?:$|[^a-z])")
_FROM_LEFT: Final = {"left": 0, "through": 1, "right": 2}


def drawing(x: Intersection, geometry: Mapping[str, Any] | None) -> dict[str, Any]:
    """Lanes with stop lines, detectors as corners of their zones, and what surrounds them; plain values."""
    surveyed = {lane["id"]: lane for lane in (geometry or {}).get("lanes", ())}
    if geometry and all(lane.id in surveyed for lane in x.lanes) and x.lanes:
        middle = _middle([surveyed[lane.id]["shape"][-1] for lane in x.lanes])
        lines = {lane.id: _moved(surveyed[lane.id]["shape"], middle) for lane in x.lanes}
        widths = {lane.id: float(surveyed[lane.id]["width"]) for lane in x.lanes}
        around = _around(x, geometry, middle)
    else:
        lines, widths = _straight(x), {lane.id: WIDTH_M for lane in x.lanes}
        around = {"others": [], "junction": _box(lines), "crossings": []}
    back = {name: list(reversed(line)) for name, line in lines.items()}
    return {
        "surveyed": bool(around["others"]),
        "lanes": [_lane(lane, back[lane.id], widths[lane.id]) for lane in x.lanes],
        "detectors": [_detector(d, back[d.lane], widths[d.lane]) for d in x.detectors],
        **around,
    }


def along(line: Sequence[Point], distance_m: float) -> tuple[Point, Point]:
    """The point `distance_m` from the start of a line, and the direction there (unit vector).

    A line that is too short goes on straight ahead.
    """
    left = distance_m
    for n, (a, b) in enumerate(pairwise(line)):
        step = math.dist(a, b)
        if step > 0 and (left <= step or n == len(line) - 2):
            ux, uy = (b[0] - a[0]) / step, (b[1] - a[1]) / step
            return (a[0] + ux * left, a[1] + uy * left), (ux, uy)
        left -= step
    return line[0], (0.0, -1.0)


def _lane(lane: Lane, back: list[Point], width: float) -> dict[str, Any]:
    return {
        "id": lane.id,
        "link": lane.link,
        "phases": list(lane.phases),
        "turns": list(lane.turns),
        "width": width,
        "line": _rounded(_cut(back, min(REACH_M, lane.length_m))),
        "stop": _rounded(_across(back, 0.0, width)),
    }


def _detector(detector: Detector, back: list[Point], width: float) -> dict[str, Any]:
    near = _across(back, detector.distance_m, 0.8 * width)
    far = _across(back, detector.distance_m + max(2.0, detector.length_m), 0.8 * width)
    return {
        "channel": detector.channel,
        "lane": detector.lane,
        "role": detector.role,
        "distance_m": detector.distance_m,
        "length_m": detector.length_m,
        "corners": _rounded([near[0], near[1], far[1], far[0]]),
    }


def _across(back: Sequence[Point], distance_m: float, width: float) -> list[Point]:
    (x, y), (ux, uy) = along(back, distance_m)
    return [(x - uy * width / 2, y + ux * width / 2), (x + uy * width / 2, y - ux * width / 2)]


def _cut(line: Sequence[Point], length_m: float) -> list[Point]:
    """The first `length_m` metres of a line."""
    found, left = [line[0]], length_m
    for a, b in pairwise(line):
        step = math.dist(a, b)
        if step >= left:
            return [*found, along([a, b], left)[0]]
        found.append(b)
        left -= step
    return found


def _straight(x: Intersection) -> dict[str, list[Point]]:
    """Lanes from their far ends to their stop lines, side by side, the rightmost at the kerb."""
    links: dict[str, list[Lane]] = {}
    for lane in x.lanes:
        links.setdefault(lane.link, []).append(lane)
    box = 5.0 + WIDTH_M * max((len(lanes) for lanes in links.values()), default=1)
    headings = _headings(x, list(links))
    lines: dict[str, list[Point]] = {}
    for link, lanes in links.items():
        ux, uy = headings[link]
        in_order = sorted(lanes, key=lambda lane: sum(_FROM_LEFT[t] for t in lane.turns) / len(lane.turns))
        for n, lane in enumerate(in_order):
            aside = 0.6 + WIDTH_M * (n + 0.5)
            right: Point = (uy * aside, -ux * aside)
            far_m = box + min(REACH_M, lane.length_m)
            lines[lane.id] = [(right[0] - ux * m, right[1] - uy * m) for m in (far_m, box)]
    return lines


def _headings(x: Intersection, links: list[str]) -> dict[str, Point]:
    """Where each approach drives to: by the words of its phases or its own name, else evenly around."""
    found: dict[str, Point] = {}
    for n, link in enumerate(links):
        served = [x.phase(p).label for lane in x.lanes if lane.link == link for p in lane.phases]
        words = _WORD.search(" ".join([link, *served]).lower().replace("_", " "))
        angle = math.pi / 2 - 2 * math.pi * n / len(links)
        found[link] = _HEADINGS[words[1]] if words else (math.cos(angle), math.sin(angle))
    return found


def _around(x: Intersection, geometry: Mapping[str, Any], middle: Point) -> dict[str, Any]:
    """Other lanes, the junction and crossings nearby."""
    own = {lane.id for lane in x.lanes}
    near = [
        lane
        for lane in geometry.get("lanes", ())
        if lane["id"] not in own and min(math.dist(p, middle) for p in lane["shape"]) < 40.0
    ]
    junction = next((j["shape"] for j in geometry.get("junctions", ()) if j["id"] == x.id), ())
    return {
        "others": [_other(lane, middle) for lane in near],
        "junction": _rounded(_moved(junction, middle)),
        "crossings": [
            _other(c, middle)
            for c in geometry.get("crossings", ())
            if min(math.dist(p, middle) for p in c["shape"]) < 40.0
        ],
    }


def _other(shape: Mapping[str, Any], middle: Point) -> dict[str, Any]:
    """As much of it as lies nearby."""
    line = _moved(shape["shape"], middle)
    if math.hypot(*line[0]) > math.hypot(*line[-1]):
        line = list(reversed(line))
    return {"line": _rounded(_cut(line, AROUND_M)), "width": float(shape["width"])}


def _box(lines: Mapping[str, list[Point]]) -> list[Point]:
    reach = min((math.hypot(*line[-1]) for line in lines.values()), default=10.0) * 0.85
    return _rounded([(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)])


def _middle(points: Sequence[Sequence[float]]) -> Point:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _moved(shape: Sequence[Sequence[float]], middle: Point) -> list[Point]:
    return [(x - middle[0], y - middle[1]) for x, y in shape]


def _rounded(points: Sequence[Point]) -> list[Point]:
    return [(round(x, 2), round(y, 2)) for x, y in points]
