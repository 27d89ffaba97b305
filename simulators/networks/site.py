"""Which street, intersections and signals does a run have, and how are they opened?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from signal_control.model import Intersection, Plan, intersections_in
from simulators.networks.importer import Imported, import_signals
from simulators.networks.job import DrawnStreet, Job
from simulators.networks.layouts import relay
from simulators.networks.native import programs_xml
from simulators.networks.net_street import NetStreet
from simulators.networks.netfile import NetFile, read_netfile
from simulators.networks.open_street import OpenStreet
from simulators.networks.probe import Probe, Signal, Way
from simulators.networks.scenario import Scenario
from simulators.street import Street
from simulators.street_net import Net, StreetError

EPOCH_MS: Final = 1_790_000_000_000
"""Where an evaluation's clock begins; any time that a reading may have would do."""
TRIPS: Final = "tripinfo.xml"


@dataclass(frozen=True, slots=True)
class Site:
    """An open street with what is needed to run and measure it; trips count from SUMO second `from_s` on."""

    street: OpenStreet
    intersections: tuple[Intersection, ...]
    probe: Probe
    end_ms: int
    from_s: float


def open_site(job: Job, folder: Path) -> Site:
    """Open the street of a job; its trips are written into `folder`. Raises StreetError."""
    if isinstance(job.street, Scenario):
        return _open_scenario(job, job.street, folder)
    return _open_drawn(job, job.street, folder)


def _open_scenario(job: Job, scenario: Scenario, folder: Path) -> Site:
    net = read_netfile(scenario.net, scenario.additional)
    imported, refused = import_signals(net, job.layout, job.timing)
    imported = [_replaced(net, x, job) for x in imported]
    if not imported:
        why = "; ".join(refused[:3]) or "it has no traffic lights with a program (tlLogic)"
        raise StreetError(f"{scenario.net}: no signal that could be imported: {why}")
    origin_ms = EPOCH_MS - round(scenario.begin_s * 1000)
    programs = programs_xml(net, job.strategy, job.timing) if job.native else ""
    street = NetStreet(scenario, net, imported, job.seed, origin_ms, folder / TRIPS, programs)
    intersections = tuple(_on_time(x.intersection, origin_ms) for x in imported)
    probe = Probe({x.signal: _signal(x) for x in imported})
    end_ms = origin_ms + round(scenario.end_s * 1000)
    return Site(street, intersections, probe, end_ms, float("-inf"))


def _replaced(net: NetFile, imported: Imported, job: Job) -> Imported:
    """The same signal with the intersection that the job has for it; its detectors are laid anew."""
    other = next((x for x in job.intersections if x.id == imported.intersection.id), None)
    if other is None:
        return imported
    ours = imported.intersection
    if [p.number for p in other.phases] != [p.number for p in ours.phases]:
        raise StreetError(f"{other.id}: its phases are not those of the network; import it again")
    laid = imported.laid if other.detectors == ours.detectors else relay(net, other)
    return replace(imported, intersection=other, laid=laid)


def _on_time(intersection: Intersection, origin_ms: int) -> Intersection:
    """The same plans by the epoch's clock instead of the simulation's."""

    def moved(plan: Plan) -> Plan:
        return plan.model_copy(update={"offset_s": (plan.offset_s + origin_ms / 1000) % plan.cycle_s})

    plans = tuple(map(moved, intersection.plans))
    return intersection.model_copy(update={"plan": moved(intersection.plan), "plans": plans})


def _signal(imported: Imported) -> Signal:
    lanes = tuple(lane.id for lane in imported.intersection.lanes)
    ways, inner = dict[int, Way](), dict[str, Way]()
    for number, connections in imported.links.items():
        driven = [c for c in connections if not c.crossing and c.start in lanes]
        there = [(c.start, c.start.rpartition("_")[0], c.end.rpartition("_")[0]) for c in driven]
        if there:
            ways[number] = there[0]
        if len(there) > 1:
            inner |= {c.via: way for c, way in zip(driven, there, strict=True)}
    return Signal(ways, lanes, inner)


def _open_drawn(job: Job, drawn: DrawnStreet, folder: Path) -> Site:
    if job.native:
        raise StreetError(f"{job.strategy} runs on SUMO configurations; a drawn street has the plan 'local'")
    data = tomllib.loads(drawn.config.read_text(encoding="utf-8"))
    told = {x.id: x for x in job.intersections}
    intersections = tuple(told.get(x.id, x) for x in intersections_in(data))
    street = Street(drawn.folder, intersections, job.seed, EPOCH_MS, tripinfo=folder / TRIPS)
    probe = Probe({x.id: _drawn_signal(x, street.net) for x in intersections})
    return Site(street, intersections, probe, EPOCH_MS + drawn.seconds * 1000, street.now_s)


def _drawn_signal(intersection: Intersection, net: Net) -> Signal:
    own = [link for link in net.signal_links if link.junction == intersection.id and link.lane]
    ways: dict[int, Way] = {}
    for link in own:
        if link.turn != "walk":
            ways[link.index] = (link.lane, link.approach, net.next_edges[link.approach][link.turn])
    return Signal(ways, tuple(lane.id for lane in intersection.lanes))
