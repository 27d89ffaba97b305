"""How do readings of one controller become its high-resolution log and its report of the lights?

A change lies somewhere between two readings; it is dated half way, which at ten readings a second is right to
50 ms and not late on average.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from collectors.reading import TIE_LIMIT, Reading, Value
from gateway.ntcip import changes
from gateway.ntcip import objects as o
from gateway.ntcip.order import Order
from gateway.ntcip.snapshot import Slow, Snapshot, mask_of, members
from signal_control.events import BARRIER_END
from signal_control.model import Intersection

MS: Final = 1_000_000
UNSEEN_NS: Final = 5_000_000_000
"""After a longer gap nobody knows what happened: detectors are set right, lights are only reported."""
REPORT_NS: Final = 1_000_000_000
"""The lights are reported this often, and at every change."""


class Chronicle:
    """The log of one cabinet, written by whoever reads it. `site` is the city's word in topics and stores."""

    def __init__(self, intersection: Intersection, site: str, knows_ons: bool = True) -> None:
        """`knows_ons`: the controller tells which phases are on, and with that which are in red clearance."""
        self._site, self._id, self._knows_ons = site, intersection.id, knows_ons
        self._ring_of = {p.number: p.ring for p in intersection.phases}
        self._barrier_of = {p.number: p.barrier for p in intersection.phases}
        self._red_clear_ns = {p.number: int(p.red_clear_s * 1e9) for p in intersection.phases}
        self._phases = mask_of(self._ring_of)
        self._overlaps = mask_of(o.number for o in intersection.overlaps)
        self._stops = _stops(intersection)
        self._before: Snapshot | None = None
        self._slow: Slow | None = None
        self._calls = (0, 0)
        self._clearing = 0
        self._yellow_ended_ns: dict[int, int] = {}
        self._barrier = 0
        self._number = 0
        self._told: tuple[int, dict[str, Value]] = (0, {})
        self._last_ns = 0

    def take(self, now: Snapshot, order: Order, mode: str, command: str) -> list[Reading]:
        """What a snapshot brings: events since the one before, and a report of the lights when one is due.

        `order` stands in the controller; what we call for ourselves does not count as somebody waiting.
        """
        before = self._before
        clearing, calls = self._red_clears(before, now), self._waiting(now, order.veh_call)
        if before is None or abs(now.at_ns - before.at_ns) > UNSEEN_NS:
            happened: Iterable[changes.Happening] = changes.detectors(before or Snapshot(0), now)
            at_ns = now.at_ns
        else:
            asked = before.force_off | order.force_off
            happened = self._happened(before, now, (self._clearing, clearing), (self._calls, calls), asked)
            at_ns = (before.at_ns + now.at_ns) // 2
        self._before, self._clearing, self._calls = now, clearing, calls
        return [*self.log(happened, at_ns), *self._report(now, mode, command)]

    def take_slow(self, now: Slow, at_ns: int) -> list[Reading]:
        """What the slow reading brings."""
        before, self._slow = self._slow or Slow(alarm_1=now.alarm_1), now
        return self.log(changes.slow(before, now), at_ns)

    def ordered(self, before: Order, now: Order, at_ns: int) -> list[Reading]:
        """The controller has taken an order."""
        omitted = (before.phase_omit, now.phase_omit)
        return self.log(changes.orders((before.hold, now.hold), omitted), at_ns)

    def log(self, happened: Iterable[changes.Happening], at_ns: int) -> list[Reading]:
        """Events as readings of kind `hires`, numbered; the log runs backwards only when the clock is set."""
        self._last_ns = self._in_order(at_ns)
        found = []
        for code, param in happened:
            tie = self._number % TIE_LIMIT
            self._number += 1
            fields: dict[str, Value] = {"code": code, "param": param}
            found.append(Reading("hires", self._site, self._id, self._last_ns, fields, {}, tie, at_ns))
        return found

    def _in_order(self, at_ns: int) -> int:
        """Whole milliseconds, not before the last event, unless the clock was set back by more than a gap."""
        ms_ns = at_ns // MS * MS
        return ms_ns if self._last_ns - ms_ns > UNSEEN_NS else max(ms_ns, self._last_ns)

    def _happened(
        self,
        before: Snapshot,
        now: Snapshot,
        clearing: tuple[int, int],
        calls: tuple[tuple[int, int], tuple[int, int]],
        asked: int,
    ) -> Iterable[changes.Happening]:
        return chain(
            changes.unit(before, now),
            changes.detectors(before, now),
            changes.phases(before, now, clearing, self._ring_of, asked),
            self._crossings(before, now),
            changes.pedestrians(before, now),
            changes.overlaps(before, now),
            changes.calls(*calls),
        )

    def _crossings(self, before: Snapshot, now: Snapshot) -> Iterator[changes.Happening]:
        """The end of a barrier group: the first green of another one."""
        if not self._barrier:
            self._barrier = next((self._barrier_of[p] for p in members(before.greens & self._phases)), 0)
        for phase in members(now.greens & ~before.greens & self._phases):
            barrier = self._barrier_of[phase]
            if self._barrier not in (0, barrier):
                yield BARRIER_END, self._barrier
            self._barrier = barrier

    def _red_clears(self, before: Snapshot | None, now: Snapshot) -> int:
        """Phases in red clearance: on, but neither green nor yellow; by our own watch if nobody tells."""
        if self._knows_ons:
            return now.phase_ons & ~now.greens & ~now.yellows & self._phases
        for phase in members((before.yellows if before else 0) & ~now.yellows & ~now.greens & self._phases):
            self._yellow_ended_ns[phase] = now.at_ns
        ended = self._yellow_ended_ns.items()
        clearing = mask_of(p for p, ended_ns in ended if now.at_ns - ended_ns < self._red_clear_ns[p])
        return clearing & ~now.greens & ~now.yellows

    def _waiting(self, now: Snapshot, placed: int) -> tuple[int, int]:
        """Calls of vehicles and pedestrians (masks), without the calls that are our own.

        Where we call ourselves, the controller's bit says nothing: then who waited before still waits until
        green, and who stands on a stop-line detector waits.
        """
        standing = 0
        for phase, channels in self._stops.items():
            if now.detectors & channels:
                standing |= 1 << (phase - 1)
        ours = placed & (self._calls[0] | standing)
        vehicles = (now.veh_calls & ~placed) | ours
        return vehicles & ~now.greens & self._phases, now.ped_calls & self._phases

    def _report(self, now: Snapshot, mode: str, command: str) -> list[Reading]:
        fields: dict[str, Value] = {
            "mode": mode,
            "greens": now.greens & self._phases,
            "yellows": now.yellows & self._phases,
            "red_clears": self._clearing,
            "walks": now.walks & self._phases,
            "ped_clears": now.ped_clears & self._phases,
            "veh_calls": self._calls[0],
            "ped_calls": self._calls[1],
            **self._overlap_report(now),
            "plan": now.pattern if mode == "local" and now.pattern not in (o.FREE, o.FLASH) else 0,
            "command": command,
        }
        told_ns, told = self._told
        if fields == told and 0 <= now.at_ns - told_ns < REPORT_NS:
            return []
        self._told = (now.at_ns, fields)
        at_ns = self._in_order(now.at_ns)
        return [Reading("signal", self._site, self._id, at_ns, fields, received_ns=now.at_ns)]

    def _overlap_report(self, now: Snapshot) -> dict[str, Value]:
        """The overlaps of the city file; red clearance of overlaps is not among the status groups."""
        if not self._overlaps:
            return {}
        return {
            "overlap_greens": now.overlap_greens & self._overlaps,
            "overlap_yellows": now.overlap_yellows & self._overlaps,
        }


def _stops(intersection: Intersection) -> dict[int, int]:
    """The mask of stop-line channels of each phase."""
    served = {lane.id: lane.phases for lane in intersection.lanes}
    found: dict[int, int] = {}
    for detector in intersection.detectors:
        if detector.role == "stop":
            for phase in served[detector.lane]:
                found[phase] = found.get(phase, 0) | 1 << (detector.channel - 1)
    return found
