"""Does the drawn street become a network and a picture that fit the demo's intersections?"""

from __future__ import annotations

import json
import tomllib
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from signal_control.model import Intersection
from simulators.detectors import loops_of
from simulators.lights import Lights
from simulators.network import along, build
from simulators.street_demand import load_demand
from simulators.street_heads import heads_of, state
from simulators.street_net import Net, StreetError, read_net
from simulators.street_plan import plan_lights

pytest.importorskip("sumo")
CONFIGS = Path(__file__).parents[2] / "configs"
CORRIDOR = CONFIGS / "streets" / "corridor"


def demo_intersections() -> list[Intersection]:
    tables = tomllib.loads((CONFIGS / "demo.toml").read_text())["intersections"]
    return [Intersection.model_validate(table) for table in tables]


INTERSECTIONS = demo_intersections()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("street")
    build(CORRIDOR, out)
    return out


@pytest.fixture(scope="module")
def net(built: Path) -> Net:
    return read_net(built / "net.xml")


def test_there_are_five_signals_on_the_corridor() -> None:
    assert [i.id for i in INTERSECTIONS] == ["x1", "x2", "x3", "x4", "x5"]


def test_declared_lanes_are_exactly_the_approach_lanes_of_the_network(net: Net) -> None:
    declared = {lane.id for i in INTERSECTIONS for lane in i.lanes}
    assert declared == net.approach_lanes()


def test_declared_turns_are_those_of_the_network(net: Net) -> None:
    declared = {(lane.id, turn) for i in INTERSECTIONS for lane in i.lanes for turn in lane.turns}
    assert declared == {(k.lane, k.turn) for k in net.signal_links if k.turn != "walk"}


def test_declared_lengths_and_speeds_are_those_of_the_network(net: Net) -> None:
    for lane in (lane for i in INTERSECTIONS for lane in i.lanes):
        length_m = net.lanes[lane.id].length_m
        if lane.id in net.feeders:
            before, between_m = net.feeders[lane.id]
            length_m += between_m + net.lanes[before].length_m
        assert lane.length_m == pytest.approx(length_m, abs=1.0), lane.id
        assert lane.speed_mps == pytest.approx(net.lanes[lane.id].speed_mps), lane.id


def test_traffic_is_declared_to_go_to_links_that_follow(net: Net) -> None:
    for lane in (lane for i in INTERSECTIONS for lane in i.lanes):
        assert set(lane.to) <= {net.follow(lane.link, turn) for turn in lane.turns}, lane.id


def test_every_detector_lies_on_its_lane(net: Net) -> None:
    loops = loops_of(INTERSECTIONS, net)
    assert all(0 <= loop.start_m <= net.lanes[loop.lane].length_m - loop.length_m for loop in loops)


@pytest.mark.parametrize("intersection", INTERSECTIONS, ids=lambda i: i.id)
def test_no_two_foes_ever_have_the_right_of_way_together(
    built: Path, net: Net, intersection: Intersection
) -> None:
    heads, foes = heads_of(intersection, net.signal_links), foes_of(built, intersection.id)
    for stage in intersection.stages():
        walks = tuple(p for p in stage if intersection.phase(p).has_ped)
        shown = state(heads, Lights(greens=stage, walks=walks))
        leading = [n for n, letter in enumerate(shown) if letter == "G"]
        assert [pair for pair in combinations(leading, 2) if pair in foes] == [], stage


@pytest.mark.parametrize("intersection", INTERSECTIONS, ids=lambda i: i.id)
def test_every_link_gets_its_green_within_a_cycle_of_the_plan(net: Net, intersection: Intersection) -> None:
    heads, seen = heads_of(intersection, net.signal_links), set()
    for second in range(int(intersection.plan.cycle_s)):
        shown = state(heads, plan_lights(intersection, second * 1000))
        seen |= {n for n, letter in enumerate(shown) if letter in "Gg"}
    assert seen == set(range(len(heads)))


