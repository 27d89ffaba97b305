"""Do detectors lie where their layout says, also where the last lane is too short for them?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.networks.importer import import_signals
from simulators.networks.layouts import LAYOUTS, Laid, lay
from simulators.networks.netfile import Connection, NetFile
from simulators.street_net import StreetError


def laid(net: NetFile, layout: str) -> Laid:
    return import_signals(net, layout)[0][0].laid


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_lane_has_what_the_layout_promises(net: NetFile, layout: str) -> None:
    found = laid(net, layout)
    roles = {"nc_0": sorted(d.role for d in found.detectors if d.lane == "nc_0")}
    assert roles["nc_0"] == sorted(LAYOUTS[layout])
    assert len({d.channel for d in found.detectors}) == len(found.detectors)
    assert len(found.loops) + len(found.zones) == len(found.detectors)


def test_an_advance_loop_lies_90_m_upstream_also_across_a_joint(net: NetFile) -> None:
    found = laid(net, "advance")
    channel = next(d.channel for d in found.detectors if d.lane == "wc_end_0")
    loop = next(loop for loop in found.loops if loop.channel == channel)
    detector = next(d for d in found.detectors if d.channel == channel)
    joint_m = net.internal_m[next(c.via for c in net.into["wc_end_0"])]
    upstream_m = net.lanes["wc_0"].length_m - loop.start_m + joint_m + net.lanes["wc_end_0"].length_m
    assert loop.lane == "wc_0"
    assert detector.distance_m == pytest.approx(90)
    assert upstream_m == pytest.approx(92, abs=0.1)


def test_a_loop_at_the_beginning_of_the_network_lies_where_vehicles_are_set_down(net: NetFile) -> None:
    laying = laid(net, "advance")
    loop = next(loop for loop in laying.loops if loop.lane == "ec_0")
    detector = next(d for d in laying.detectors if d.lane == "ec_0")
    assert loop.start_m == 8.0
    assert detector.distance_m == pytest.approx(net.lanes["ec_0"].length_m - 10.0, abs=0.01)


def test_a_zone_goes_on_over_the_joint(net: NetFile) -> None:
    zone = next(z for z in laid(net, "area").zones if z.lanes[-1] == "wc_end_0")
    assert zone.lanes == ("wc_0", "wc_end_0")


def test_one_loop_watches_the_lane_that_several_lanes_part_from(net: NetFile) -> None:
    """Lanes of unlike length part from one: 90 m from their stop lines is 5 m more or less on it."""
    lanes = dict(net.lanes)
    near, far = replace(lanes["nc_0"], length_m=40.0), replace(lanes["nc_1"], length_m=45.0)
    before = replace(lanes["nc_0"], id="before_0", edge="before", length_m=100.0)
    for lane in (near, far, before):
        lanes[lane.id] = lane
    ways = [Connection("before_0", "nc_0", "s", ""), Connection("before_0", "nc_1", "s", "")]
    into = net.into | {"nc_0": [ways[0]], "nc_1": [ways[1]], "before_0": []}
    found = lay(replace(net, lanes=lanes, into=into), "c", ["nc_0", "nc_1"], "loops")
    assert [d.role for d in found.detectors] == ["stop", "stop", "advance"]
    assert [loop.lane for loop in found.loops][2] == "before_0"


def test_an_unknown_layout_is_named_with_those_there_are(net: NetFile) -> None:
    with pytest.raises(StreetError, match="no detector layout named 'lasers'; there are: area"):
        lay(net, "c", ["nc_0"], "lasers")
