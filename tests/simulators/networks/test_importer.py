"""Does a signal become an intersection that can do all its program can, and more?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.registry import checked_id
from simulators.networks.importer import Imported, doubts, import_signals, intersection_id
from simulators.networks.netfile import NetFile, _grade
from simulators.networks.site import _signal
from simulators.networks.timing import Timing
from simulators.street_net import StreetError


def only(net: NetFile, layout: str = "loops", timing: Timing | None = None) -> Imported:
    found, refused = import_signals(net, layout, timing)
    assert (len(found), refused) == (1, [])
    return found[0]


def test_every_green_state_is_a_stage_and_the_plan_is_the_program(net: NetFile) -> None:
    found = only(net).intersection
    greens = [p for p in net.programs["c"].phases if "y" not in p.state and "G" in p.state]
    assert len(found.stages()) == len(greens)
    assert found.plan.cycle_s == net.programs["c"].cycle_s
    assert [s.split_s for s in found.plan.stages] == [p.duration_s + 3 for p in greens]


def test_lanes_know_their_phases_and_how_well_these_serve_them(net: NetFile) -> None:
    lanes = {lane.id: lane for lane in only(net).intersection.lanes}
    through, shared = lanes["nc_0"], lanes["nc_1"]
    assert (through.turns, through.service) == (("right", "through"), {through.phases[0]: 1.0})
    assert set(through.phases) < set(shared.phases)
    assert all(0 < share < 1 for share in shared.service.values())


def test_a_short_last_lane_is_part_of_the_approach_that_feeds_it(net: NetFile) -> None:
    lanes = {lane.id: lane for lane in only(net).intersection.lanes}
    assert lanes["wc_end_0"].link == "wc"
    assert lanes["wc_end_0"].length_m > 150
    assert lanes["nc_0"].link == "nc"


def test_wanted_intervals_take_the_place_of_the_program_s(net: NetFile) -> None:
    found = only(net, timing=Timing(yellow_s=4, all_red_s=2, min_green_s=7, max_green_s=50)).intersection
    told = {(p.yellow_s, p.red_clear_s, p.min_green_s, p.max_green_s) for p in found.phases}
    assert told == {(4, 2, 7, 50)}


def test_an_unknown_signal_is_named_with_those_there_are(net: NetFile) -> None:
    with pytest.raises(StreetError, match="no signal named 'x'; there are: c"):
        import_signals(net, "loops", only=["x"])


def test_a_signal_s_name_becomes_one_that_a_device_may_have() -> None:
    joined = [f"cluster_{'_'.join(str(n * 7919) for n in range(20))}_{end}" for end in "ab"]
    signals = ["J1", "J 1", "J#1", *joined]
    names = [intersection_id(signal, signals) for signal in signals]
    assert names[0] == "J1"
    assert len(set(names)) == len(signals)
    assert all(checked_id(f"{name}.255", "device") for name in names)


def test_lanes_that_share_a_link_have_all_their_ways(net: NetFile) -> None:
    """Some networks give several connections one place in the signal's state."""
    found = only(net)
    number, ways = next((n, cs) for n, cs in found.links.items() if cs[0].start == "nc_1")
    other = next(c for n, cs in found.links.items() for c in cs if c.start == "nc_0" and n != number)
    signal = _signal(replace(found, links={**found.links, number: [*ways, other]}))
    assert {way[0] for way in signal.inner.values()} == {"nc_0", "nc_1"}
    assert signal.inner[other.via] == ("nc_0", "nc", other.end.rpartition("_")[0])
    assert not _signal(found).inner


def test_a_link_that_goes_two_ways_has_two_turns(net: NetFile) -> None:
    """Right and straight on from one lane, as one place in the signal's state."""
    first = next(c for c in net.connections if c.start == "nc_0" and c.signal)
    together = [replace(c, index=first.index) if c.start == "nc_0" else c for c in net.connections]
    lanes = {lane.id: lane for lane in only(replace(net, connections=together)).intersection.lanes}
    assert lanes["nc_0"].turns == ("right", "through")


def test_right_of_way_is_read_from_the_junction(net: NetFile) -> None:
    links = {(c.start, c.turn): c for cs in net.links("c").values() for c in cs}
    left, opposing = links["nc_1", "l"], links["sc_0", "s"]
    assert net.are_foes(left, opposing)
    assert not net.are_foes(links["nc_0", "s"], opposing)


def test_links_that_cross_without_yielding_are_told(net: NetFile) -> None:
    assert doubts(net, only(net)) == []
    programs = {**net.programs}
    reckless = tuple(replace(p, state=p.state.replace("g", "G")) for p in programs["c"].phases)
    programs["c"] = replace(programs["c"], phases=reckless)
    found = doubts(net, only(replace(net, programs=programs)))
    assert any("nc_1 > ce_1 and sc_0 > cn_0 cross, none yields" in doubt for doubt in found)
    assert all(doubt.startswith("c: stage [") for doubt in found)


def test_geometry_is_taken_from_the_network_as_far_as_it_tells(net: NetFile) -> None:
    found = only(net).intersection
    driven = {p.number for lane in found.lanes for p in found.phases if p.number in lane.phases}
    for phase in found.phases:
        told = phase.geometry
        if phase.number in driven:
            assert told.speed_mps == max(
                lane.speed_mps for lane in found.lanes if phase.number in lane.phases
            )
            assert told.width_m is not None
            assert 5 < told.width_m < 60
        assert (told.crossing_m is not None) == phase.has_ped
        assert told.grade == 0.0


def test_the_way_across_goes_on_behind_the_point_where_a_left_turn_waits(net: NetFile) -> None:
    links = {(c.start, c.turn): c for cs in net.links("c").values() for c in cs if not c.crossing}
    left = links["nc_1", "l"]
    assert left.via in net.inner
    assert net.across_m(left) == net.internal_m[left.via] + net.internal_m[net.inner[left.via]]


def test_a_slope_is_read_from_a_lane_with_heights() -> None:
    assert _grade("0.0,0.0,10.0 50.0,0.0,12.0 100.0,0.0,13.0", 100.0) == pytest.approx(0.03)
    assert _grade("0.0,0.0 100.0,0.0", 100.0) == 0.0
