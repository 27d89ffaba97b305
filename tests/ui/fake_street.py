"""What does a street of five intersections look like? Drawn for tests of the board, driven nowhere."""

from __future__ import annotations

from typing import Any

WIDTH_M = 3.2
BOX_M = 13.0
POCKET_M = 60.0
SIDE_M = 130.0
NAMES = ("Harbour St", "Mill Lane", "Station Rd", "Cathedral Sq", "University Ave")
X_M = (0.0, 310.0, 590.0, 940.0, 1250.0)
SMALL = (1, 3)
"""Intersections without protected side-street lefts."""

LABELS = {
    1: "WB left",
    2: "EB through",
    3: "SB left",
    4: "NB through",
    5: "EB left",
    6: "WB through",
    7: "NB left",
    8: "SB through",
}
DIRECTIONS = {"eb": (1, 0), "wb": (-1, 0), "nb": (0, 1), "sb": (0, -1)}
THROUGH = {"eb": 2, "wb": 6, "nb": 4, "sb": 8}
LEFT = {"eb": 5, "wb": 1, "nb": 7, "sb": 3}

Point = tuple[float, float]


def intersections() -> list[dict[str, Any]]:
    """Five intersections in the shape of the board's city()."""
    return [_intersection(i) for i in range(len(NAMES))]


def geometry() -> dict[str, Any]:
    """Lanes, junctions, crossings and bus stops in metres, y up."""
    lanes: list[dict[str, Any]] = []
    for i, x in enumerate(X_M):
        for direction in DIRECTIONS:
            lanes += _approach(i, x, direction)
            lanes += _exit(i, x, direction)
    return {
        "bounds": [X_M[0] - 200, -SIDE_M - BOX_M, X_M[-1] + 200, SIDE_M + BOX_M],
        "lanes": lanes,
        "junctions": [_junction(i, x) for i, x in enumerate(X_M)],
        "crossings": [crossing for i, x in enumerate(X_M) for crossing in _crossings(i, x)],
        "edges": [],
        "stops": [
            {"id": "Market", "line": "10", "x": 450, "y": -9},
            {"id": "Museum", "line": "10", "x": 770, "y": 9},
        ],
    }


def _numbers(i: int) -> list[int]:
    return [1, 2, 4, 5, 6, 8] if i in SMALL else list(range(1, 9))


def _intersection(i: int) -> dict[str, Any]:
    numbers = _numbers(i)
    rings = [[n for n in ring if n in numbers] for ring in ((1, 2, 3, 4), (5, 6, 7, 8))]
    barriers = [[n for n in group if n in numbers] for group in ((1, 2, 5, 6), (3, 4, 7, 8))]
    return {
        "id": f"x{i + 1}",
        "name": NAMES[i],
        "rings": rings,
        "barriers": barriers,
        "phases": [_phase(n) for n in numbers],
        "lanes": [lane for direction in DIRECTIONS for lane in _lanes(i, direction)],
    }


def _phase(number: int) -> dict[str, Any]:
    main, left = number in (2, 6), number % 2 == 1
    return {
        "number": number,
        "label": LABELS[number],
        "ring": 1 if number <= 4 else 2,
        "barrier": 1 if number in (1, 2, 5, 6) else 2,
        "min_green_s": 4 if left else 8,
        "max_green_s": 45 if main else 20 if left else 30,
        "yellow_s": 3.5,
        "red_clear_s": 1.5,
        "walk_s": 0 if left else 7,
        "ped_clear_s": 0 if left else 12,
    }


def _lanes(i: int, direction: str) -> list[dict[str, Any]]:
    link, through, left = f"x{i + 1}_{direction}", THROUGH[direction], LEFT[direction]
    left = left if left in _numbers(i) else through
    layout: list[tuple[int, list[str]]] = [(through, ["through", "right"])]
    if direction in ("eb", "wb"):
        layout.append((through, ["through"]))
    layout.append((left, ["left"]))
    return [
        {"id": f"{link}_{n}", "link": link, "phases": [phase], "turns": turns, "length_m": POCKET_M}
        for n, (phase, turns) in enumerate(layout)
    ]


def _along(x: float, direction: str, ahead: float, right: float) -> Point:
    """A point `ahead` metres past the middle and `right` metres right of the centre line."""
    ux, uy = DIRECTIONS[direction]
    return (round(x + ux * ahead + uy * right, 2), round(uy * ahead - ux * right, 2))


def _reach(i: int, direction: str, leaving: bool) -> float:
    """How far from the middle the street goes on that side, in metres."""
    if direction in ("nb", "sb"):
        return SIDE_M
    neighbour = i + (1 if (direction == "eb") == leaving else -1)
    return abs(X_M[neighbour] - X_M[i]) - BOX_M if 0 <= neighbour < len(X_M) else 200.0


def _approach(i: int, x: float, direction: str) -> list[dict[str, Any]]:
    count = 3 if direction in ("eb", "wb") else 2
    start = -_reach(i, direction, leaving=False)
    lanes = []
    for n in range(count):
        right = WIDTH_M * (count - 1 - n) - WIDTH_M * 0.5 + 0.2
        shape = [_along(x, direction, -BOX_M - POCKET_M, right), _along(x, direction, -BOX_M, right)]
        lanes.append({"id": f"x{i + 1}_{direction}_{n}", "shape": shape, "width": WIDTH_M, "approach": True})
        if n < count - 1 and (direction in ("nb", "sb") or i == (0 if direction == "eb" else len(X_M) - 1)):
            shape = [_along(x, direction, start, right), _along(x, direction, -BOX_M - POCKET_M, right)]
            lanes.append(
                {"id": f"in_{i}_{direction}_{n}", "shape": shape, "width": WIDTH_M, "approach": False}
            )
    return lanes


def _exit(i: int, x: float, direction: str) -> list[dict[str, Any]]:
    count = 2 if direction in ("eb", "wb") else 1
    reach = _reach(i, direction, leaving=True)
    inner = direction in ("eb", "wb") and reach != 200.0
    end = reach - POCKET_M if inner else reach
    lanes = []
    for n in range(count):
        right = WIDTH_M * (count - n) - WIDTH_M * 0.5 + 0.2
        shape = [_along(x, direction, BOX_M, right), _along(x, direction, end, right)]
        lanes.append({"id": f"out_{i}_{direction}_{n}", "shape": shape, "width": WIDTH_M, "approach": False})
    return lanes


def _junction(i: int, x: float) -> dict[str, Any]:
    half_x, half_y, corner = 5.5, 8.5, BOX_M
    shape = [
        (-corner, -half_y), (-half_x, -corner), (half_x, -corner), (corner, -half_y),
        (corner, half_y), (half_x, corner), (-half_x, corner), (-corner, half_y),
    ]  # fmt: skip
    return {"id": f"x{i + 1}", "shape": [(x + px, py) for px, py in shape]}


def _crossings(i: int, x: float) -> list[dict[str, Any]]:
    near = BOX_M - 2.2
    ends = {
        "w": ((x - near, -8.0), (x - near, 8.0)),
        "e": ((x + near, -8.0), (x + near, 8.0)),
        "s": ((x - 5.5, -near), (x + 5.5, -near)),
        "n": ((x - 5.5, near), (x + 5.5, near)),
    }
    return [{"id": f"x{i + 1}_{side}", "shape": list(shape), "width": 3.0} for side, shape in ends.items()]
