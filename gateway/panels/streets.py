"""What does each intersection show, queue and decide now?"""

from __future__ import annotations

from typing import Final

from collectors.reading import Reading
from gateway.panels import allowed_ns
from gateway.signals import Signals
from signal_control.controller import Controller
from signal_control.decision import Decision
from signal_control.model import Intersection, Phase
from signal_control.status import SignalState

OFFLINE_S: Final = 15.0
"""A cabinet whose last report is older than this counts as offline."""


class StreetsPanel:
    """Lights, queues and reasons of every intersection, from the controllers and the simulator's truth."""

    def __init__(self, signals: Signals, intersections: tuple[Intersection, ...]) -> None:
        self._signals = signals
        self._intersections = intersections
        self._truth: dict[str, Reading] = {}

    def observe(self, reading: Reading) -> None:
        """Take the true queue of a lane (kind `truth`, simulated streets only)."""
        self._truth[reading.device] = reading

    def view(self, now_ns: int, speed: float = 1.0) -> dict[str, object]:
        """Every intersection by id; on a street `speed` times as fast, old means old to the eye too."""
        patience_ns = allowed_ns(OFFLINE_S, speed)
        return {x.id: self._intersection(x, now_ns, patience_ns) for x in self._intersections}

    def _intersection(self, x: Intersection, now_ns: int, patience_ns: int) -> dict[str, object]:
        controller = self._signals.controllers[x.id]
        state = controller.state
        age_ns = now_ns - state.at_ns if state else None
        offline = age_ns is None or age_ns > patience_ns
        return {
            "mode": "offline" if offline or state is None else state.mode,
            "age_s": None if age_ns is None else round(max(0, age_ns) / 1e9, 2),
            "strategy": self._signals.strategies[x.id],
            "operation": self._signals.operation.view(x.id),
            "refused": self._signals.dispatch(x.id).refused,
            "phases": {str(p.number): _phase(p, state, controller, now_ns) for p in x.phases},
            "queues": self._queues(controller, now_ns, patience_ns),
            "decision": _decision(self._signals.last.get(x.id)),
        }

    def _queues(self, controller: Controller, now_ns: int, patience_ns: int) -> list[dict[str, object]]:
        return [
            {
                "lane": lane,
                "estimate": round(queue.vehicles, 2),
                "sd": round(queue.sd, 2),
                "truth": self._true_queue(lane, now_ns - patience_ns),
                "age_s": round(queue.age_s, 2),
            }
            for lane, queue in controller.queues(now_ns).items()
        ]

    def _true_queue(self, lane: str, since_ns: int) -> int | None:
        reading = self._truth.get(lane)
        if reading is None or reading.at_ns < since_ns:
            return None
        return int(reading.fields["queue_veh"])


def _phase(phase: Phase, state: SignalState | None, controller: Controller, now_ns: int) -> dict[str, object]:
    number = phase.number
    if state is None:
        return {
            "color": "unknown",
            "since_ms": None,
            "elapsed_s": None,
            "ped": None,
            "call": False,
            "ped_call": False,
        }
    color = _color(number, state)
    since_ns = controller.since_ns(number)
    return {
        "color": color,
        "since_ms": None if since_ns is None else since_ns // 1_000_000,
        "elapsed_s": None if since_ns is None else round(max(0, now_ns - since_ns) / 1e9, 1),
        "ped": _ped(phase, state),
        "call": number in state.veh_calls,
        "ped_call": number in state.ped_calls,
    }


def _color(number: int, state: SignalState) -> str:
    if number in state.greens:
        return "green"
    if number in state.yellows:
        return "yellow"
    return "red_clear" if number in state.red_clears else "red"


def _ped(phase: Phase, state: SignalState) -> str | None:
    if not phase.has_ped:
        return None
    if phase.number in state.walks:
        return "walk"
    return "clear" if phase.number in state.ped_clears else "dont"


def _decision(decision: Decision | None) -> dict[str, object] | None:
    if decision is None:
        return None
    candidates = decision.proposal.candidates if decision.proposal else ()
    return {
        "at_ms": decision.at_ns // 1_000_000,
        "strategy": decision.strategy,
        "serve": list(decision.command.serve) if decision.command else [],
        "reason": decision.reason,
        "binding": decision.binding,
        "candidates": [
            {"serve": list(c.serve), "score": round(c.score, 2), "note": c.note} for c in candidates
        ],
    }
