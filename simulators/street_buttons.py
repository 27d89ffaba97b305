"""Who pressed a pedestrian button just now?"""

from __future__ import annotations

from collections.abc import Mapping

import libsumo

from simulators.lights import Lights, Press


class Buttons:
    """People who stand at a crossing without a walk signal press its button, once for each wait."""

    def __init__(self, crossings: Mapping[str, tuple[str, int]]) -> None:
        """`crossings`: the intersection and phase of each crossing, by SUMO's edge."""
        self._crossings = dict(crossings)
        self._corners: tuple[str, ...] | None = None
        self._pressed: set[tuple[str, str]] = set()

    def poll(self, shown: Mapping[str, Lights], now_ms: int) -> list[Press]:
        """Presses of this instant; somebody left standing by a whole walk presses again."""
        if not self._crossings:
            return []
        found: dict[Press, None] = {}
        waiting = self._waiting()
        for person, crossing in waiting:
            junction, phase = self._crossings[crossing]
            if phase in shown.get(junction, Lights()).walks:
                self._pressed.discard((person, crossing))
            elif (person, crossing) not in self._pressed:
                self._pressed.add((person, crossing))
                found[Press(junction, phase, now_ms)] = None
        self._pressed.intersection_update(waiting)
        return list(found)

    def _waiting(self) -> list[tuple[str, str]]:
        """(person, crossing) for everybody who stands on a corner before a crossing."""
        if self._corners is None:
            near = {crossing.rpartition("_c")[0] for crossing in self._crossings}
            self._corners = tuple(e for e in libsumo.edge.getIDList() if e.rpartition("_w")[0] in near)
        return [
            (person, crossing)
            for corner in self._corners
            for person in libsumo.edge.getLastStepPersonIDs(corner)
            if (crossing := libsumo.person.getNextEdge(person)) in self._crossings
            and libsumo.person.getSpeed(person) < 0.3
        ]
