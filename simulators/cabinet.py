"""What does a dual-ring signal cabinet do with its detectors, its local plan and commands from outside?

A command says what to show; when that may happen is the cabinet's own business. Without a command that is
in force it runs its local plan. Its conflict monitor watches the lights that are really shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

from signal_control.model import Intersection
from simulators.calls import Calls
from simulators.conflict_monitor import ConflictMonitor
from simulators.free_guide import Controls, FreeGuide
from simulators.guides import Guide, PlanGuide, RemoteGuide, Rings
from simulators.lights import Lights
from simulators.local_plan import LocalPlan
from simulators.orders import CommandError, Order, command_id, order_of
from simulators.overlap_heads import OverlapHeads
from simulators.ring import GRID_MS, HiresEvent, Ring, Timing
from simulators.ring_barrier import RingBarrier
from simulators.stage_guide import StageGuide

STARTUP_RED_MS = 5000
"""All red after power-up and after a reset, before the first green."""

Mode = Literal["remote", "local", "flash"]
LocalGuide = PlanGuide | StageGuide | FreeGuide

ZONE_COUNT, ZONE_STANDING = 4096, 8192
"""Codes of a zone's two numbers, plus its channel; beyond all Indiana codes."""

_FREE_PATTERN, _FLASH_PATTERN = 254, 255
_NS_PER_MS = 1_000_000
_SCHEDULE_MS = 1000
"""The cabinet looks at its clock this often to see which plan is due."""
_NOT_FLASHING, _MONITOR_FLASH = 2, 6


class CabinetStep(NamedTuple):
    """What a step brought: high-resolution events in order, and the lights at its end."""

    events: list[HiresEvent]
    lights: Lights


class Monitor(Protocol):
    """Whoever watches the lights: returns a fault, or nothing."""

    def check(self, now_ms: int, lights: Lights) -> str:
        """The fault in force at `now_ms`, or nothing."""

    def reset(self) -> None:
        """Forget the fault."""


