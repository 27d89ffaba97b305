"""What happened between two readings of a controller, in the codes of the high-resolution log?

Pure functions from two snapshots to (code, parameter), in the order in which a controller logs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.ntcip import objects as o
from gateway.ntcip.snapshot import MOST_PREEMPTS, Slow, Snapshot, byte_of, members
from signal_control import events

Happening = tuple[int, int]
"""Indiana event code and its parameter."""

DETECTOR_RESTORED, DETECTOR_FAULT = 83, 84
HOLD_ON, HOLD_OFF, OMIT_ON, OMIT_OFF = 41, 42, 46, 47
UNIT_CONTROL, UNIT_ALARM_1, STOP_TIME = 155, 174, 180

_PREEMPT_CODES: Final = {3: 102, 4: 105, 5: 106, 6: 107, 7: 108, 8: 111, 9: 110}
_PREEMPT_OVER: Final = 104
_CAUSES: Final = (
    (o.RING_FORCE_OFF, events.PHASE_FORCE_OFF),
    (o.RING_MAX_OUT, events.PHASE_MAX_OUT),
    (o.RING_GAP_OUT, events.PHASE_GAP_OUT),
)


def phases(
    before: Snapshot, now: Snapshot, cleared: tuple[int, int], ring_of: Mapping[int, int], asked: int
) -> Iterator[Happening]:
    """Lights of phases; `cleared` are those in red clearance before and now, `asked` our force-offs."""
    was_clearing, clearing = cleared
    for phase in members(before.greens & ~now.greens):
        forced = bool(asked >> (phase - 1) & 1)
        yield from _end_of_green(before, now, phase, ring_of.get(phase, 0), forced)
    for phase in members(now.yellows & ~before.yellows):
        yield events.PHASE_YELLOW, phase
    for phase in members(before.yellows & ~now.yellows):
        yield events.PHASE_YELLOW_END, phase
    for phase in members(clearing & ~was_clearing):
        yield events.PHASE_RED_CLEAR, phase
    for phase in members(was_clearing & ~clearing):
        yield events.PHASE_RED_CLEAR_END, phase
    shown, showed = (s.greens | s.yellows | c for s, c in ((now, clearing), (before, was_clearing)))
    for phase in members(showed & ~shown):
        yield events.PHASE_INACTIVE, phase
    for phase in members(now.greens & ~before.greens):
        yield events.PHASE_ON, phase
        yield events.PHASE_GREEN, phase
    yield from _minimums(before, now, ring_of)


def pedestrians(before: Snapshot, now: Snapshot) -> Iterator[Happening]:
    """Pedestrian heads."""
    for phase in members(now.walks & ~before.walks):
        yield events.PED_WALK, phase
    for phase in members(now.ped_clears & ~before.ped_clears):
        yield events.PED_CLEAR, phase
    for phase in members((before.walks | before.ped_clears) & ~(now.walks | now.ped_clears)):
        yield events.PED_DONT_WALK, phase


def calls(before: tuple[int, int], now: tuple[int, int]) -> Iterator[Happening]:
    """Calls of vehicles and of pedestrians (masks), before and now."""
    for phase in members(before[0] & ~now[0]):
        yield events.PHASE_CALL_DROPPED, phase
    for phase in members(now[0] & ~before[0]):
        yield events.PHASE_CALL, phase
    for phase in members(now[1] & ~before[1]):
        yield events.PED_CALL, phase


def detectors(before: Snapshot, now: Snapshot) -> Iterator[Happening]:
    """Detector channels that turned off or on."""
    for channel in members(before.detectors & ~now.detectors):
        yield events.DETECTOR_OFF, channel
    for channel in members(now.detectors & ~before.detectors):
        yield events.DETECTOR_ON, channel


def overlaps(before: Snapshot, now: Snapshot) -> Iterator[Happening]:
    """Overlaps, A being 1."""
    for overlap in members(now.overlap_greens & ~before.overlap_greens):
        yield events.OVERLAP_GREEN, overlap
    for overlap in members(now.overlap_yellows & ~before.overlap_yellows):
        yield events.OVERLAP_YELLOW, overlap
    lit, was_lit = (s.overlap_greens | s.overlap_yellows for s in (now, before))
    for overlap in members(was_lit & ~lit):
        yield events.OVERLAP_OFF, overlap


def unit(before: Snapshot, now: Snapshot) -> Iterator[Happening]:
    """Preemption, pattern, flash, who is in control, and stop time."""
    for number in range(1, MOST_PREEMPTS + 1):
        was, state = byte_of(before.preempts, number), byte_of(now.preempts, number)
        if state != was and (state in _PREEMPT_CODES or was in _PREEMPT_CODES):
            yield _PREEMPT_CODES.get(state, _PREEMPT_OVER), number
    if now.pattern != before.pattern:
        yield events.PATTERN, now.pattern
        if now.pattern == o.FREE:
            yield events.COORD_STATE, 0
    if now.unit_control != before.unit_control:
        yield UNIT_CONTROL, now.unit_control
    if now.unit_flash != before.unit_flash:
        yield events.FLASH_STATE, now.unit_flash
    if (now.short_alarm ^ before.short_alarm) & o.STOP_TIME:
        yield STOP_TIME, int(bool(now.short_alarm & o.STOP_TIME))


def slow(before: Slow, now: Slow) -> Iterator[Happening]:
    """Alarms."""
    if now.alarm_1 != before.alarm_1:
        yield UNIT_ALARM_1, now.alarm_1
    for channel in members(before.detector_alarms & ~now.detector_alarms):
        yield DETECTOR_RESTORED, channel
    for channel in members(now.detector_alarms & ~before.detector_alarms):
        yield DETECTOR_FAULT, channel


def orders(held: tuple[int, int], omitted: tuple[int, int]) -> Iterator[Happening]:
    """Holds and omits (masks), each before and now."""
    for (was, now), on, off in ((held, HOLD_ON, HOLD_OFF), (omitted, OMIT_ON, OMIT_OFF)):
        yield from ((off, phase) for phase in members(was & ~now))
        yield from ((on, phase) for phase in members(now & ~was))


def _end_of_green(
    before: Snapshot, now: Snapshot, phase: int, ring: int, forced: bool
) -> Iterator[Happening]:
    """Why, as far as the controller tells or we know because we asked for it; and that it ended."""
    status = (byte_of(now.rings, ring) | byte_of(before.rings, ring)) if ring else 0
    cause = next((code for bit, code in _CAUSES if status & bit), events.PHASE_FORCE_OFF if forced else None)
    if cause is not None:
        yield cause, phase
    yield events.PHASE_GREEN_END, phase


def _minimums(before: Snapshot, now: Snapshot, ring_of: Mapping[int, int]) -> Iterator[Happening]:
    for phase in members(before.greens & now.greens):
        ring = ring_of.get(phase, 0)
        if not ring or not now.rings:  # the ring does not tell, or all of them are in their minimum
            continue
        was, state = (byte_of(s.rings, ring) & o.RING_STATE for s in (before, now))
        if was == o.RING_MIN_GREEN != state:
            yield events.PHASE_MIN_COMPLETE, phase
