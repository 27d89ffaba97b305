"""What is known of the queues on all lanes of an intersection at one moment?

Who decides every second reads numbers of all lanes at once; who asks for a lane gets its estimate, which is
made when somebody asks. Both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Final

import numpy as np

from signal_control.estimation.book import Floats, Ints
from signal_control.estimation.told import TOLD_WIDTH
from signal_control.queue_estimate import LaneHealth, QueueEstimate

_PAIR: Final = Struct("dd")


class Estimates(Mapping[str, QueueEstimate]):
    """The estimate of every lane by lane id; changes no more once it is made."""

    __slots__ = ("_each", "_sight_s", "age_s", "coming", "health", "numbers", "places", "rows", "spans")

    def __init__(
        self,
        places: Mapping[str, int],
        numbers: Floats,
        spans: Ints,
        coming: Floats,
        health: tuple[LaneHealth, ...],
        sight_s: tuple[float, ...],
        age_s: float,
    ) -> None:
        """Keeps what it is given: nobody may write to the arrays any more."""
        self.places = places
        """The row of each lane, in the order of lanes."""
        self.numbers, self.spans, self.coming = numbers, spans, coming
        """As `Told` has them: of each row, whose are those who move, and all who move."""
        self.rows: list[list[float]] = numbers.tolist()
        """The numbers once more, for who reads single ones."""
        self.health, self._sight_s, self.age_s = health, sight_s, age_s
        self._each: dict[str, QueueEstimate] | None = None

    @classmethod
    def of(cls, queues: Mapping[str, QueueEstimate]) -> Estimates:
        """The same estimates where each lane's is there already."""
        there, spans, end = list(queues.values()), [], 0
        for queue in there:
            spans.append((end, end + len(queue.arrivals)))
            end += len(queue.arrivals)
        numbers = [
            (q.vehicles, q.sd, q.moving, q.stalled, q.left_s, q.front_s, q.saturation_veh_h) for q in there
        ]
        found = cls(
            {lane: n for n, lane in enumerate(queues)},
            np.array(numbers, np.float64).reshape(-1, TOLD_WIDTH),
            np.array(spans, np.int64).reshape(-1, 2),
            np.array([pair for q in there for pair in q.arrivals], np.float64).reshape(-1, 2),
            tuple([q.health for q in there]),
            tuple([q.sight_s for q in there]),
            there[0].age_s if there else 0.0,
        )
        found._each = dict(queues)
        return found

    @property
    def each(self) -> dict[str, QueueEstimate]:
        """The estimate of every lane, for itself."""
        if self._each is None:
            self._each = self._said()
        return self._each

    def __getitem__(self, lane: str) -> QueueEstimate:
        return self.each[lane]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __contains__(self, lane: object) -> bool:
        return lane in self.places

    def __len__(self) -> int:
        return len(self.places)

    def _said(self) -> dict[str, QueueEstimate]:
        spans, health, sight_s, found = self.spans.tolist(), self.health, self._sight_s, {}
        coming = tuple(_PAIR.iter_unpack(self.coming.tobytes()))
        for lane, n in self.places.items():
            queued, sd, moving, stalled, left_s, front_s, learned_veh_h = self.rows[n]
            begin, end = spans[n]
            found[lane] = QueueEstimate(
                lane,
                queued,
                sd,
                self.age_s,
                moving,
                stalled > 0.0,
                coming[begin:end] if begin < end else (),
                sight_s[n],
                left_s,
                front_s,
                round(learned_veh_h),
                health[n],
            )
        return found


def estimates_of(queues: Mapping[str, QueueEstimate]) -> Estimates:
    """Estimates by lane id, however they are kept, as numbers that can be read at once."""
    return queues if isinstance(queues, Estimates) else Estimates.of(queues)
