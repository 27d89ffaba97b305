"""Which lanes do not get away although they have green?

The head of a shared lane may want a movement that is red, a permissive turn finds no gap, the exit is full:
an estimate of the queue knows none of this, and a controller that trusts green alone would hold it for ever.
So a lane with somebody at its stop line that lets nobody go for STANDING_S counts as not served by the greens
shown at the time, for MEMORY_S or until somebody does leave. So does one with a free stop line whose queue
does not come to it for AWAITED_S: it stands before something else, further back, or is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signal_control.estimates import estimates_of
from signal_control.estimation.told import FRONT_S, LEFT_AGO_S, QUEUED, STALLED
from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate

STANDING_S: Final = 4.0
AWAITED_S: Final = 8.0
QUEUE_VEH: Final = 1.0
"""So many stand, if anybody does."""
MEMORY_S: Final = 25.0
LEFT_S: Final = 2.0
"""Who left this lately shows that the lane moves."""

Unserved = tuple[tuple[str, tuple[int, ...]], ...]


class Discharge:
    """Watches the lanes of one intersection, once per decision; remembers no more than MEMORY_S."""

    def __init__(self, intersection: Intersection) -> None:
        self._lanes = [(lane.id, lane.phases) for lane in intersection.lanes]
        self._greens: tuple[int, ...] = ()
        self._going: list[tuple[str, tuple[int, ...]]] = []
        """Lanes that these greens serve, with their phases."""

        self._since_ns = 0
        self._until_ns: dict[tuple[str, tuple[int, ...]], int] = {}

    def watch(
        self, now_ns: int, green_since_ns: Mapping[int, int], queues: Mapping[str, QueueEstimate]
    ) -> Unserved:
        """Lanes with the sets of greens that do not serve them now, sorted."""
        greens = tuple(sorted(green_since_ns))
        if greens != self._greens:
            self._greens, self._since_ns = greens, now_ns
            self._going = [x for x in self._lanes if not green_since_ns.keys().isdisjoint(x[1])]
        seen = estimates_of(queues)
        for lane, phases in self._going:
            place = seen.places.get(lane)
            if place is None:
                continue
            queue = seen.rows[place]
            waits = queue[FRONT_S] >= STANDING_S or queue[STALLED] > 0.0
            if waits or self._until_ns or _stays_away(queue):
                began = [green_since_ns[p] for p in phases if p in green_since_ns]
                green_s = (now_ns - max(self._since_ns, min(began))) / 1e9
                self._judge((lane, greens), queue, green_s, now_ns)
        if not self._until_ns:
            return ()
        self._until_ns = {key: until for key, until in self._until_ns.items() if until > now_ns}
        return tuple(sorted(self._until_ns))

    def _judge(
        self, key: tuple[str, tuple[int, ...]], queue: list[float], green_s: float, now_ns: int
    ) -> None:
        left_s = queue[LEFT_AGO_S]
        moves = 0.0 <= left_s < LEFT_S and left_s <= green_s
        if moves:
            self._until_ns.pop(key, None)
        elif (_stands(queue) and green_s >= STANDING_S and not 0.0 <= left_s < STANDING_S) or (
            green_s >= AWAITED_S and _stays_away(queue)
        ):
            self._until_ns[key] = now_ns + int(MEMORY_S * 1e9)


def _stands(queue: list[float]) -> bool:
    """Whether somebody has been at the stop line for long, or nobody was ever seen to leave it in green."""
    return queue[FRONT_S] >= STANDING_S or (queue[LEFT_AGO_S] < 0.0 and queue[STALLED] > 0.0)


def _stays_away(queue: list[float]) -> bool:
    """Whether nobody has been at the stop line for long, although some are believed to queue there."""
    return queue[LEFT_AGO_S] >= AWAITED_S and queue[FRONT_S] <= 0.0 and queue[QUEUED] >= QUEUE_VEH
