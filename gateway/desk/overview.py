"""How does one intersection stand now: lights, detectors, queues, and where in its cycle and plan it is?"""

from __future__ import annotations

from typing import Any, Final

from gateway.desk.drawing import drawing
from gateway.desk.workbench import Workbench
from signal_control.controller import Controller
from signal_control.decision import Decision
from signal_control.model import Intersection

SURE: Final = 1.645
"""Standard deviations to either side of an estimate in a 90 % interval."""


def overview(bench: Workbench, name: str) -> dict[str, Any]:
    """What does not change while the program runs: the drawing and the programmed times. Raises DeskError."""
    x = bench.intersection(name)
    return {
        "id": x.id,
        "name": x.name,
        "drawing": drawing(x, bench.geometry),
        "phases": [
            {
                "number": p.number,
                "label": p.label,
                "ring": p.ring,
                "barrier": p.barrier,
                "min_green_s": p.min_green_s,
                "max_green_s": p.max_green_s,
                "yellow_s": p.yellow_s,
                "red_clear_s": p.red_clear_s,
                "walk_s": p.walk_s,
                "ped_clear_s": p.ped_clear_s,
            }
            for p in x.phases
        ],
        "rings": [[p.number for p in ring] for ring in x.rings().values()],
    }


def overview_live(bench: Workbench, name: str) -> dict[str, Any]:
    """What is so now. Raises DeskError."""
    x = bench.intersection(name)
    now_ns, controller = bench.now_ns(), bench.signals.controllers[name]
    decision = bench.signals.last.get(name)
    return {
        "now_ms": now_ns // 1_000_000,
        "status": bench.live()["intersections"][name],
        "detectors": _detectors(x, controller, now_ns),
        "queues": {
            lane: {
                "veh": q.vehicles,
                "low": round(max(0.0, q.vehicles - SURE * q.sd), 1),
                "high": round(q.vehicles + SURE * q.sd, 1),
                "moving": q.moving,
                "health": q.health,
                "age_s": q.age_s,
            }
            for lane, q in controller.queues(now_ns).items()
        },
        "plan": _plan(x.in_force(now_ns), now_ns),
        "planned": _planned(decision, now_ns),
    }


def broken(bench: Workbench) -> dict[str, Any]:
    """Every detector of the city that is not believed now, the one that is longest so first."""
    found = [
        {
            "intersection": x.id,
            "channel": d.channel,
            "lane": d.lane,
            "role": d.role,
            "state": health.state,
            "since_ms": int(health.since_s * 1000),
            "reason": health.reason,
        }
        for x in bench.settings.intersections
        for known in (bench.signals.controllers[x.id].detectors(),)
        for d in x.detectors
        for health in (known[d.channel],)
        if not health.trusted
    ]
    return {"detectors": sorted(found, key=lambda one: one["since_ms"])}


def _detectors(x: Intersection, controller: Controller, now_ns: int) -> list[dict[str, Any]]:
    on_s, health = controller.occupied(), controller.detectors()
    return [
        {
            "channel": d.channel,
            "on": d.channel in on_s,
            "for_s": round(now_ns / 1e9 - on_s[d.channel], 1) if d.channel in on_s else None,
            "state": health[d.channel].state,
            "reason": health[d.channel].reason,
            "since_ms": int(health[d.channel].since_s * 1000) or None,
        }
        for d in x.detectors
    ]


def _plan(x: Intersection, now_ns: int) -> dict[str, Any]:
    """The plan in force and how far its cycle is; `free`: none runs, and its splits do not count."""
    plan = x.plan
    at_s = (now_ns / 1e9 - plan.offset_s) % plan.cycle_s
    return {
        "number": plan.number,
        "free": x.free,
        "cycle_s": plan.cycle_s,
        "offset_s": plan.offset_s,
        "at_s": round(at_s, 1),
        "splits": {str(s.phase): s.split_s for s in plan.splits},
        "stages": [{"phases": list(s.phases), "split_s": s.split_s} for s in plan.stages],
    }


def _planned(decision: Decision | None, now_ns: int) -> list[dict[str, Any]]:
    """What the strategy expects to serve next, if it thinks ahead: phases, and in how many seconds."""
    if decision is None or decision.proposal is None:
        return []
    passed_s = (now_ns - decision.at_ns) / 1e9
    steps = [(step.serve, step.in_s - passed_s) for step in decision.proposal.plan]
    return [{"serve": list(serve), "in_s": round(max(0.0, in_s), 1)} for serve, in_s in steps]
