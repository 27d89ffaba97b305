"""What does a controller make of what its masters wrote over NTCIP, tick by tick?

Who leads the lights: a preemption before all, then the pattern (by hand, or the system's while it speaks),
then the local plan. Without a control SET for the backup time everything the system wrote is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from signal_control.model import Intersection, Split
from simulators.cabinet import Cabinet, CabinetStep
from simulators.free_guide import Controls, FreeGuide
from simulators.guides import PlanGuide, RemoteGuide
from simulators.lights import Lights
from simulators.local_plan import LocalPlan
from simulators.ring import GRID_MS, HiresEvent

FREE, FLASH = 254, 255
RESERVED: Final = 20
"""A pattern like the local plan whose splits the system may write; a change waits for local zero."""
SYSTEM, BACKUP, TIMEBASE = 2, 4, 6
NOT_ACTIVE, ENTRY, DWELL = 2, 4, 6
PREEMPTS: Final = 2
NOT_FLASHING, FAULT_MONITOR = 2, 5
CAUSES: Final = {4: 0x08, 5: 0x10, 6: 0x20}
"""ringStatus bits of gap-out, max-out and force-off, by event code."""


@dataclass(slots=True)
class Preempt:
    """A preemption input and the phases it dwells in."""

    state: int = NOT_ACTIVE
    dwell: tuple[int, ...] = ()


@dataclass(slots=True)
class Registers:
    """What can be written beside the phase groups."""

    backup_s: int = 0
    operational_mode: int = 0
    system_pattern: int = 0
    system_sync: int = 255
    splits: dict[int, int] = field(default_factory=dict)
    """Split times of the pattern set aside for the system, seconds by phase."""


class NtcipUnit:
    """A cabinet with NTCIP in front; pure and synchronous like the cabinet itself."""

    def __init__(self, cabinet: Cabinet, start_ms: int, *, reservice: bool = True) -> None:
        self.cabinet, self.controls, self.registers = cabinet, Controls(), Registers()
        self.preempts = [Preempt() for _ in range(PREEMPTS)]
        self.status = TIMEBASE
        self.detectors: set[int] = set()
        self.causes: dict[int, int] = {}
        self.clock_ms = start_ms // GRID_MS * GRID_MS
        self._set_ms = self.clock_ms
        self._reservice = reservice
        self._leader: object = None
        plan = cabinet.intersection.plan
        self.registers.splits = {split.phase: round(split.split_s) for split in plan.splits}
        self._log: list[HiresEvent] = []
        self._lights = cabinet.lights
        self._numbers = {p.number for p in cabinet.intersection.every_plan}
        self._ring_of = {p.number: p.ring for p in cabinet.intersection.phases}

    @property
    def pattern(self) -> int:
        """coordPatternStatus: what runs now."""
        if self.cabinet.mode == "flash":
            return FLASH
        if self.cabinet.mode == "local":
            return self.cabinet.here.pattern
        if isinstance(self._leader, int) and self._leader in self._numbers:
            return self._leader
        return RESERVED if isinstance(self._leader, tuple) and self._leader[:1] == (RESERVED,) else FREE

    @property
    def flash(self) -> int:
        """unitFlashStatus."""
        return FAULT_MONITOR if self.cabinet.mode == "flash" else NOT_FLASHING

    def written(self) -> None:
        """A control object was set: the backup timer starts again."""
        self._set_ms = self.clock_ms
        self.status = SYSTEM

    def press(self, mask: int) -> None:
        """Pedestrian calls placed by a master."""
        for phase in self._ring_of:
            if mask >> (phase - 1) & 1:
                self.cabinet.press(phase, self.clock_ms)

    def preempt(self, number: int, dwell: tuple[int, ...]) -> None:
        """An emergency vehicle: go to these phases and stay until called with none."""
        self.preempts[number - 1] = Preempt(ENTRY if dwell else NOT_ACTIVE, dwell)

    def step(self, now_ms: int) -> CabinetStep:
        """Advance to `now_ms` by tenths of a second."""
        found: list[HiresEvent] = []
        while self.clock_ms + GRID_MS <= now_ms:
            self.clock_ms += GRID_MS
            found += self._tick()
        return CabinetStep(found, self.cabinet.lights)

    def _tick(self) -> list[HiresEvent]:
        backup_ms = self.registers.backup_s * 1000
        if backup_ms and self.status != BACKUP and self.clock_ms - self._set_ms >= backup_ms:
            self.status = BACKUP
            self.controls.clear()
            self.registers.system_pattern = 0
        self._lead()
        events, lights = self.cabinet.step(self.clock_ms)
        events += self._log
        self._log.clear()
        self._note(events)
        self._clear_force_offs(lights)
        return events

    def _lead(self) -> None:
        preempt = next((p for p in self.preempts if p.dwell), None)
        pattern = self.registers.operational_mode or self.registers.system_pattern
        cabinet = self.cabinet
        leader: object = preempt.dwell if preempt else pattern
        if leader == RESERVED:
            leader = self._plan_due()
        if preempt and set(preempt.dwell) <= set(self._lights.greens):
            preempt.state = DWELL
        if leader == self._leader or cabinet.mode == "flash":
            return
        self._leader = leader
        if preempt:
            cabinet.lead(RemoteGuide(preempt.dwell, cabinet.rings, lambda phase: True))
        elif pattern in (0, cabinet.here.pattern):
            cabinet.release()
        elif isinstance(leader, tuple):
            cabinet.lead(self._plan_guide(self._reserved_plan(leader)))
        elif pattern in self._numbers:
            cabinet.lead(self._plan_guide(cabinet.intersection.planned(pattern)))
        else:
            node, rings, calls = cabinet.intersection, cabinet.rings, cabinet.calls
            cabinet.lead(FreeGuide(node, rings, calls, self.controls, self._reservice))

    def _plan_due(self) -> tuple[object, ...]:
        """The reserved pattern with the splits in use: others from local zero on."""
        wanted = (RESERVED, *sorted(self.registers.splits.items()))
        running = self._leader if isinstance(self._leader, tuple) else ()
        plan = self.cabinet.intersection.plan
        splits = self.registers.splits
        if any(sum(splits[p] for p in ring) != round(plan.cycle_s) for ring in plan.sequence):
            return running or (RESERVED, *((s.phase, round(s.split_s)) for s in plan.splits))
        zero = (self.clock_ms - round(plan.offset_s * 1000)) % round(plan.cycle_s * 1000) == 0
        return running if running[:1] == (RESERVED,) and not zero else wanted

    def _reserved_plan(self, leader: tuple[object, ...]) -> Intersection:
        """The local plan with the splits that the system has written."""
        node = self.cabinet.intersection
        written = [entry for entry in leader[1:] if isinstance(entry, tuple)]
        splits = tuple(Split(phase=phase, split_s=split_s) for phase, split_s in written)
        return node.model_copy(update={"plan": node.plan.model_copy(update={"splits": splits})})

    def _plan_guide(self, node: Intersection) -> PlanGuide:
        calls = self.cabinet.calls
        guide = PlanGuide(LocalPlan(node), self.cabinet.rings, self._log, calls.called, calls.gap)
        guide.enter(self.clock_ms)
        return guide

    def _note(self, events: list[HiresEvent]) -> None:
        """What status objects tell that the cabinet itself forgets."""
        for _, code, param in events:
            if code == 82:
                self.detectors.add(param)
            elif code == 81:
                self.detectors.discard(param)
            elif code in CAUSES:
                self.causes[self._ring_of[param]] = CAUSES[code]
            elif code == 1:
                self.causes[self._ring_of[param]] = 0

    def _clear_force_offs(self, lights: Lights) -> None:
        if lights is not self._lights:
            for phase in set(self._lights.greens) - set(lights.greens):
                self.controls.force_off &= ~(1 << (phase - 1))
            self._lights = lights
