"""How does one strategy do on one street and seed, run by the production's control path without a broker?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import libsumo

from gateway.driven import ControlPath
from simulators.cabinet import STARTUP_RED_MS, Cabinet
from simulators.city import City
from simulators.evaluate_run import Run, Watch
from simulators.networks.detector_faults import faulty
from simulators.networks.job import Job
from simulators.networks.probe import true_queues
from simulators.networks.site import TRIPS, Site, open_site
from simulators.networks.trips import read_trips
from simulators.street_net import StreetError

SITE: Final = "evaluation"
SETTLE_S: Final = 300
"""Queue estimates are judged from then on."""

Progress = Callable[[float], None]
"""Told now and then which share of the run is done."""


def run(job: Job, progress: Progress = lambda share: None) -> Run:
    """Run a job to its end and measure it. Raises StreetError, also for an unknown strategy."""
    began_s = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="arterial-run-") as name:
        folder = Path(name)
        try:
            site, watch = _watched(job, folder, progress)
        except (libsumo.TraCIException, libsumo.FatalTraCIError) as error:
            raise StreetError(f"SUMO: {error}") from None  # SUMO's own exceptions leave no process
        trips = read_trips(folder / TRIPS, site.from_s)
    watch.conflicts = getattr(site.street, "conflicts", 0)
    return watch.result(job.label, job.seed, trips, time.perf_counter() - began_s)


def _watched(job: Job, folder: Path, progress: Progress) -> tuple[Site, Watch]:
    """Open the street, run it to its end and close it."""
    site = open_site(job, folder)
    watch = Watch(site.probe)
    try:
        if job.native:
            _leave_alone(site, progress)
        else:
            _control(job, site, watch, progress)
    finally:
        site.street.close()
    return site, watch


def _leave_alone(site: Site, progress: Progress) -> None:
    """SUMO's own programs run."""
    every_ms, begin_ms = round(site.probe.every_s * 1000), site.street.now_ms
    while site.street.now_ms < site.end_ms:
        site.street.step()
        site.probe.step()
        if (site.street.now_ms - begin_ms) % every_ms == 0:
            site.probe.look()
            progress((site.street.now_ms - begin_ms) / (site.end_ms - begin_ms))


def _control(job: Job, site: Site, watch: Watch, progress: Progress) -> None:
    """Cabinets run the signals, commanded once a second."""
    street, begin_ms = faulty(site.street, site.intersections, job.failures, job.seed), site.street.now_ms
    cabinets = {x.id: Cabinet(x, begin_ms - STARTUP_RED_MS) for x in site.intersections}
    city = City(street, cabinets, [], SITE, terse=True)
    city.now_ms = begin_ms
    control = _control_path(job, site, city)
    every_ms = round(site.probe.every_s * 1000)
    tick_ms = begin_ms + 1000
    while city.now_ms < site.end_ms:
        for topic, payload, _, _ in city.step():
            if control is not None:
                control.receive(topic, payload, city.now_ms * 1_000_000)
        site.probe.step()
        if city.now_ms < tick_ms:
            continue
        tick_ms += 1000
        watch.flash_s += sum(cabinet.mode == "flash" for cabinet in cabinets.values())
        if control is not None:
            _decide(control, watch if job.commanded else None, city.now_ms)
        elapsed_ms = city.now_ms - begin_ms
        if elapsed_ms % every_ms == 0:
            truth = true_queues(site.probe.look())
            if control is not None and elapsed_ms > SETTLE_S * 1000:
                watch.errors.add(truth, _estimates(control, city.now_ms))
            progress(elapsed_ms / (site.end_ms - begin_ms))
    if control is not None and job.commanded:
        watch.decide_s = [s / len(cabinets) for s in control.decided_s]


def _control_path(job: Job, site: Site, city: City) -> ControlPath | None:
    """What commands, or only estimates; None when nobody wants either."""
    if not (job.commanded or job.estimates):
        return None
    try:
        return ControlPath(SITE, site.intersections, job.commanded, city.receive)
    except KeyError as unknown:
        raise StreetError(str(unknown.args[0])) from unknown


def _decide(control: ControlPath, watch: Watch | None, now_ms: int) -> None:
    """Decide everywhere; what nobody is commanded is not counted."""
    for decision in control.tick(now_ms * 1_000_000):
        if watch and decision.proposal is not None and decision.verdict is not None:
            watch.decided(decision.intersection, decision.proposal.serve, decision.verdict.serve)


def _estimates(control: ControlPath, now_ms: int) -> Mapping[str, tuple[float, float]]:
    """Estimated queue and its standard deviation by lane."""
    found = control.queues(now_ms * 1_000_000)
    return {lane: (queue.vehicles, queue.sd) for lane, queue in found.items()}
