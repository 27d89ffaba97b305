"""What would a day of a made-up signalised intersection leave in its log? Some 110,000 events, by a seed.

Not a traffic model: vehicles arrive by a profile of the day (on the coordinated phases in platoons), wait at
the stop line, leave every two seconds of green; phases end by gap-out, force-off or, at night, max-out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_control.model import Intersection

Rows = list[tuple[float, int, int]]

CYCLE_S: Final = ((0.0, 80.0), (6.0, 110.0), (9.5, 95.0), (15.0, 120.0), (19.0, 90.0), (22.0, 80.0))
"""Cycle from which hour of the day."""
HEADWAY_S: Final = 2.0
STARTUP_S: Final = 2.0
COORDINATED: Final = (2, 6)
GROUPS: Final = (((3, 4), (7, 8)), ((1, 2), (5, 6)))
"""Per barrier group the phases of ring 1 and ring 2; the coordinated ones come last."""
PEAK_VEH_H: Final = {1: 140, 2: 460, 3: 70, 4: 170, 5: 170, 6: 500, 7: 65, 8: 160}


class Lane(NamedTuple):
    """One lane of a phase: its stop and advance channel, and seconds from the one to the other."""

    stop: int
    advance: int
    travel_s: float


class _Queue:
    """One lane, first in, first out."""

    def __init__(self, lane: Lane, arrivals_s: npt.NDArray[np.float64]) -> None:
        self.lane, self.at = lane, (arrivals_s + lane.travel_s).tolist()
        self.next, self.left_s, self.stands = 0, -10.0, False

    def waiting(self, now_s: float) -> int:
        n, i = len(self.at), self.next
        while i < n and self.at[i] <= now_s:
            i += 1
        return i - self.next

    def serve(self, green_s: float, end_s: float, rows: Rows) -> None:
        """Let vehicles go between two times; their stop detector is on while they stand on it."""
        at, first = self.at, green_s + STARTUP_S
        while self.next < len(at) and at[self.next] < end_s:
            came = at[self.next]
            here = max(came, self.left_s + 0.3)
            queued = came < max(first, self.left_s + HEADWAY_S)
            leaves = max(first, self.left_s + HEADWAY_S, came + 0.4) if queued else came + 0.4
            if leaves > end_s:
                rows += [] if self.stands else [(here, 82, self.lane.stop)]  # and on through red
                self.stands = True
                return
            rows += [(leaves, 81, self.lane.stop)] + ([] if self.stands else [(here, 82, self.lane.stop)])
            self.left_s, self.stands = leaves, False
            self.next += 1


def day(intersection: Intersection, start_ms: int, seed: int, hours: float = 24.0) -> npt.NDArray[np.int64]:
    """Rows of (t_ms, code, param) in order of time, from `start_ms`; tenths of a second."""
    chance, end_s = np.random.default_rng(seed), hours * 3600.0
    rows: Rows = []
    queues = _queues(intersection, chance, end_s, rows)
    splits = {s.phase: s.split_s / intersection.plan.cycle_s for s in intersection.plan.splits}
    for number, (begin_s, cycle_s) in enumerate(_cycles(end_s, rows)):
        _cycle(intersection, queues, splits, begin_s, cycle_s, chance, rows)
        if number % 200 == 150:
            rows += _preempted(begin_s)
        if number % 24 == 7:
            rows += [(begin_s + 20, 112, 1), (begin_s + 24, 113 + number % 2, 1), (begin_s + 47, 115, 1)]
    _break_a_detector(rows, seed, end_s)
    table = np.array([(start_ms + round(t * 10) * 100, c, p) for t, c, p in rows if 0 <= t < end_s], np.int64)
    return table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]


def _cycles(end_s: float, rows: Rows) -> Iterator[tuple[float, float]]:
    at, before = 0.0, None
    while at < end_s:
        number, cycle_s = max((i, c) for i, (h, c) in enumerate(CYCLE_S) if h * 3600.0 <= at)
        if number != before:
            rows += [(at, 131, number + 1), (at, 132, round(cycle_s)), (at, 133, 10 * number)]
        yield at, cycle_s
        at, before = at + cycle_s, number


def _profile(hour: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of the peak's traffic by hour of the day."""
    peaks = 0.75 * np.exp(-(((hour - 7.8) / 1.2) ** 2)) + 0.9 * np.exp(-(((hour - 17.2) / 1.7) ** 2))
    return np.minimum(1.0, 0.04 + peaks + 0.42 * np.exp(-(((hour - 13.0) / 4.5) ** 2)))


def _queues(
    intersection: Intersection, chance: np.random.Generator, end_s: float, rows: Rows
) -> dict[int, list[_Queue]]:
    found: dict[int, list[_Queue]] = {}
    channels = {(d.lane, d.role): d for d in intersection.detectors}
    for lane in intersection.lanes:
        stop, advance = channels[lane.id, "stop"], channels[lane.id, "advance"]
        phase, usual = lane.phases[0], PEAK_VEH_H.get(lane.phases[0], 200)
        share = 1.0 / sum(x.phases[0] == phase for x in intersection.lanes)
        own = Lane(stop.channel, advance.channel, advance.distance_m / lane.speed_mps)
        arrivals_s = _arrivals(usual * share, chance, end_s, phase in COORDINATED)
        for at in arrivals_s.tolist():
            rows += [(at, 82, own.advance), (at + 6.5 / chance.normal(13.9, 1.8), 81, own.advance)]
        found.setdefault(phase, []).append(_Queue(own, arrivals_s))
    return found


