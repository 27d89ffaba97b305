"""How long do travellers lose under fixed time and under adaptive control, over the last minutes?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from collectors.reading import Reading
from gateway.panels import allowed_ns

FIXED: Final = "fixed_time"
SERIES_NS: Final = 30 * 60 * 1_000_000_000
SAMPLE_NS: Final = 5_000_000_000
LIVE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A delay in seconds per vehicle, when it was measured and on which street."""

    mean_s: float
    at_ns: int
    source: str


class DelayPanel:
    """Mean delay of finished trips under each kind of control, from the streets' own summaries.

    The main street's figure is a mean over a window, so after a switch it counts for the new kind of control
    only once the window holds nothing of the old one. A twin street, where there is one, runs fixed time.
    """

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}
        self._series: deque[tuple[int, float | None, float | None]] = deque()
        self._control: str | None = None
        self._control_since_ns = 0
        self._window_ns = 300_000_000_000
        self._has_twin = False
        self._switched = False

    def control(self, kind: str, now_ns: int) -> None:
        """Note what runs the street: `adaptive`, `fixed_time`, or `mixed` where intersections differ."""
        if kind == self._control:
            return
        self._switched = self._control is not None
        self._control, self._control_since_ns = kind, now_ns

    def observe(self, reading: Reading) -> None:
        """Take a summary (kind `street`) of the main street or its twin."""
        delay, window = reading.fields.get("delay_s"), reading.fields.get("window_s")
        if isinstance(window, int | float):
            self._window_ns = int(window * 1e9)
        self._has_twin = self._has_twin or reading.device == "twin"
        kind = FIXED if reading.device == "twin" else self._settled(reading.at_ns)
        if (
            isinstance(delay, int | float)
            and kind
            and not (reading.device == "main" and self._twin_rules(kind))
        ):
            source = "twin" if reading.device == "twin" else "street"
            self._figures[kind] = Figure(float(delay), reading.at_ns, source)
        if reading.device == "main":
            self._sample(reading.at_ns)

    def view(self, now_ns: int, speed: float = 1.0) -> dict[str, object] | None:
        """The panel as the board draws it; None until a street has reported."""
        if not self._series:
            return None
        since_ns = now_ns - allowed_ns(LIVE_S, speed)
        return {
            "window_s": self._window_ns / 1e9,
            "adaptive": self._figure("adaptive", since_ns),
            FIXED: self._figure(FIXED, since_ns),
            "series": [[at // 1_000_000, adaptive, fixed] for at, adaptive, fixed in self._series],
            "explain": self._explain(),
        }

    def _twin_rules(self, kind: str) -> bool:
        return kind == FIXED and self._has_twin

    def _settled(self, at_ns: int) -> str | None:
        """The kind of control that the main street's figure stands for now, if it stands for one alone."""
        if self._control not in ("adaptive", FIXED):
            return None
        if self._switched and at_ns - self._control_since_ns < self._window_ns:
            return None
        return self._control

    def _sample(self, at_ns: int) -> None:
        if self._series and at_ns - self._series[-1][0] < SAMPLE_NS:
            return
        self._series.append((at_ns, self._fresh("adaptive", at_ns), self._fresh(FIXED, at_ns)))
        while self._series and at_ns - self._series[0][0] > SERIES_NS:
            self._series.popleft()

    def _fresh(self, kind: str, at_ns: int) -> float | None:
        figure = self._figures.get(kind)
        return round(figure.mean_s, 2) if figure and abs(at_ns - figure.at_ns) <= LIVE_S * 1e9 else None

    def _figure(self, kind: str, since_ns: int) -> dict[str, object]:
        figure = self._figures.get(kind)
        if figure is None:
            return {"mean_s": None, "at_ms": None, "live": False, "source": None}
        return {
            "mean_s": round(figure.mean_s, 2),
            "at_ms": figure.at_ns // 1_000_000,
            "live": figure.at_ns >= since_ns,
            "source": figure.source,
        }

    def _explain(self) -> str:
        minutes = self._window_ns / 60e9
        fixed = "on a twin street with the same traffic" if self._has_twin else "on this street while it ran"
        return (
            f"Mean time lost per trip, over trips finished in the last {minutes:g} min. "
            f"Fixed time is measured {fixed}. After a switch this street counts once the window is clear."
        )
