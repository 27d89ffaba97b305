"""What does each quarter of an hour of an intersection come to? Runs in the process beside the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from gateway.desk.measuring import Logged
from gateway.reports.channels import of_city
from signal_control.eventlog import BIN_NS, Channels, Log, bin_of
from signal_control.measures.arrivals_on_green import arrivals_on_green
from signal_control.measures.detector_health import detector_health
from signal_control.measures.has_data import has_data
from signal_control.measures.pedestrian_delay import pedestrian_delay
from signal_control.measures.phase_termination import phase_termination
from signal_control.measures.split_failures import split_failures
from signal_control.measures.turning_movement_counts import turning_movement_counts
from signal_control.model import Intersection

FAULTY: Final = ("stuck_on", "erratic", "chatter")
CAUSES: Final = {"gap_out": "gap_outs", "max_out": "max_outs", "force_off": "force_offs"}
Bin = dict[str, Any]
"""Fields of a `signal_bin` reading."""


def binned(logged: Logged, x: Intersection, starts: Iterable[int]) -> dict[int, Bin]:
    """The fields of each bin that begins at one of `starts` (ns since the epoch).

    The log should begin half an hour before the first of them and end ten minutes after the last.
    """
    log = logged.log()
    found = {start: _blank(len(x.detectors)) for start in sorted(starts)}
    for start, n in counted(log).items():
        _add(found, start, events=n)
    for cell in has_data(*log):
        _set(found, cell.start_ns, complete=True)
    _traffic(found, log, x)
    _lights(found, log)
    for state in detector_health(*log, {0: [d.channel for d in x.detectors]}):
        _add(found, state.start_ns, faulty=int(state.state in FAULTY), silent=int(state.state == "silent"))
    return found


def counted(log: Log) -> dict[int, int]:
    """How many events there are in each bin."""
    starts, n = np.unique(bin_of(log.at_ns, BIN_NS), return_counts=True)
    return dict(zip(starts.tolist(), n.tolist(), strict=True))


def _traffic(found: Mapping[int, Bin], log: Log, x: Intersection) -> None:
    def own(wanted: str) -> Channels:
        return of_city([x], wanted).get(x.id, {})

    for lane in turning_movement_counts(*log, own("count")):
        _add(found, lane.start_ns, vehicles=lane.vehicles)
    for cell in arrivals_on_green(*log, own("advance")):
        _add(found, cell.start_ns, arrivals=cell.total, on_green=round(cell.on_green * cell.total))
    for split in split_failures(*log, own("presence")):
        _add(found, split.start_ns, cycles=split.cycles, split_failures=split.failures)


def _lights(found: Mapping[int, Bin], log: Log) -> None:
    for ended in phase_termination(*log):
        _add(found, ended.start_ns, **{CAUSES[ended.cause]: ended.total})
    for wait in pedestrian_delay(*log):
        _add(found, wait.start_ns, ped_waits=wait.samples, ped_wait_s=wait.average_s * wait.samples)


def _blank(detectors: int) -> Bin:
    names = ("vehicles", "arrivals", "on_green", "cycles", "split_failures", *CAUSES.values(), "ped_waits")
    return {
        "events": 0,
        "complete": False,
        **dict.fromkeys(names, 0),
        "ped_wait_s": 0.0,
        "detectors": detectors,
        "faulty": 0,
        "silent": 0,
    }


def _add(found: Mapping[int, Bin], start: int, **figures: float) -> None:
    if start in found:
        for name, value in figures.items():
            found[start][name] += value


def _set(found: Mapping[int, Bin], start: int, **figures: object) -> None:
    if start in found:
        found[start].update(figures)
