"""How does the timing sheet of an intersection look on paper?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from signal_control.model import FREE, Intersection, Phase, Plan, PlanChange


def timing_sheet(x: Intersection, strategy: str) -> Iterator[RenderableType]:
    """Phases, overlaps, detectors, plans and the schedule, in seconds."""
    yield Text.assemble((f"{x.id}  {x.name}", "bold"), f"  {strategy}; {_runs(x)}")
    yield _phases(x)
    if x.overlaps:
        yield _overlaps(x)
    yield Text(f"stages: {'  '.join('+'.join(map(str, stage)) for stage in x.stages())}")
    for plan in x.every_plan:
        yield Text(_plan(plan))
    if x.schedule:
        yield Text(f"schedule ({x.timezone}): " + "; ".join(map(_change, x.schedule)))
    yield ""


def _runs(x: Intersection) -> str:
    if x.schedule:
        return f"{len(x.every_plan)} local plans by schedule"
    if x.free:
        return "free of plans"
    return f"local plan {x.plan.number}: cycle {x.plan.cycle_s:g} s, offset {x.plan.offset_s:g} s"


def _phases(x: Intersection) -> Table:
    plans = [plan for plan in x.every_plan if not plan.stages and len(x.every_plan) == 1]
    splits = ["split"] * len(plans)
    second = any(phase.max_green_2_s is not None for phase in x.phases)
    maximums = ["max 1", "max 2"] if second else ["max"]
    table = _table(
        *("phase", "movement", "ring", "side", "min", "gap", *maximums, "yellow", "red", "walk"),
        *("clear", "recall", "wait", *splits),
    )
    for ring in x.rings().values():
        for phase in ring:
            table.add_row(*_row(phase, second), *(f"{plan.split_s(phase.number):g}" for plan in plans))
    return table


def _row(phase: Phase, second: bool) -> tuple[str, ...]:
    most = [phase.max_green_s, *([phase.max_green_2_s or phase.max_green_s] if second else [])]
    times = _times((phase.min_green_s, phase.passage_s, *most, phase.yellow_s, phase.red_clear_s))
    ped = _times((phase.walk_s, phase.ped_clear_s)) if phase.has_ped else ("-", "-")
    head = (str(phase.number), phase.label, str(phase.ring), str(phase.barrier))
    recall = "-" if phase.recall == "none" else phase.recall
    return (*head, *times, *ped, recall, f"{phase.max_wait_s:g}")


def _overlaps(x: Intersection) -> Table:
    table = _table("overlap", "movement", "with", "not with", "trail", "yellow", "red", "conflicts")
    for o in x.overlaps:
        modified = _listed(o.modifiers) or "-"
        times = _times((o.trail_green_s, o.yellow_s, o.red_clear_s))
        table.add_row(o.letter, o.label, _listed(o.included), modified, *times, _listed(sorted(x.against(o))))
    return table


def _plan(plan: Plan) -> str:
    head = f"plan {plan.number}: cycle {plan.cycle_s:g} s, offset {plan.offset_s:g} s, max {plan.max_green}"
    if plan.stages:
        return f"{head}; " + ", ".join(f"{_listed(s.phases)} for {s.split_s:g}" for s in plan.stages)
    rings = (" ".join(f"{n}({plan.split_s(n):g})" for n in ring) for ring in plan.sequence)
    return f"{head}; rings with splits {' | '.join(rings)}"


def _change(change: PlanChange) -> str:
    days = "daily" if len(change.days) == 7 else " ".join(change.days)
    runs = FREE if change.plan == FREE else f"plan {change.plan}"
    most = f" with max {change.max_green}" if change.max_green else ""
    return f"{days} {change.begin} {runs}{most}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        name = column == "movement"
        justify: Literal["left", "right"] = "left" if name else "right"
        table.add_column(column, justify=justify, no_wrap=True, min_width=10 if name else None)
    return table


def _times(times: Iterable[float]) -> tuple[str, ...]:
    return tuple(f"{time:g}" for time in times)


def _listed(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))
