"""What of an intersection does not change, as the search needs it?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from signal_control.model import Intersection, Lane
from signal_control.planning.arrays import NEVER, Floats, Ints, Knobs, Rules, Work
from signal_control.turners import outlets

VEHICLES: Final = 48
"""At most so many on a lane are looked at; who comes later does not change what to do now."""
HORIZON_S: Final = 60
BEAM: Final = 8
LOST_BESIDE_S: Final = 5.0
"""A red lane waits for its clearance and, on average, for so much of other greens."""


class Outlet(NamedTuple):
    """Turners off `lane` may wait inside the junction in `stage`; `way`, a part of it, lets them out."""

    lane: Lane
    stage: tuple[int, ...]
    way: tuple[int, ...]
    turning: int
    """The phases (bits) of `way` that serve the lane."""
    met: tuple[int, ...]
    """The phases of `stage` that are not of `way`: those whom the turners yield to."""
    crossing: tuple[str, ...]
    """Lanes from elsewhere that turn under these phases too, and may cross the way of the lane's turners."""


class Layout:
    """Places and bits of phases, stages and lanes; the last stage is no stage: whatever else is shown."""

    def __init__(self, intersection: Intersection) -> None:
        self.phases = tuple(intersection.phases)
        self.nothing, self.never = [0.0] * len(self.phases), [NEVER] * len(self.phases)
        self.recalled = frozenset(p.number for p in self.phases if p.recall != "none")
        self.recalled_on_foot = [p.number for p in self.phases if p.recall == "ped"]
        self.walks = [p.has_ped for p in self.phases]
        self.place = {p.number: i for i, p in enumerate(self.phases)}
        self.stages = tuple(intersection.stages())
        self.index = {stage: i for i, stage in enumerate(self.stages)}
        self.lanes = tuple(intersection.lanes)
        self.lane_place = {lane.id: i for i, lane in enumerate(self.lanes)}
        self.masks = np.array([*(self.mask(s) for s in self.stages), 0], np.int64)
        numbers = [p.number for p in self.phases]
        self.rivals = np.array(
            [self.mask(b for b in numbers if not intersection.compatible(a, b)) for a in numbers], np.int64
        )
        self.rivals_of = [self.shown(int(rivals)) for rivals in self.rivals]
        self.clear_s = np.array([p.clearance_s for p in self.phases])
        self.most_s = np.array([p.max_green_s for p in self.phases])
        least_s = np.array([p.max_green_s if p.recall == "max" else p.min_green_s for p in self.phases])
        self.shortest_s, self.longest_s = least_s.tolist(), self.most_s.tolist()
        self.lane_masks = np.array([self.mask(x.phases) for x in self.lanes], np.int64)
        self.served = self.masks[:, None] & self.lane_masks[None, :]
        self.rate = np.array([[self._rate(x, int(m)) for x in self.lanes] for m in self.masks]).reshape(
            len(self.masks), len(self.lanes)
        )
        self._other = 0
        self.saturation = np.array([lane.saturation_veh_h for lane in self.lanes])
        self.lanes_of = {
            stage: [(x.id, x.phases) for x in self.lanes if set(x.phases) & set(stage)]
            for stage in self.stages
        }
        self.outlets = tuple(self._outlets(intersection))
        self.barred, self.lets_out = self._meetings()
        self.grows = {s for s in self.stages if any(set(s) < set(other) for other in self.stages)}
        """Stages that others only add to."""

    def mask(self, phases: Iterable[int]) -> int:
        """Phase numbers as bits; unknown ones are passed over."""
        return sum(1 << self.place[p] for p in set(phases) if p in self.place)

    def shown(self, mask: int) -> tuple[int, ...]:
        """Bits as phase numbers, ascending."""
        return tuple(sorted(p.number for i, p in enumerate(self.phases) if mask >> i & 1))

    def set_other(self, mask: int) -> None:
        """Make the last stage show `mask`."""
        if mask == self._other:
            return
        self._other = self.masks[-1] = mask
        self.served[-1] = mask & self.lane_masks
        self.rate[-1] = [self._rate(x, mask) for x in self.lanes]

    def rules(self, served: Ints, headway_s: Floats) -> Rules:
        """What may follow what, with these services."""
        return Rules(self.masks, self.rivals, self.clear_s, served, headway_s, self.barred, self.lets_out)

    def knobs(self) -> Knobs:
        """What the search weighs here."""
        return Knobs(
            horizon=HORIZON_S,
            start_s=1.0,
            stop=6.0,
            clearing=1.0,
            lost_s=LOST_BESIDE_S + float(self.clear_s.mean()),
            overdue=100.0,
        )

    def work(self) -> Work:
        """Room to search in; intersections of the same size share it."""
        return _room(HORIZON_S, BEAM, len(self.masks), len(self.phases), len(self.lanes))

    def _rate(self, lane: Lane, mask: int) -> float:
        """Share of its saturation flow at which a lane goes under the phases of `mask`."""
        return lane.rate(self.shown(mask))

    def _outlets(self, intersection: Intersection) -> Iterable[Outlet]:
        """For stages in which turners wait inside the junction: what lets them out, if anything does."""
        for lane, stage, way in outlets(intersection):
            turning = set(lane.phases) & set(way)
            others = [x for x in self.lanes if x.link != lane.link and turning & set(x.phases)]
            met = tuple(sorted(set(stage) - set(way)))
            yield Outlet(lane, stage, way, self.mask(turning), met, tuple(x.id for x in others))

    def _meetings(self) -> tuple[Ints, Ints]:
        """[stage, stage] lanes (bits) whose turners the second stage would meet inside, or lets out."""
        barred = np.zeros((len(self.masks), len(self.masks)), np.int64)
        lets_out = np.zeros_like(barred)
        for outlet in self.outlets:
            bit = 1 << self.lanes.index(outlet.lane)
            for n, stage in enumerate(self.stages):
                if not self.mask(stage) & outlet.turning:
                    barred[self.index[outlet.stage], n] |= bit
            lets_out[self.index[outlet.stage], self.index[outlet.way]] |= bit
        return barred, lets_out


@lru_cache(maxsize=64)
def _room(horizon: int, beam: int, stages: int, phases: int, lanes: int) -> Work:
    size, rows = (horizon + 1, beam), horizon * beam + 2
    return Work(
        nodes=np.zeros((horizon + 1, 2), np.int64),
        node=np.zeros((*size, 7), np.int64),
        cost=np.zeros((horizon + 1, beam + 1, 2)),
        left=np.zeros((rows, lanes), np.uint32),
        lane_free=np.zeros((rows, lanes)),
        phase_s=np.zeros((rows, phases, 3)),
        sums=np.zeros((lanes, VEHICLES + 1, 3)),
        arrived=np.zeros((horizon + 1, lanes), np.uint32),
        open_s=np.zeros(phases),
        next_s=np.zeros(lanes),
        members=np.zeros((stages, phases + 1), np.uint32),
        busy=np.zeros((*size, lanes + 1), np.uint32),
        follows=np.zeros(stages + 1, np.uint32),
        gainers=np.zeros((stages, stages), np.int64),
        found=np.zeros(stages),
        path=np.zeros((horizon + 2, 2), np.int64),
        factor=np.zeros(lanes + 1, np.int64),
        waits_s=np.zeros((stages, stages, phases)),
    )