class Cabinet:
    """One signal cabinet, pure and synchronous; times are ms since the epoch.

    `actuated` lets phases with recall "none" that do not end their barrier group be skipped and gap out in
    the local plan; without it the plan is strictly fixed. Raises ValueError when the plan cannot be run.
    """

    def __init__(
        self,
        intersection: Intersection,
        start_ms: int,
        *,
        monitor: Monitor | None = None,
        actuated: bool = False,
    ) -> None:
        self.intersection = intersection
        self.mode: Mode = "local"
        self.fault = ""
        self._clock = start_ms // GRID_MS * GRID_MS
        self._monitor: Monitor = monitor or ConflictMonitor(intersection)
        self._log: list[HiresEvent] = []
        self._rings = _rings(intersection, self._log)
        self._calls = Calls(intersection, self._log)
        self._overlaps = OverlapHeads(intersection, self._rings, self._log)
        self._barriers = RingBarrier(intersection, self._rings, self._calls, self._overlaps, self._log)
        self._actuated = actuated
        self._here = intersection.in_force(self._clock * _NS_PER_MS)
        self._guides: dict[tuple[int, int], LocalGuide] = {}
        self._guide: Guide = self._local_guide()
        self._order: Order | None = None
        self._lights = Lights()
        self._may_start = self._clock + STARTUP_RED_MS
        self._go_local(self._clock)

    @property
    def lights(self) -> Lights:
        """What the heads show."""
        return self._lights

    def detection(self, channel: int, t_ms: int, on: bool) -> None:
        """A detector channel turned on or off; unknown channels are not wired and say nothing."""
        self._calls.detection(channel, t_ms, on)

    def count(self, channel: int, t_ms: int, vehicles: int, standing: int) -> None:
        """A detector that counts tells who is in its zone and how many of them stand."""
        self._log += [(t_ms, ZONE_COUNT + channel, vehicles), (t_ms, ZONE_STANDING + channel, standing)]

    def press(self, phase: int, t_ms: int) -> None:
        """Somebody pressed the pedestrian button of `phase`."""
        self._calls.press(phase, t_ms)

    def command(self, payload: object) -> dict[str, object]:
        """Obey at once or refuse; any payload whatever is answered with the `reply` of the contract."""
        try:
            order = order_of(self.intersection, payload, self._clock)
            if self.mode == "flash":
                raise CommandError(f"flashing: {self.fault}")
            if self._order is not None and order.issued_ms < self._order.issued_ms:
                raise CommandError(f"older than {self._order.id}, which is in force")
        except CommandError as refused:
            return self._reply(command_id(payload), False, str(refused))
        self._obey(order)
        return self._reply(order.id, True, "")

    def step(self, now_ms: int) -> CabinetStep:
        """Advance to `now_ms`; transitions happen at their exact tenth of a second on the way."""
        while self._clock + GRID_MS <= now_ms:
            self._clock += GRID_MS
            self._tick(self._clock)
        events = self._log[:]
        self._log.clear()
        return CabinetStep(events, self._lights)

    def state(self) -> dict[str, object]:
        """The cabinet's report of its lights, calls and mode: the `signal` payload of the contract."""
        lights = self._lights
        clearing = [ring.phase for ring in self._rings.values() if ring.interval == "red_clear"]
        return {
            "t": self._clock,
            "mode": self.mode,
            "greens": list(lights.greens),
            "yellows": list(lights.yellows),
            "red_clears": sorted(clearing),
            "walks": list(lights.walks),
            "ped_clears": list(lights.ped_clears),
            **self._overlap_state(),
            "veh_calls": self._calls.vehicles(),
            "ped_calls": self._calls.pedestrians(),
            "plan": self._here.plan.number if self.mode == "local" and not self._here.free else 0,
            "command": self._order.id if self._order else "",
        }

    def reset(self) -> None:
        """A technician at the door: leave flash, all red, then the local plan."""
        if self.mode == "flash":
            self.fault = ""
            self._monitor.reset()
            self._may_start = self._clock + STARTUP_RED_MS
            self._log.append((self._clock, 173, _NOT_FLASHING))
            self._go_local(self._clock)

    @property
    def here(self) -> Intersection:
        """The intersection under the plan in force by its schedule."""
        return self._here

    @property
    def rings(self) -> Rings:
        """The rings by number, to look at."""
        return self._rings

    @property
    def calls(self) -> Calls:
        """Who waits, to look at."""
        return self._calls

    def lead(self, guide: Guide) -> None:
        """Be led by `guide` instead of plan and orders until `release`; nobody leads a flashing cabinet."""
        if self.mode == "flash":
            return
        if self.mode == "local":
            self._log += [(self._clock, 131, _FREE_PATTERN), (self._clock, 150, 0)]
        self.mode, self._order, self._guide = "remote", None, guide

    def release(self) -> None:
        """Back to the local plan, if somebody led."""
        if self.mode == "remote":
            self._go_local(self._clock)

    def _overlap_state(self) -> dict[str, object]:
        """What the overlaps show, where there are any."""
        if not self._overlaps.heads:
            return {}
        return {
            "overlap_greens": list(self._lights.overlap_greens),
            "overlap_yellows": list(self._lights.overlap_yellows),
            "overlap_red_clears": list(self._overlaps.showing("red_clear")),
        }

    def _reply(self, name: str, accepted: bool, reason: str) -> dict[str, object]:
        return {"t": self._clock, "id": name, "accepted": accepted, "reason": reason}

    def _obey(self, order: Order) -> None:
        if self.mode == "local":
            self._log += [(self._clock, 131, _FREE_PATTERN), (self._clock, 150, 0)]
        self.mode, self._order = "remote", order
        self._guide = RemoteGuide(order.serve, self._rings, self._barriers.conflicting_call)
        if self._clock >= self._may_start and self._barriers.lead(self._guide, self._clock):
            self._show(self._clock)

    def _local_guide(self) -> LocalGuide:
        """Who leads under the plan in force, or free of any; kept, for its place in the cycle."""
        key = self._here.pattern, id(self._here)
        if key not in self._guides:
            self._guides[key] = self._new_guide(self._here)
        return self._guides[key]

    def _new_guide(self, here: Intersection) -> LocalGuide:
        if here.free:
            return FreeGuide(here, self._rings, self._calls, Controls())
        if here.declared_stages:
            return StageGuide(here, self._rings, self._barriers.conflicting_call)
        gap = self._calls.gap if self._actuated else None
        return PlanGuide(LocalPlan(here), self._rings, self._log, self._calls.called, gap)

    def _go_local(self, t: int) -> None:
        plan, guide = self._here.plan, self._local_guide()
        self.mode, self._order, self._guide = "local", None, guide
        self._log.append((t, 131, self._here.pattern))
        if not self._here.free:
            self._log += [(t, 132, min(255, round(plan.cycle_s))), (t, 133, round(plan.offset_s) % 256)]
            self._log += [(t, 133 + s.phase, min(255, round(s.split_s))) for s in plan.splits]
        guide.enter(t)

    def _by_schedule(self, t: int) -> None:
        """Another plan may be due; a new maximum green counts at once."""
        here = self.intersection.in_force(t * _NS_PER_MS)
        if here is self._here:
            return
        self._here = here
        for ring in self._rings.values():
            ring.timings.update({n: Timing.of(here.phase(n)) for n in ring.timings})
        if self.mode == "local":
            self._go_local(t)

    def _tick(self, t: int) -> None:
        if t % _SCHEDULE_MS == 0:
            self._by_schedule(t)
        changed = False
        for ring in self._rings.values():
            changed |= ring.advance(t)
        changed |= self._overlaps.advance(t)
        self._calls.take(t)
        if self.mode != "flash":
            if self._order is not None and t >= self._order.expires_ms:
                self._go_local(t)
            if t >= self._may_start:
                changed |= self._barriers.lead(self._guide, t)
        if changed:
            self._show(t)
        self._calls.settle(t, self._lights.greens)

    def _show(self, t: int) -> None:
        self._lights = _lights(self._rings.values(), self._overlaps)
        self.fault = self._monitor.check(t, self._lights)
        if self.fault:
            self._flash(t)

    def _flash(self, t: int) -> None:
        self.mode, self._order, self._lights = "flash", None, Lights()
        for ring in self._rings.values():
            ring.drop()
        self._overlaps.drop()
        self._log += [(t, 131, _FLASH_PATTERN), (t, 173, _MONITOR_FLASH)]


def _rings(intersection: Intersection, log: list[HiresEvent]) -> dict[int, Ring]:
    return {
        number: Ring({phase.number: Timing.of(phase) for phase in phases}, log)
        for number, phases in intersection.rings().items()
    }


def _lights(rings: Iterable[Ring], overlaps: OverlapHeads) -> Lights:
    shown: dict[str, list[int]] = {"green": [], "yellow": [], "walk": [], "clear": []}
    for ring in rings:
        for head in (ring.interval, ring.ped):
            if head in shown:
                shown[head].append(ring.phase)
    greens, yellows, walks, clears = (tuple(sorted(phases)) for phases in shown.values())
    return Lights(
        greens, yellows, walks, clears, overlaps.showing("green", "trail"), overlaps.showing("yellow")
    )
