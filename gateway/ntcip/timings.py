"""Does the controller time its phases as the city file says, and may it show together what we would ask for?

The controller is right in any case: it times its intervals itself. But whoever plans with other times, or
asks for phases that it does not let run together, plans nonsense.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.ntcip import objects as o
from gateway.ntcip.objects import TENTHS, PhaseTiming, column
from gateway.ntcip.snapshot import Cell
from gateway.snmp.ber import Oid
from gateway.snmp.message import Binding
from signal_control.model import Intersection, Phase

ENABLED: Final = 1
"""Bit 0 of phaseOptions."""
_TIMES: Final = {
    PhaseTiming.MIN_GREEN: ("minimum green", "min_green_s"),
    PhaseTiming.MAX_GREEN: ("maximum green", "max_green_s"),
    PhaseTiming.YELLOW: ("yellow", "yellow_s"),
    PhaseTiming.RED_CLEAR: ("red clearance", "red_clear_s"),
    PhaseTiming.WALK: ("walk", "walk_s"),
    PhaseTiming.PED_CLEAR: ("pedestrian clearance", "ped_clear_s"),
}
_COLUMNS: Final = (*_TIMES, PhaseTiming.OPTIONS, PhaseTiming.RING, PhaseTiming.CONCURRENCY)


def timing_cells(intersection: Intersection) -> tuple[Cell, ...]:
    """What is read of phaseTable."""
    return tuple(
        Cell(_oid(phase.number, c), "", 0, f"phase {c.name.lower()} {phase.number}")
        for phase in intersection.phases
        for c in _COLUMNS
    )


def faults(intersection: Intersection, found: Mapping[Oid, Binding]) -> tuple[list[str], list[str]]:
    """What differs, and what of it forbids commands; objects that the controller lacks are not judged."""
    differing, unsafe = [], []
    for phase in intersection.phases:
        differing += _times(phase, found)
        unsafe += _structure(intersection, phase, found)
    if intersection.declared_stages:
        unsafe.append("the city file declares stages, which rings and barriers cannot express")
    return differing + unsafe, unsafe


def _times(phase: Phase, found: Mapping[Oid, Binding]) -> list[str]:
    texts = []
    for c, (name, key) in _TIMES.items():
        value = _number(found, phase.number, c)
        here_s = getattr(phase, key)
        there_s = None if value is None else value / (10 if c in TENTHS else 1)
        tolerance_s = 0.05 if c in TENTHS else 0.5
        if there_s is not None and abs(there_s - here_s) > tolerance_s:
            texts.append(f"phase {phase.number}: {name} is {there_s:g} s, {here_s:g} s in the city file")
    return texts


def _structure(intersection: Intersection, phase: Phase, found: Mapping[Oid, Binding]) -> list[str]:
    texts, number = [], phase.number
    options = _number(found, number, PhaseTiming.OPTIONS)
    if options is not None and not options & ENABLED:
        texts.append(f"phase {number} is not enabled in the controller")
    ring = _number(found, number, PhaseTiming.RING)
    if ring is not None and ring != phase.ring:
        texts.append(f"phase {number} is in ring {ring} of the controller, {phase.ring} in the city file")
    together = found.get(_oid(number, PhaseTiming.CONCURRENCY))
    if together is not None and isinstance(together.value, bytes):
        ours = {p.number for p in intersection.phases if intersection.compatible(number, p.number)}
        apart = sorted(ours - set(together.value) - {number})
        if apart:
            texts.append(f"phase {number} may not run with {', '.join(map(str, apart))} in the controller")
    return texts


def _number(found: Mapping[Oid, Binding], phase: int, c: PhaseTiming) -> int | None:
    binding = found.get(_oid(phase, c))
    return binding.value if binding is not None and isinstance(binding.value, int) else None


def _oid(phase: int, c: PhaseTiming) -> Oid:
    return column(o.PHASE_TABLE, c, phase)
