"""Where do the detectors of a declared layout lie on an imported network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from signal_control.model import Detector, Intersection
from simulators.detectors import Loop, loops_xml
from simulators.networks.netfile import NetFile
from simulators.networks.paths import Paths, Spot
from simulators.street_net import StreetError

STOP_M: Final = 1.0
"""A stop-line loop ends so far ahead of the stop line."""
LOOP_M: Final = 2.0
ADVANCE_M: Final = 90.0
NEAREST_ADVANCE_M: Final = 20.0
"""An advance loop nearer to the stop line than this tells nothing that a stop-line loop does not."""
SAME_M: Final = 30.0
"""Advance loops of an intersection that are nearer to each other on one lane are one loop."""
BEGINNING_M: Final = 8.0
"""No loop lies nearer to the beginning of a lane that nothing leads to."""
ZONE_M: Final = 50.0
LAYOUTS: Final[dict[str, frozenset[str]]] = {
    "area": frozenset({"area"}),
    "both": frozenset({"area", "advance"}),
    "loops": frozenset({"stop", "advance"}),
    "stopline": frozenset({"stop"}),
    "advance": frozenset({"advance"}),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A lane-area detector: its channel and the chain of lanes it lies on, in driving order.

    `start_m` is on the first lane; the zone ends at the stop line of the last one.
    """

    id: str
    intersection: str
    channel: int
    lanes: tuple[str, ...]
    start_m: float
    end_m: float


@dataclass(frozen=True, slots=True)
class Laid:
    """The detectors of one intersection: as its controller knows them, and as SUMO lays them."""

    detectors: tuple[Detector, ...]
    loops: tuple[Loop, ...]
    zones: tuple[Zone, ...]


def lay(net: NetFile, intersection: str, lanes: Sequence[str], layout: str) -> Laid:
    """The detectors of `layout` for the signal lanes of an intersection.

    Where a lane is too short its loops lie on the lanes that feed it, one channel for each physical loop.
    Raises StreetError for a layout that does not exist.
    """
    if layout not in LAYOUTS:
        raise StreetError(f"no detector layout named {layout!r}; there are: {', '.join(LAYOUTS)}")
    laying = _Laying(net, intersection)
    if "area" in LAYOUTS[layout]:
        for lane in lanes:
            laying.zone(lane)
    if "stop" in LAYOUTS[layout]:
        for lane in lanes:
            laying.loops_at(lane, "stop", STOP_M + LOOP_M)
    if "advance" in LAYOUTS[layout]:
        for lane in lanes:
            laying.loops_at(lane, "advance", ADVANCE_M + LOOP_M)
    return Laid(tuple(laying.detectors), tuple(laying.loops), tuple(laying.zones))


def relay(net: NetFile, intersection: Intersection) -> Laid:
    """Detectors where an intersection declares them; each point lies on the lane or on one that feeds it.

    Raises StreetError for a detector on a lane that the network does not have.
    """
    laying = _Laying(net, intersection.id)
    for detector in intersection.detectors:
        if detector.lane not in net.lanes:
            raise StreetError(f"{intersection.id}: detector {detector.channel} lies on an unknown lane")
        laying.again(detector)
    return Laid(intersection.detectors, tuple(laying.loops), tuple(laying.zones))


def detectors_xml(loops: Sequence[Loop], zones: Sequence[Zone]) -> str:
    """SUMO's additional file with loops and lane-area detectors."""
    lines = [
        f"    <laneAreaDetector id={quoteattr(zone.id)} lanes={quoteattr(' '.join(zone.lanes))} "
        f'pos="{zone.start_m:.2f}" endPos="{zone.end_m:.2f}" timeThreshold="0" period="86400" file="NUL"/>'
        for zone in zones
    ]
    return loops_xml(loops).replace("</additional>\n", "\n".join([*lines, "</additional>", ""]))


