"""How is "serve these phases" said to a ring-barrier controller, so that it changes with its own clearances?

- Hold the wanted phases: what is green stays, what becomes green stays.
- Call them, so that the controller has a reason to go there.
- Omit all others until the wanted ones show, so that it goes nowhere else on the way. An omit does not touch
  a green that runs. Kept longer, it would hide who waits: controllers walk again in a held green while nobody
  in conflict can be served, and that walk could not be ended.
- Force off the greens that are not wanted. The controller ends them when minimum green, walk and pedestrian
  clearance are over, times yellow and red clearance, and crosses the barrier with all rings together.

A force-off bit clears itself when its green ends, so bits are only ever set for phases seen green, and a bit
that is left on a phase that is not green any more (we were late) is taken back, or it would cut the next
green to its minimum. docs/ntcip.md has the whole reasoning.
"""

from __future__ import annotations

from typing import Final

import msgspec

from gateway.ntcip import objects as o
from gateway.ntcip.objects import PhaseControl, column, groups
from gateway.ntcip.snapshot import Slow, Snapshot, mask_of
from gateway.snmp.message import Binding, integer
from signal_control.model import Intersection


class Order(msgspec.Struct, frozen=True):
    """What stands in the control groups, as masks of phases, and which pattern is asked for."""

    hold: int = 0
    force_off: int = 0
    phase_omit: int = 0
    veh_call: int = 0
    pattern: int = o.STANDBY


RELEASED: Final = Order()
"""Nothing held, omitted or called, and the controller free to follow its own schedule."""


def order_for(serve: tuple[int, ...], greens: int, phases: int) -> Order:
    """The order that serves these phases; `greens` show green now, `phases` are all there are (masks)."""
    wanted = mask_of(serve)
    return Order(
        hold=wanted,
        force_off=greens & phases & ~wanted,
        phase_omit=0 if greens & wanted == wanted else phases & ~wanted,
        veh_call=wanted,
        pattern=o.FREE,
    )


def way_round(intersection: Intersection, serve: tuple[int, ...], greens: int) -> Order:
    """The order that serves these phases by way of another barrier group.

    For a controller that does not let a ring go back within its group (backup protection, against yellow
    traps): nothing is held or omitted, every green ends as soon as it may, and the quickest phase beyond the
    barrier is called, so that there is a reason to cross.
    """
    phases, wanted = mask_of(p.number for p in intersection.phases), mask_of(serve)
    here = {p.barrier for p in intersection.phases if greens >> (p.number - 1) & 1}
    beyond = [p for p in intersection.phases if p.barrier not in here]
    helper = min(beyond, key=lambda p: max(p.min_green_s, p.ped_s) + p.clearance_s, default=None)
    called = wanted | (mask_of([helper.number]) if helper is not None else 0)
    return Order(force_off=greens & phases, veh_call=called, pattern=o.FREE)


def backwards(intersection: Intersection, serve: tuple[int, ...], greens: int) -> bool:
    """Whether a ring would have to go back within its barrier group to serve these phases."""
    rank = {p.number: n for row in intersection.rings().values() for n, p in enumerate(row)}
    wanted = {p.ring: p for p in intersection.phases if p.number in serve}
    for phase in intersection.phases:
        goal = wanted.get(phase.ring)
        if goal is None or not greens >> (phase.number - 1) & 1 or goal.barrier != phase.barrier:
            continue
        if rank[goal.number] < rank[phase.number]:
            return True
    return False


def due_force_off(order: Order, snapshot: Snapshot, phases: int) -> int | None:
    """The force-off mask to write now, or None when the one in the controller is right.

    Missing: an unwanted phase turned green since. Left over: a bit on a phase that is not green any more.
    """
    due = snapshot.greens & phases & ~order.hold if order.pattern == o.FREE else 0
    return None if due == snapshot.force_off else due


def bindings(order: Order, phases: int) -> tuple[Binding, ...]:
    """The order as one SET, which a controller takes whole or not at all; phases 1 to `phases`."""
    masks = (
        (PhaseControl.PHASE_OMIT, order.phase_omit),
        (PhaseControl.HOLD, order.hold),
        (PhaseControl.FORCE_OFF, order.force_off),
        (PhaseControl.VEH_CALL, order.veh_call),
    )
    cells = tuple(
        integer(column(o.PHASE_CONTROL, number, group), mask >> 8 * (group - 1) & 0xFF)
        for number, mask in masks
        for group in groups(phases)
    )
    return (*cells, integer(o.SYSTEM_PATTERN, order.pattern))


def force_off_bindings(mask: int, phases: int) -> tuple[Binding, ...]:
    """A force-off mask alone."""
    return tuple(
        integer(column(o.PHASE_CONTROL, PhaseControl.FORCE_OFF, group), mask >> 8 * (group - 1) & 0xFF)
        for group in groups(phases)
    )


def untaken(written: tuple[Binding, ...], read: tuple[Binding, ...]) -> str:
    """Which object does not say what was written, or ""; a force-off may have cleared itself meanwhile."""
    for wrote, found in zip(written, read, strict=True):
        if found.value == wrote.value:
            continue
        cleared = _is_force_off(wrote) and _within(found.value, wrote.value)
        if not cleared:
            return f"{_named(wrote)} was set to {wrote.value!r} and reads {found.value!r}"
    return ""


def standing(order: Order, slow: Slow) -> bool:
    """Whether the controller still has the order, force-offs aside."""
    there = (slow.hold, slow.phase_omit, slow.veh_call, slow.system_pattern)
    return there == (order.hold, order.phase_omit, order.veh_call, order.pattern)


def _is_force_off(binding: Binding) -> bool:
    return binding.oid[:-1] == column(o.PHASE_CONTROL, PhaseControl.FORCE_OFF)


def _within(found: object, wrote: object) -> bool:
    return isinstance(found, int) and isinstance(wrote, int) and found & ~wrote == 0


def _named(binding: Binding) -> str:
    if binding.oid == o.SYSTEM_PATTERN:
        return "systemPatternControl"
    if binding.oid[:-2] == (*o.PHASE_CONTROL, 1):
        name = PhaseControl(binding.oid[-2]).name.title().replace("_", "")
        return f"phaseControlGroup{name}.{binding.oid[-1]}"
    return ".".join(map(str, binding.oid))
