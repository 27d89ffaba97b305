"""What did an intersection show, detect and decide, moment by moment, and why?"""

from __future__ import annotations

from typing import Any, Final

from gateway.desk.workbench import DeskError, Workbench, span_ns
from gateway.explain.why import ExplainError, Why, ends, why
from signal_control.measures.timing_and_actuation import timing_and_actuation

LONGEST_H: Final = 1.0
BEFORE_NS: Final = 300 * 1_000_000_000
"""So far before the range lights and detectors are looked for that last into it."""
FIELDS: Final = ("strategy", "mode", "serve", "reason", "binding", "changed")
MOST: Final = 5000


async def strip(bench: Workbench, name: str, from_ms: int, to_ms: int) -> dict[str, Any]:
    """Stretches of lights, walks and detectors, decisions, and greens that ended; ms since the epoch.

    At most an hour. Raises DeskError and StoreUnavailable.
    """
    x = bench.intersection(name)
    begin, end = span_ns(from_ms, to_ms, LONGEST_H)
    log = await bench.store.events(name, begin - BEFORE_NS, end)
    rows = await bench.store.rows("decision", name, FIELDS, begin, end, MOST)
    stretches = [
        (s.what, s.number, max(from_ms, s.begin_ns // 1_000_000), s.end_ns // 1_000_000)
        for s in timing_and_actuation(log.at_ns, log.code, log.param)
        if s.end_ns > begin
    ]
    return {
        "phases": [{"number": p.number, "label": p.label, "ped": p.has_ped} for p in x.phases],
        "detectors": [{"channel": d.channel, "lane": d.lane, "role": d.role} for d in x.detectors],
        "stretches": stretches,
        "ends": [
            {
                "phase": e.phase,
                "at_ms": e.at_ns // 1_000_000,
                "green_s": e.green_s,
                "cause": e.cause,
            }
            for e in ends(log)
            if e.at_ns >= begin
        ],
        "decisions": [_decision(row) for row in rows],
    }


async def why_at(bench: Workbench, name: str, at_ms: int) -> Why:
    """The decision in force at a moment, with its inputs, and whether it follows again. Raises DeskError."""
    try:
        return await why(bench.store, bench.settings.intersections, name, at_ms * 1_000_000)
    except ExplainError as error:
        raise DeskError(str(error)) from error


def _decision(row: tuple[Any, ...]) -> dict[str, Any]:
    told = dict(zip(FIELDS, row[1:], strict=True))
    return {"at_ms": row[0] // 1_000_000, **{k: v if v is not None else "" for k, v in told.items()}}
