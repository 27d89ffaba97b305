"""How much time did those who arrived lately lose on their way?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

WINDOW_S = 300


class Loss(NamedTuple):
    """A vehicle's losses so far: seconds below its own free speed and waiting to set out, and its stops."""

    delay_s: float
    stops: int


class Trips:
    """Trips finished in the last WINDOW_S seconds, and how many there ever were."""

    def __init__(self) -> None:
        self.finished = 0
        self._recent: deque[tuple[float, Loss]] = deque()
        self._underway: dict[str, Loss] = {}

    def note(self, vehicle: str, loss: Loss) -> None:
        """Keep the latest losses of a vehicle that is about to arrive."""
        self._underway[vehicle] = loss

    def arrive(self, vehicles: Iterable[str], at_s: float) -> None:
        """Close the trips of these vehicles with the losses last noted."""
        for vehicle in vehicles:
            if (loss := self._underway.pop(vehicle, None)) is not None:
                self.finished += 1
                self._recent.append((at_s, loss))
        while self._recent and self._recent[0][0] < at_s - WINDOW_S:
            self._recent.popleft()

    def mean(self) -> tuple[float | None, float | None]:
        """Mean delay (s) and mean number of stops over the window; None before the first trip ended."""
        if not self._recent:
            return None, None
        n = len(self._recent)
        delay_s = sum(loss.delay_s for _, loss in self._recent) / n
        return round(delay_s, 2), round(sum(loss.stops for _, loss in self._recent) / n, 3)
