"""What does the health that rules see come from: controllers, panel of the pipeline, link?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.alarms.health import CabinetHealth, Health, StoreHealth
from gateway.links.link import Link
from gateway.panels.pipeline import PipelinePanel
from gateway.signals import Signals

EXPIRED: Final = "expired"
"""What a cabinet says of a command that came too late."""


def cabinets(
    signals: Signals, faults: Mapping[str, str], now_ns: int, speed: float = 1.0
) -> tuple[CabinetHealth, ...]:
    """Every intersection at `now_ns`; `faults` are what cabinet protocols complain of.

    On a street `speed` times as fast ages count by the time that has passed for us, for messages come no
    sooner than that.
    """
    return tuple(
        _cabinet(signals, name, faults.get(name, ""), now_ns, max(1.0, speed)) for name in signals.controllers
    )


def _cabinet(signals: Signals, name: str, fault: str, now_ns: int, speed: float) -> CabinetHealth:
    controller, decision = signals.controllers[name], signals.last.get(name)
    state, rung = controller.state, signals.operation.rung(name)
    return CabinetHealth(
        intersection=name,
        mode=state.mode if state else "",
        age_s=max(0, now_ns - state.at_ns) / 1e9 / speed if state else None,
        decision=decision.mode if decision else "",
        refused=_refused(signals.dispatch(name).refused, speed),
        fault=fault,
        step=rung.step,
        cause=rung.cause,
        detectors=controller.detectors(),
    )


def _refused(why: str, speed: float) -> str:
    """Where the street is faster than the clock on the wall, commands expire on their way: nobody's fault."""
    return "" if speed > 1.0 and why.startswith(EXPIRED) else why


def program(panel: PipelinePanel, link: Link, overrun: int) -> Health:
    """The pipeline as its panel last read it, and the link; without cabinets."""
    found = panel.found
    stores = tuple(
        StoreHealth(
            writer.name,
            "ok" if writer.state == "ok" else "down",
            writer.lag_s,
            found.stores[writer.name].balanced if writer.name in found.stores else True,
            writer.why,
        )
        for writer in panel.writers
    )
    return Health(
        link.connected,
        link.fault,
        stores,
        found.used_bytes / panel.spool_bytes if panel.spool_bytes else 0.0,
        sum(found.reasons.values()) if found.stores else None,
        overrun,
        tuple((skew.device, skew.ahead_ms / 1000) for skew in panel.worst_clocks),
    )