def _arrivals(
    veh_h: float, chance: np.random.Generator, end_s: float, platoons: bool
) -> npt.NDArray[np.float64]:
    """Times of arrival, at least a second apart; in platoons six of ten come about when green begins."""
    n = chance.poisson(veh_h * end_s / 3600.0)
    at = np.sort(chance.uniform(0, end_s, n))
    at = at[chance.random(n) < _profile(at / 3600.0)]
    if platoons:
        lengths = np.array([max((h, c) for h, c in CYCLE_S if h * 3600.0 <= t)[1] for t in at.tolist()])
        moved = chance.random(len(at)) < 0.6
        place = np.where(moved, chance.normal(0.55, 0.09, len(at)) % 1.0, chance.random(len(at)))
        at = np.sort(at // lengths * lengths + place * lengths)
    return np.maximum.accumulate(at + 0.01 * np.arange(len(at)) / max(1, len(at)))


def _cycle(
    x: Intersection,
    queues: dict[int, list[_Queue]],
    splits: dict[int, float],
    begin_s: float,
    cycle_s: float,
    chance: np.random.Generator,
    rows: Rows,
) -> None:
    at, night = begin_s + 2.0, cycle_s <= 80.0
    for group in GROUPS:
        crossed = []
        for ring in group:
            now = at
            for phase in ring:
                number = phase if any(p.number == phase for p in x.phases) else 0
                if not number:
                    continue
                last = phase in COORDINATED
                most_s = begin_s + cycle_s - now if last else splits[phase] * cycle_s
                now += _serve(x, number, queues.get(phase, []), now, most_s, last, night, chance, rows)
            crossed.append(now)
        at = max(crossed)
        rows.append((at - 0.1, 31, 1))


def _serve(
    x: Intersection,
    number: int,
    lanes: list[_Queue],
    now_s: float,
    most_s: float,
    coordinated: bool,
    night: bool,
    chance: np.random.Generator,
    rows: Rows,
) -> float:
    """Serve one phase from `now_s`, log it, and tell how long it took; nobody waits: it is skipped."""
    phase = x.phase(number)
    clear_s = phase.yellow_s + phase.red_clear_s
    waiting = max((q.waiting(now_s + 4.0) for q in lanes), default=0)
    pressed = phase.has_ped and chance.random() < (0.05 if night else 0.3)
    if not coordinated and not waiting and not pressed:
        return 0.0
    needed_s = STARTUP_S + HEADWAY_S * waiting + (phase.passage_s if waiting else 0.0)
    green_s, cause = max(phase.min_green_s, needed_s, phase.ped_s if pressed else 0.0), 4
    if coordinated or green_s > most_s - clear_s:
        green_s, cause = max(phase.min_green_s, most_s - clear_s), (5 if night and not coordinated else 6)
    yellow_s = now_s + green_s
    red_s, end_s = yellow_s + phase.yellow_s, yellow_s + clear_s
    since_s = now_s - float(chance.uniform(1, 35))
    rows += [(since_s, 43, number), (now_s, 0, number), (now_s, 1, number), (now_s + 0.3, 44, number)]
    rows += [(now_s + phase.min_green_s, 3, number), (yellow_s, cause, number), (yellow_s, 7, number)]
    rows += [(yellow_s, 8, number), (red_s, 9, number), (red_s, 10, number), (end_s, 11, number)]
    rows.append((end_s, 12, number))
    if pressed:
        press_s, walk_s = now_s - float(chance.uniform(2, 40)), now_s + phase.walk_s
        rows += [(press_s, 90, number), (press_s, 45, number), (press_s + 0.4, 89, number)]
        rows += [(now_s, 21, number), (walk_s, 22, number), (walk_s + phase.ped_clear_s, 23, number)]
    late_s = 1.5 if chance.random() < 0.15 else 0.4
    for queue in lanes:
        queue.serve(now_s, yellow_s + late_s * phase.yellow_s, rows)
    return green_s + clear_s


def _preempted(at_s: float) -> Rows:
    return [
        *((at_s + 12, 102, 1), (at_s + 14, 105, 1), (at_s + 17, 106, 1), (at_s + 24, 107, 1)),
        *((at_s + 39, 104, 1), (at_s + 44, 111, 1)),
    ]


def _break_a_detector(rows: Rows, seed: int, end_s: float) -> None:
    """Every fifth intersection has a detector that sticks for two hours, every seventh one that is silent."""
    begin, end = 0.4 * end_s, 0.4 * end_s + min(7200.0, 0.3 * end_s)
    if seed % 5 == 0:
        rows[:] = [row for row in rows if not (row[2] == 21 and row[1] in (81, 82) and begin < row[0] < end)]
        rows += [(begin, 82, 21), (end, 81, 21)]
    if seed % 7 == 0:
        rows[:] = [row for row in rows if not (row[2] == 22 and row[1] in (81, 82) and row[0] > begin)]
