"""Does an imported network tell what its detectors see, loops and zones alike?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import libsumo
import pytest

from signal_control.model import Intersection
from simulators.cabinet import ZONE_COUNT, ZONE_STANDING, Cabinet
from simulators.networks.importer import import_signals
from simulators.networks.job import Job
from simulators.networks.net_street import NetStreet
from simulators.networks.netfile import NetFile
from simulators.networks.probe import Signal, _way
from simulators.networks.scenario import read_scenario
from simulators.networks.site import _signal, open_site
from simulators.street_net import StreetError

Opened = tuple[NetStreet, Intersection]


@pytest.fixture
def opened(crossing: Path, net: NetFile, tmp_path: Path) -> Iterator[Opened]:
    """The crossing with zones and advance loops, left to its program."""
    scenario = read_scenario(crossing / "run.sumocfg")
    imported, _ = import_signals(net, "both")
    street = NetStreet(scenario, net, imported, 1, 1_790_000_000_000, tmp_path / "trips.xml")
    yield street, imported[0].intersection
    street.close()


def test_zones_count_and_tell_a_sign_of_life(opened: Opened) -> None:
    street, intersection = opened
    counts = [c for _ in range(60) for c in street.step().counts]
    zones = {d.channel for d in intersection.detectors if d.role == "area"}
    assert {c.channel for c in counts} == zones
    assert all(sum(c.channel == zone for c in counts) >= 5 for zone in zones)
    assert all(0 <= c.standing <= c.vehicles < 12 for c in counts)
    assert max(c.standing for c in counts) >= 2


def test_detections_of_a_channel_alternate(opened: Opened) -> None:
    street, intersection = opened
    seen = [d for _ in range(90) for d in street.step().detections]
    for detector in intersection.detectors:
        turns = [d.on for d in seen if d.channel == detector.channel]
        assert turns == [n % 2 == 0 for n in range(len(turns))]
    assert {d.channel for d in seen} > {d.channel for d in intersection.detectors if d.role == "area"}


def test_the_cabinet_logs_what_a_zone_counts(opened: Opened) -> None:
    street, intersection = opened
    cabinet = Cabinet(intersection, street.now_ms)
    cabinet.count(3, street.now_ms, 4, 2)
    events = [event[1:] for event in cabinet.step(street.now_ms + 1000).events]
    assert (ZONE_COUNT + 3, 4) in events
    assert (ZONE_STANDING + 3, 2) in events


def test_a_network_without_traffic_lights_says_so(crossing: Path, tmp_path: Path) -> None:
    for file in crossing.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    net = (crossing / "x.net.xml").read_text(encoding="utf-8")
    bare = re.sub(r"<tlLogic.*?</tlLogic>", "", net, flags=re.DOTALL)
    (tmp_path / "x.net.xml").write_text(bare, encoding="utf-8")
    job = Job(read_scenario(tmp_path / "run.sumocfg"), "lookahead", 1)
    with pytest.raises(StreetError, match=r"no signal that could be imported: it has no traffic lights"):
        open_site(job, tmp_path)


def test_ways_that_share_a_place_are_told_apart_by_the_lane_inside(opened: Opened, net: NetFile) -> None:
    street, _ = opened
    plain = _signal(import_signals(net, "both")[0][0])
    inner = {c.via: plain.ways[n] for n, cs in net.links("c").items() for c in cs if n in plain.ways}
    shared = Signal(dict.fromkeys(plain.ways, ("", "", "")), plain.lanes, inner)
    seen = set()
    for _ in range(60):
        street.step()
        for name in libsumo.vehicle.getIDList():
            for _, link, *_ in libsumo.vehicle.getNextTLS(name)[:1]:
                assert _way(shared, link, name) == _way(plain, link, name)
                seen.add(link)
    assert len(seen) >= 3
