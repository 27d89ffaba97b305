"""Builders of intersections and situations for the tests of signal control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.status import SignalState

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
WAYS = {1: "wb", 2: "eb", 3: "sb", 4: "nb", 5: "eb", 6: "wb", 7: "nb", 8: "sb"}


def phase(number: int, **changes: Any) -> dict[str, Any]:
    """A NEMA phase; even ones are through phases with pedestrians."""
    through = number % 2 == 0
    timing = {
        "number": number,
        "label": f"{WAYS[number].upper()} {'through' if through else 'left'}",
        "ring": 1 if number <= 4 else 2,
        "barrier": 1 if number in (1, 2, 5, 6) else 2,
        "min_green_s": 8 if through else 5,
        "max_green_s": 45 if through else 25,
        "yellow_s": 3.5,
        "red_clear_s": 1.5,
        "walk_s": 7 if through else 0,
        "ped_clear_s": 10 if through else 0,
        "max_wait_s": 120,
    }
    return {**timing, **changes}


def lane(number: int) -> dict[str, Any]:
    """The lane of a phase: index 1 for through lanes, 2 for left-turn pockets."""
    through = number % 2 == 0
    link = f"x1_{WAYS[number]}"
    return {
        "id": f"{link}_{1 if through else 2}",
        "link": link,
        "phases": [number],
        "turns": ["through", "right"] if through else ["left"],
        "length_m": 180 if through else 70,
        "to": {"x2_eb": 0.9} if number == 2 else {},
    }


def detectors(numbers: list[int]) -> list[dict[str, Any]]:
    """Stop-line detectors (channel = phase), and advance ones on through lanes (channel = 20 + phase)."""
    stops = [{"channel": n, "lane": lane(n)["id"], "role": "stop", "distance_m": 1} for n in numbers]
    ahead = [
        {"channel": 20 + n, "lane": lane(n)["id"], "role": "advance", "distance_m": 80}
        for n in numbers
        if n % 2 == 0
    ]
    return stops + ahead


def build(numbers: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8), **changes: Any) -> Intersection:
    """An intersection with these phases, and a plan of 100 s (left turns 15 s)."""
    rings = [[n for n in numbers if n <= 4], [n for n in numbers if n > 4]]
    splits = {n: 15.0 if n % 2 else (35.0 if n - 1 in numbers else 50.0) for n in numbers}
    fields: dict[str, Any] = {
        "id": "x1",
        "name": "Test Street",
        "phases": [phase(n) for n in numbers],
        "lanes": [lane(n) for n in numbers],
        "detectors": detectors(list(numbers)),
        "plan": {
            "cycle_s": 100,
            "sequence": [ring for ring in rings if ring],
            "splits": [{"phase": n, "split_s": s} for n, s in splits.items()],
        },
    }
    return Intersection.model_validate({**fields, **changes})


@pytest.fixture(scope="session")
def intersection() -> Intersection:
    """Eight phases, four lanes with pockets."""
    return build()


@pytest.fixture(scope="session")
def make_intersection() -> Callable[..., Intersection]:
    """`make_intersection((2, 4, 6, 8), name="Elm Street")`."""
    return build


@pytest.fixture(scope="session")
def make_phase() -> Callable[..., dict[str, Any]]:
    """`make_phase(2, walk_s=0)`: the settings of one phase."""
    return phase


@pytest.fixture(scope="session")
def make_state() -> Callable[..., SignalState]:
    """A cabinet's report: 2+6 green in remote unless told otherwise."""

    def make(at_ns: int = NOW, **changes: Any) -> SignalState:
        return SignalState(**{"at_ns": at_ns, "mode": "remote", "greens": (2, 6), **changes})

    return make


@pytest.fixture(scope="session")
def now_ns() -> int:
    """An instant, nanoseconds since the epoch."""
    return NOW
