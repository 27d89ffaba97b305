"""Who sets out on the street next, from where to where?"""

from __future__ import annotations

import heapq
import math
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signal_control.model import Turn
from simulators.street_net import StreetError

TURNS: tuple[Turn, Turn, Turn] = ("left", "through", "right")
_LONGEST_ROUTE = 12


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Profile(_Model):
    """Share of the peak by time of day ("HH:MM"): linear between the points, flat outside them."""

    day: Annotated[tuple[tuple[str, float], ...], Field(min_length=1)]

    def share(self, at_s: float) -> float:
        """The share of the peak at second `at_s` of the day."""
        return float(np.interp(at_s, [second_of_day(t) for t, _ in self.day], [s for _, s in self.day]))


class Surge(_Model):
    """Between two times of day, `factor` times the usual flow enters on `link`."""

    link: str
    between: tuple[str, str]
    factor: Annotated[float, Field(ge=0, le=10)]

    def share(self, at_s: float) -> float:
        """The factor at second `at_s` of the day; 1 outside the surge."""
        start, end = (second_of_day(t) for t in self.between)
        return self.factor if start <= at_s < end else 1.0


class BusLine(_Model):
    """One direction of a bus line: the links it passes, where it stops, and its timetable."""

    line: str
    type: str
    links: Annotated[tuple[str, ...], Field(min_length=2)]
    stops: tuple[str, ...]
    start: str
    headway_s: Annotated[float, Field(ge=60)]
    dwell_s: Annotated[float, Field(ge=0, le=120)] = 18.0


class Walk(_Model):
    """People on foot between the sidewalks of two edges, so many an hour each way at the peak."""

    between: tuple[str, str]
    people_h: Annotated[float, Field(ge=0)]


class Demand(_Model):
    """A street's demand file; flows per hour at the peak."""

    profile: Profile
    types: dict[str, float]
    entries: dict[str, float]
    turns: dict[str, tuple[float, float, float]]
    surges: tuple[Surge, ...] = ()
    buses: tuple[BusLine, ...] = ()
    walks: tuple[Walk, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """A vehicle that sets out at second `at_s` of the day along `links`; `stops` are bus stops on its way."""

    at_s: float
    id: str
    type: str
    links: tuple[str, ...]
    stops: tuple[str, ...] = ()
    dwell_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stroll:
    """A person who sets out at second `at_s` of the day; `start` and `end` are shares of the edges."""

    at_s: float
    id: str
    from_edge: str
    to_edge: str
    start: float
    end: float


def load_demand(path: Path) -> Demand:
    """Read a demand file; raises StreetError with every fault."""
    try:
        return Demand.model_validate(tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise StreetError(f"{path}: {error}") from error


def second_of_day(text: str) -> float:
    """The second of the day of "HH:MM" or "HH:MM:SS"."""
    parts = [int(part) for part in text.split(":")]
    return float(sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False)))


class Departures:
    """Everyone who sets out from `start_s` on, in time order and without end.

    Each entry, line and walk draws from its own generator, so a departure depends on the seed alone and never
    on what the signals did: two streets with one seed carry the same people.
    """

    def __init__(
        self, demand: Demand, seed: int, start_s: float, follow: Callable[[str, Turn], str | None]
    ) -> None:
        self._demand, self._follow = demand, follow
        streams: list[Iterator[Trip | Stroll]] = [
            *(self._entering(link, seed, n, start_s) for n, link in enumerate(sorted(demand.entries))),
            *(_timetable(line, n, start_s) for n, line in enumerate(demand.buses)),
            *(self._walking(walk, seed, n, start_s) for n, walk in enumerate(demand.walks)),
        ]
        self._merged = heapq.merge(*streams, key=lambda leaver: (leaver.at_s, leaver.id))
        self._next = next(self._merged, None)

    def due(self, until_s: float) -> list[Trip | Stroll]:
        """Those who set out up to `until_s` and were not returned yet."""
        found = []
        while self._next is not None and self._next.at_s <= until_s:
            found.append(self._next)
            self._next = next(self._merged, None)
        return found

    def _entering(self, link: str, seed: int, stream: int, start_s: float) -> Iterator[Trip]:
        rng = np.random.default_rng([seed, 1, stream])
        types, shares = list(self._demand.types), np.array(list(self._demand.types.values()))
        surges = [surge for surge in self._demand.surges if surge.link == link]
        for n, at_s in enumerate(self._arrivals(rng, self._demand.entries[link], start_s, surges)):
            vehicle = str(rng.choice(types, p=shares / shares.sum()))
            yield Trip(at_s, f"{link}.{n}", vehicle, self._route(rng, link))

    def _walking(self, walk: Walk, seed: int, stream: int, start_s: float) -> Iterator[Stroll]:
        rng = np.random.default_rng([seed, 2, stream])
        for n, at_s in enumerate(self._arrivals(rng, 2 * walk.people_h, start_s)):
            start, end = walk.between if rng.random() < 0.5 else walk.between[::-1]
            yield Stroll(at_s, f"walk{stream}.{n}", start, end, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9))

    def _arrivals(
        self, rng: np.random.Generator, peak_h: float, start_s: float, surges: Sequence[Surge] = ()
    ) -> Iterator[float]:
        """A Poisson process whose rate follows the profile (thinning, Lewis and Shedler 1979)."""
        profile = self._demand.profile
        highest = max(share for _, share in profile.day) * math.prod(max(1.0, s.factor) for s in surges)
        at_s = start_s
        while peak_h * highest > 0:
            at_s += rng.exponential(3600.0 / (peak_h * highest))
            share = profile.share(at_s) * math.prod(surge.share(at_s) for surge in surges)
            if rng.random() * highest <= share:
                yield at_s

    def _route(self, rng: np.random.Generator, link: str) -> tuple[str, ...]:
        route = [link]
        while route[-1] in self._demand.turns and len(route) < _LONGEST_ROUTE:
            shares = np.array(self._demand.turns[route[-1]])
            turn = TURNS[int(rng.choice(3, p=shares / shares.sum()))]
            onward = self._follow(route[-1], turn)
            if onward is None:
                raise StreetError(f"demand.toml: {route[-1]} has a share that goes {turn}, but no lane does")
            route.append(onward)
        return tuple(route)


def _timetable(line: BusLine, stream: int, start_s: float) -> Iterator[Trip]:
    first_s = second_of_day(line.start)
    n = max(0, int(np.ceil((start_s - first_s) / line.headway_s)))
    while True:
        at_s = first_s + n * line.headway_s
        yield Trip(at_s, f"bus{line.line}.{stream}.{n}", line.type, line.links, line.stops, line.dwell_s)
        n += 1
