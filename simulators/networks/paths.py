"""Which lanes lie upstream of a stop line, and to which signals does a lane lead on?"""

from __future__ import annotations

from typing import NamedTuple

from simulators.networks.netfile import Connection, NetFile, NetLane

DEEPEST = 6
"""No chain is followed over more lanes than this."""
SHORT_EDGE_M = 40.0
"""A signal edge shorter than this that a single edge feeds is one approach with it."""
LONGEST_LINK_M = 500.0
LEAST_M = 3.0
"""A place that would lie inside a junction lies so far ahead of it."""
STRAIGHT_ON = 6.0
"""At a fork without a signal so many times more go straight on than turn."""


class Spot(NamedTuple):
    """A place on a lane: metres from the lane's start, and from the stop line that it belongs to."""

    lane: str
    at_m: float
    to_stop_m: float


class Paths:
    """Chains of lanes in one network."""

    def __init__(self, net: NetFile) -> None:
        self._net = net
        self._signal_lanes = {c.start for c in net.connections if c.signal and not c.crossing}

    def chain(self, lane: str, reach_m: float) -> list[NetLane]:
        """`lane` and the lanes that run on into it by the most direct way, until `reach_m` or a signal."""
        found, total_m = [self._net.lanes[lane]], self._net.lanes[lane].length_m
        while total_m < reach_m and len(found) < DEEPEST:
            before = self._feeders(found[-1].id)
            before = [c for c in before if self._net.lanes[c.start] not in found]
            if not before:
                break
            nearest = min(before, key=lambda c: self._detour(c, found[-1]))
            total_m += self._inner_m(nearest) + self._net.lanes[nearest.start].length_m
            found.append(self._net.lanes[nearest.start])
        return found

    def spots(self, lane: str, distance_m: float) -> list[Spot]:
        """Every place `distance_m` upstream of the end of `lane`; its far end where the road ends before."""
        found: list[Spot] = []
        stack = [(lane, distance_m, 0)]
        while stack:
            name, need_m, depth = stack.pop()
            length_m = self._net.lanes[name].length_m
            before = self._feeders(name) if depth < DEEPEST else []
            if length_m >= need_m or not before:
                at_m = max(0.0, length_m - need_m)
                found.append(Spot(name, at_m, distance_m - need_m + (length_m - at_m)))
                continue
            rest_m = need_m - length_m
            stack += [(c.start, max(LEAST_M, rest_m - self._inner_m(c)), depth + 1) for c in before]
        return found[:6]

    def has_feeders(self, lane: str) -> bool:
        """Whether any lane but a U-turn leads to it."""
        return any(c.turn != "t" for c in self._net.into.get(lane, []))

    def link(self, lane: str) -> str:
        """The name of the approach of a signal lane: its edge, or the one that alone feeds a short one."""
        edge = self._net.lanes[lane].edge
        length_m = self._net.lanes[lane].length_m
        while length_m < SHORT_EDGE_M:
            before = {self._net.lanes[c.start].edge for c in self._entering(edge)}
            if len(before) != 1 or any(c.signal for c in self._entering(edge)):
                break
            edge = before.pop()
            length_m += max(x.length_m for x in self._net.lanes.values() if x.edge == edge)
        return edge

    def storage_m(self, lane: str) -> float:
        """Metres from the stop line back to the last signal, or to where the road splits from others."""
        total_m, at = 0.0, lane
        for _ in range(DEEPEST):
            total_m += self._net.lanes[at].length_m
            before = self._feeders(at)
            if len({self._net.lanes[c.start].edge for c in before}) != 1 or total_m > LONGEST_LINK_M:
                break
            at = min(before, key=lambda c: self._detour(c, self._net.lanes[at])).start
        return total_m

    def onward(self, connection: Connection) -> dict[str, float]:
        """The signals' approaches that a connection leads to, with the share of its traffic, as guessed."""
        found: dict[str, float] = {}
        stack = [(connection.end, 1.0, 0, 0.0)]
        while stack:
            name, share, depth, gone_m = stack.pop()
            edge = self._net.lanes[name].edge
            ends = [x.id for x in self._net.lanes.values() if x.edge == edge and x.id in self._signal_lanes]
            if ends:
                link = self.link(ends[0])
                found[link] = found.get(link, 0.0) + share
                continue
            gone_m += self._net.lanes[name].length_m
            ways = {self._net.lanes[c.end].edge: c for c in self._leaving(edge) if c.turn != "t"}
            if depth < DEEPEST and gone_m <= 2 * LONGEST_LINK_M:
                weights = {e: STRAIGHT_ON if c.turn in "sS" else 1.0 for e, c in ways.items()}
                total = sum(weights.values())
                stack += [(c.end, share * weights[e] / total, depth + 1, gone_m) for e, c in ways.items()]
        return found

    def _feeders(self, lane: str) -> list[Connection]:
        """Ways into a lane that no signal controls and that are no U-turns."""
        return [c for c in self._net.into.get(lane, []) if not c.signal and c.turn != "t"]

    def _entering(self, edge: str) -> list[Connection]:
        lanes = [x.id for x in self._net.lanes.values() if x.edge == edge]
        return [c for lane in lanes for c in self._net.into.get(lane, []) if c.turn != "t"]

    def _leaving(self, edge: str) -> list[Connection]:
        lanes = [x.id for x in self._net.lanes.values() if x.edge == edge]
        return [c for lane in lanes for c in self._net.out_of.get(lane, [])]

    def _inner_m(self, connection: Connection) -> float:
        return self._net.internal_m.get(connection.via, 0.0)

    def _detour(self, connection: Connection, to: NetLane) -> tuple[bool, int, float]:
        start = self._net.lanes[connection.start]
        return (connection.turn not in "sS", abs(start.index - to.index), -start.length_m)