class _Laying:
    def __init__(self, net: NetFile, intersection: str) -> None:
        self._net, self._paths, self._id = net, Paths(net), intersection
        self._there: dict[str, list[tuple[str, float]]] = {}
        self.detectors: list[Detector] = []
        self.loops: list[Loop] = []
        self.zones: list[Zone] = []

    def loops_at(self, lane: str, role: str, distance_m: float) -> None:
        """One loop at every place so far upstream of the end of `lane` where there is none yet."""
        for spot in map(self._off_the_edge, self._paths.spots(lane, distance_m)):
            if (role == "advance" and spot.to_stop_m < NEAREST_ADVANCE_M) or self._is_there(spot, role):
                continue
            self._there.setdefault(spot.lane, []).append((role, spot.at_m))
            self._loop(lane, role, spot)

    def _is_there(self, spot: Spot, role: str) -> bool:
        """Whether a loop lies there, or one that sees the same vehicles: where lanes of unlike length part
        from one, the same distance from their stop lines is a few metres more or less on it."""
        return any(
            abs(at_m - spot.at_m) < (SAME_M if role == other == "advance" else 0.05)
            for other, at_m in self._there.get(spot.lane, ())
        )

    def again(self, detector: Detector) -> None:
        """A detector that somebody else has described."""
        if detector.role == "area":
            self.zone(detector.lane, detector.length_m, detector.channel)
            return
        spots = self._paths.spots(detector.lane, detector.distance_m + detector.length_m)
        taken = {(loop.lane, round(loop.start_m, 1)) for loop in self.loops}
        free = [s for s in spots if (s.lane, round(s.at_m, 1)) not in taken] or spots
        name = f"{self._id}.{detector.channel}"
        length_m = max(0.1, min(detector.length_m, self._net.lanes[free[0].lane].length_m - free[0].at_m))
        self.loops.append(Loop(name, self._id, detector.channel, free[0].lane, free[0].at_m, length_m))

    def zone(self, lane: str, reach_m: float = ZONE_M, channel: int = 0) -> None:
        """A zone from the stop line so far upstream, as far as there is a road."""
        chain = self._paths.chain(lane, reach_m)
        total_m = sum(x.length_m for x in chain)
        length_m = min(reach_m, total_m - 0.2)
        start_m = total_m - length_m
        while len(chain) > 1 and start_m >= chain[-1].length_m - 0.1:
            start_m -= chain.pop().length_m
        channel = channel or self._channel()
        end_m = max(0.1, chain[0].length_m - 0.02)
        zone = Zone(
            f"{self._id}.{channel}",
            self._id,
            channel,
            tuple(x.id for x in reversed(chain)),
            max(0.02, start_m),
            end_m,
        )
        self.zones.append(zone)
        described = {"channel": channel, "lane": lane, "role": "area", "distance_m": 0, "length_m": length_m}
        self.detectors.append(Detector.model_validate(described))

    def _off_the_edge(self, spot: Spot) -> Spot:
        """Where trips begin SUMO sets vehicles down with their front several metres into the lane."""
        length_m = self._net.lanes[spot.lane].length_m
        if self._paths.has_feeders(spot.lane) or spot.at_m >= BEGINNING_M or length_m < 2 * BEGINNING_M:
            return spot
        return Spot(spot.lane, BEGINNING_M, spot.to_stop_m - (BEGINNING_M - spot.at_m))

    def _loop(self, lane: str, role: str, spot: Spot) -> None:
        channel = self._channel()
        length_m = min(LOOP_M, self._net.lanes[spot.lane].length_m - spot.at_m)
        self.loops.append(
            Loop(f"{self._id}.{channel}", self._id, channel, spot.lane, spot.at_m, max(0.1, length_m))
        )
        self.detectors.append(
            Detector.model_validate(
                {
                    "channel": channel,
                    "lane": lane,
                    "role": role,
                    "distance_m": round(max(0.0, spot.to_stop_m - length_m), 2),
                    "length_m": round(max(0.1, length_m), 2),
                }
            )
        )

    def _channel(self) -> int:
        if len(self.detectors) == 255:
            raise StreetError(f"{self._id}: a cabinet has 255 detector channels; this layout needs more")
        return len(self.detectors) + 1
