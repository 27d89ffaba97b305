"""What do rules see of the program itself and of its cabinets, once a second? Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from collectors.health.finding import Finding
from signal_control.health import DetectorHealth


class StoreHealth(NamedTuple):
    """One store: `state` is ok, down or full; `lag_s` how far it is behind."""

    name: str
    state: str = "ok"
    lag_s: float = 0.0
    balanced: bool = True
    why: str = ""


class CabinetHealth(NamedTuple):
    """One intersection: what its cabinet reports, what was decided, and what is thought of its detectors.

    `mode` is remote, local or flash, empty before the first report, whose age is `age_s` (None: never).
    `decision` is the mode of the newest decision. `refused` says why the cabinet refused the last command,
    `fault` what its protocol complains of, `step` the rung of the ladder.
    """

    intersection: str
    mode: str = ""
    age_s: float | None = None
    decision: str = ""
    refused: str = ""
    fault: str = ""
    step: str = "adaptive"
    cause: str = ""
    detectors: Mapping[int, DetectorHealth] = {}


class Health(NamedTuple):
    """The program at one moment. `refused` and `overrun` are counts since ever; None: not read yet.

    `spool_used` is a share, `clocks` the devices whose clocks are furthest off with seconds ahead (negative:
    behind).
    """

    broker_up: bool = True
    broker_why: str = ""
    stores: tuple[StoreHealth, ...] = ()
    spool_used: float = 0.0
    refused: int | None = None
    overrun: int | None = None
    clocks: tuple[tuple[str, float], ...] = ()
    cabinets: tuple[CabinetHealth, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Devices and feeds that are not well (collectors.health)."""
