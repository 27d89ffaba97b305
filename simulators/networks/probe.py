"""What really happens at the signals of a running simulation, whoever controls them?

Looks at SUMO every few seconds: true queues, waits by movement, links that are full, vehicles that are stuck.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import libsumo
import numpy as np

from simulators.street_queue import OnLane, queue_veh

SIGHT_M: Final = 200.0
STANDS_MPS: Final = 0.1
STUCK_S: Final = 300.0
"""Who stands still for so long is stuck: deadlock, or starved."""
FULL_M: Final = 10.0
"""A link is full when somebody stands so near to its start."""
ENOUGH: Final = 10
"""A movement with fewer vehicles than this has no percentile."""

Way = tuple[str, str, str]
"""Lane at the signal, the edge it comes from and the edge it leads to."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal to look at: the way of each of its links (by place in the state string), and its lanes.

    Several ways may share a place; `inner` tells these apart, by the lane inside the junction.
    """

    ways: Mapping[int, Way]
    lanes: tuple[str, ...]
    inner: Mapping[str, Way] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits at signals, seconds: mean over passages, and the worst movement's 95th percentile and name."""

    mean_s: float
    worst_p95_s: float
    worst: str


class Probe:
    """Watches the signals of the simulation in this process; `every_s` lies between two looks."""

    def __init__(self, signals: Mapping[str, Signal], every_s: float = 5.0) -> None:
        self._signals, self.every_s = signals, every_s
        self._lanes = tuple(dict.fromkeys(lane for s in signals.values() for lane in s.lanes))
        leaving = {way[2] for s in signals.values() for way in (*s.ways.values(), *s.inner.values())}
        self._exits = _lanes_of(leaving)
        self._waits: dict[tuple[str, str, str], float] = defaultdict(float)
        self._queues: list[int] = []
        self.stuck: set[str] = set()
        self.full_lane_s = 0.0
        self.collisions = self.teleports = 0

    def step(self) -> None:
        """After every step of SUMO: count what it would not tell later."""
        self.teleports += libsumo.simulation.getStartingTeleportNumber()
        self.collisions += libsumo.simulation.getCollidingVehiclesNumber()

    def look(self) -> dict[str, list[OnLane]]:
        """Who is within SIGHT_M of each signal lane, nearest first; notes waits, full links, the stuck."""
        found: dict[str, list[OnLane]] = {lane: [] for lane in self._lanes}
        vehicle = libsumo.vehicle
        for name in vehicle.getIDList():
            speed_mps = vehicle.getSpeed(name)
            if speed_mps < STANDS_MPS and vehicle.getWaitingTime(name) > STUCK_S:
                self.stuck.add(name)
            ahead = vehicle.getNextTLS(name)
            if not ahead or ahead[0][2] > SIGHT_M or ahead[0][0] not in self._signals:
                continue
            signal, link, distance_m, _ = ahead[0]
            way = _way(self._signals[signal], link, name)
            if way is None:
                continue
            self._waits[way[1], way[2], name] += self.every_s if speed_mps < STANDS_MPS else 0.0
            found[way[0]].append(OnLane(distance_m, vehicle.getLength(name), speed_mps))
        for row in found.values():
            row.sort()
        self._queues.append(sum(libsumo.lane.getLastStepHaltingNumber(lane) for lane in self._lanes))
        self.full_lane_s += self.every_s * sum(_is_full(lane) for lane in self._exits)
        return found

    def queue_veh(self) -> float:
        """Mean number of standing vehicles on the signal lanes, per signal."""
        return float(np.mean(self._queues)) / max(1, len(self._signals)) if self._queues else math.nan

    def waits(self) -> Waits:
        """Waits of everybody who was seen at a signal."""
        by_movement: dict[str, list[float]] = defaultdict(list)
        for (start, end, _), waited_s in self._waits.items():
            by_movement[f"{start} > {end}"].append(waited_s)
        high = {name: float(np.percentile(w, 95)) for name, w in by_movement.items() if len(w) >= ENOUGH} or {
            "": math.nan
        }
        worst = max(high, key=lambda name: high[name])
        everybody = list(self._waits.values())
        return Waits(float(np.mean(everybody)) if everybody else math.nan, high[worst], worst)


def _way(signal: Signal, link: int, vehicle: str) -> Way | None:
    """The way that a vehicle takes, which has a link of this signal ahead."""
    if signal.inner:
        for _, _, _, _, inner, *_ in libsumo.vehicle.getNextLinks(vehicle):
            if inner in signal.inner:
                return signal.inner[inner]
    return signal.ways.get(link)


def true_queues(seen: Mapping[str, Sequence[OnLane]]) -> dict[str, int]:
    """Vehicles in the queue of each lane (see street_queue)."""
    return {lane: queue_veh(vehicles) for lane, vehicles in seen.items()}


def _lanes_of(edges: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{e}_{n}" for e in sorted(edges) for n in range(libsumo.edge.getLaneNumber(e)))


def _is_full(lane: str) -> bool:
    there = libsumo.lane.getLastStepVehicleIDs(lane)
    if not there:
        return False
    last = there[0]
    rear_m = libsumo.vehicle.getLanePosition(last) - libsumo.vehicle.getLength(last)
    return bool(rear_m < FULL_M and libsumo.vehicle.getSpeed(last) < STANDS_MPS)
