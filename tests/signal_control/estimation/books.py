"""Small approaches, and what is remembered of them."""

from __future__ import annotations

from signal_control.estimation.book import Book, book_of
from signal_control.estimation.vehicles import insert
from signal_control.model import Detector, Lane

SPEED_MPS = 10.0


def lane(name: str, length_m: float, turn: str = "through") -> Lane:
    """A lane that leads one way."""
    way = {"link": "link", "phases": (2,), "turns": (turn,), "speed_mps": SPEED_MPS}
    return Lane.model_validate({"id": name, "length_m": length_m, **way})


def detector(channel: int, name: str, role: str, distance_m: float) -> Detector:
    """A point detector, or a zone of 30 m."""
    length_m = 30.0 if role == "area" else 2.0
    return Detector.model_validate(
        {"channel": channel, "lane": name, "role": role, "distance_m": distance_m, "length_m": length_m}
    )


def one_lane(beyond_m: float = 100.0) -> tuple[list[Lane], list[Detector]]:
    """One lane with an advance detector 50 m from the line, and so much road beyond it."""
    return [lane("a", 50.0 + beyond_m)], [detector(1, "a", "advance", 50.0)]


def two_lanes() -> tuple[list[Lane], list[Detector]]:
    """Two lanes; the first has an advance detector."""
    return [lane("a", 150.0), lane("b", 150.0)], [detector(1, "a", "advance", 50.0)]


def believed(*vehicles: tuple[float, list[float]]) -> Book:
    """A book of one approach with these vehicles: when each is due, and its probability by lane."""
    lanes = len(vehicles[0][1])
    book = book_of([one_lane() if lanes == 1 else two_lanes()])
    for due_s, p in vehicles:
        book.p[0, insert(book, 0, due_s, 0)] = p
    return book
