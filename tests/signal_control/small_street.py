"""An intersection with a street of its own: random arrivals, and lights that obey."""

from __future__ import annotations

import random

from signal_control.events import (
    DETECTOR_OFF,
    DETECTOR_ON,
    PHASE_GREEN,
    PHASE_RED_CLEAR,
    PHASE_RED_CLEAR_END,
    PHASE_YELLOW,
    Event,
)
from signal_control.model import Intersection
from signal_control.status import SignalState

SECOND = 1_000_000_000
START = 1_790_000_000 * SECOND
THROUGH_VEH_H, LEFT_VEH_H = 260, 90


def eight_phases(name: str) -> Intersection:
    """Eight phases; per approach two through lanes and a left-turn pocket."""
    phases, lanes, detectors = [], [], []
    for n in range(1, 9):
        through = n % 2 == 0
        place = {"ring": 1 if n <= 4 else 2, "barrier": 1 if n in (1, 2, 5, 6) else 2}
        timing = {"min_green_s": 7, "max_green_s": 50 if through else 25, "yellow_s": 3, "red_clear_s": 1}
        ped = {"walk_s": 7, "ped_clear_s": 9} if through else {}
        phases.append({"number": n, "label": str(n), **place, **timing, **ped})
        approach = f"{name}_a{n if through else {1: 6, 3: 8, 5: 2, 7: 4}[n]}"
        for k in range(2 if through else 1):
            lane = f"{approach}_{n}{k}"
            length_m = 200 if through else 80
            way = {"turns": ["through" if through else "left"], "length_m": length_m}
            lanes.append({"id": lane, "link": approach, "phases": [n], **way})
            channel = 2 * len(lanes)
            detectors.append({"channel": channel, "lane": lane, "role": "stop", "distance_m": 1.5})
            ahead_m = 80 if through else 45
            detectors.append({"channel": channel + 1, "lane": lane, "role": "advance", "distance_m": ahead_m})
    splits = [{"phase": n, "split_s": 15 if n % 2 else 35} for n in range(1, 9)]
    plan = {"cycle_s": 100, "sequence": [[1, 2, 3, 4], [5, 6, 7, 8]], "splits": splits}
    fields = {
        "id": name,
        "name": name,
        "phases": phases,
        "lanes": lanes,
        "detectors": detectors,
        "plan": plan,
    }
    return Intersection.model_validate(fields)


class Street:
    """Traffic and lights of one intersection, a second at a time: the least that makes a planner work."""

    def __init__(self, intersection: Intersection, seed: int) -> None:
        self.x, self._random = intersection, random.Random(seed)
        self._queue = dict.fromkeys((lane.id for lane in intersection.lanes), 0)
        self._coming: list[tuple[int, str]] = []
        self._greens: set[int] = {2, 6}
        self._until: dict[int, tuple[str, float]] = {}
        self._channel = {(d.lane, d.role): d.channel for d in intersection.detectors}

    def second(self, now_s: int, serve: tuple[int, ...]) -> tuple[list[Event], SignalState]:
        """Events of this second and the cabinet's report at its end."""
        events = [*self._lights(now_s, serve), *self._traffic(now_s)]
        at_ns = START + now_s * SECOND
        waiting = {p for x in self.x.lanes if self._queue[x.id] for p in x.phases} - self._greens
        yellows = tuple(sorted(p for p, (color, _) in self._until.items() if color == "yellow"))
        clears = tuple(sorted(p for p, (color, _) in self._until.items() if color == "red"))
        greens = tuple(sorted(self._greens))
        state = SignalState(at_ns, "remote", greens, yellows, clears, veh_calls=tuple(sorted(waiting)))
        return events, state

    def _lights(self, now_s: int, serve: tuple[int, ...]) -> list[Event]:
        at_ns, events = START + now_s * SECOND, []
        for p, (color, end_s) in list(self._until.items()):
            if now_s >= end_s:
                code = PHASE_RED_CLEAR if color == "yellow" else PHASE_RED_CLEAR_END
                events.append(Event(at_ns, code, p))
                if color == "yellow":
                    self._until[p] = ("red", now_s + 1)
                else:
                    del self._until[p]
        for p in self._greens - set(serve or self._greens):
            self._greens.discard(p)
            self._until[p] = ("yellow", now_s + 3)
            events.append(Event(at_ns, PHASE_YELLOW, p))
        for p in set(serve) - self._greens - self._until.keys():
            if all(self.x.compatible(p, q) for q in (*self._greens, *self._until)):
                self._greens.add(p)
                events.append(Event(at_ns, PHASE_GREEN, p))
        return events

    def _traffic(self, now_s: int) -> list[Event]:
        at_ns, events = START + now_s * SECOND, []
        for lane in self.x.lanes:
            flow = THROUGH_VEH_H if lane.phases[0] % 2 == 0 else LEFT_VEH_H
            if self._random.random() < flow / 3600:
                channel = self._channel[lane.id, "advance"]
                events += [
                    Event(at_ns, DETECTOR_ON, channel),
                    Event(at_ns + SECOND // 2, DETECTOR_OFF, channel),
                ]
                self._coming.append((now_s + 6, lane.id))
            if self._queue[lane.id] and self._greens & set(lane.phases) and now_s % 2 == 0:
                self._queue[lane.id] -= 1
                channel = self._channel[lane.id, "stop"]
                events += [Event(at_ns, DETECTOR_ON, channel), Event(at_ns + SECOND, DETECTOR_OFF, channel)]
        for due_s, name in self._coming:
            if due_s == now_s:
                self._queue[name] += 1
        self._coming = [x for x in self._coming if x[0] > now_s]
        return sorted(events, key=lambda e: e.at_ns)