def test_right_turns_yield_and_protected_lefts_do_not(net: Net) -> None:
    heads = heads_of(INTERSECTIONS[0], net.signal_links)
    shown = state(heads, Lights(greens=(2, 5), yellows=(), walks=(2,)))
    letters = {(k.approach, k.turn): shown[k.index] for k in net.signal_links if k.junction == "x1"}
    east = (letters["x1_eb", "left"], letters["x1_eb", "through"], letters["x1_eb", "right"])
    assert east == ("G", "G", "g")
    assert letters["x1_nb", "walk"] == "G"
    assert letters["x1_wb", "through"] == letters["x1_sb", "walk"] == "r"


def test_a_lane_without_a_phase_for_its_turn_is_named(net: Net) -> None:
    table = INTERSECTIONS[0].model_dump()
    lane = next(lane for lane in table["lanes"] if lane["id"] == "x1_eb_3")
    lane["phases"] = (4,)
    with pytest.raises(StreetError, match="no phase serves the left turn of lane x1_eb_3"):
        heads_of(Intersection.model_validate(table), net.signal_links)


def test_an_undeclared_lane_is_named(net: Net) -> None:
    table = INTERSECTIONS[0].model_dump()
    table["lanes"] = [lane for lane in table["lanes"] if lane["id"] != "x1_eb_3"]
    table["detectors"] = []
    with pytest.raises(StreetError, match="lane x1_eb_3 of the network is not declared"):
        heads_of(Intersection.model_validate(table), net.signal_links)


def test_the_demand_knows_every_way_through_the_city(built: Path, net: Net) -> None:
    demand = load_demand(built / "demand.toml")
    assert set(demand.turns) == {lane.link for i in INTERSECTIONS for lane in i.lanes}
    assert all(sum(shares) == pytest.approx(1.0) for shares in demand.turns.values())
    assert all(net.follow(a, t) for a in demand.turns for t in ("left", "through", "right"))


def test_the_picture_shows_the_street(built: Path, net: Net) -> None:
    picture = json.loads((built / "geometry.json").read_text())
    assert {lane["id"] for lane in picture["lanes"] if lane["approach"]} == net.approach_lanes()
    assert [j["id"] for j in picture["junctions"]] == ["x1", "x2", "x3", "x4", "x5"]
    assert len(picture["crossings"]) == 20
    assert len(picture["stops"]) == 10
    assert "Meridian Avenue" in [edge["name"] for edge in picture["edges"]]
    x0, y0, x1, y1 = picture["bounds"]
    for x, y in (point for lane in picture["lanes"] for point in lane["shape"]):
        assert x0 <= x <= x1
        assert y0 <= y <= y1
        assert round(x, 1) == x


def test_a_point_along_a_line() -> None:
    assert along([(0, 0), (10, 0), (10, 10)], 0.75) == (10.0, 5.0, 90.0)


def test_an_unsound_drawing_is_refused_with_the_reason(tmp_path: Path) -> None:
    for name in ("nod", "con"):
        (tmp_path / f"a.{name}.xml").write_text((CORRIDOR / f"corridor.{name}.xml").read_text())
    (tmp_path / "demand.toml").write_text("")
    (tmp_path / "a.edg.xml").write_text('<edges><edge id="e" from="nowhere" to="x1"/></edges>')
    with pytest.raises(StreetError, match="nowhere"):
        build(tmp_path, tmp_path / "out")


def test_a_street_without_a_drawing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demand.toml").write_text("")
    with pytest.raises(StreetError, match="must hold one"):
        build(tmp_path, tmp_path / "out")


def foes_of(built: Path, junction: str) -> set[tuple[int, int]]:
    """Pairs of links whose ways cross, by netconvert's own reckoning."""
    root = ET.parse(built / "net.xml").getroot()
    element = next(j for j in root.iter("junction") if j.get("id") == junction)
    pairs = set()
    for request in element.iter("request"):
        index, bits = int(request.attrib["index"]), request.attrib["foes"][::-1]
        pairs |= {tuple(sorted((index, n))) for n, bit in enumerate(bits) if bit == "1"}
    return pairs  # type: ignore[return-value]
