"""Are people on foot imported, heard at their buttons, and let across?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from simulators.evaluate import run
from simulators.network import sumo_binary
from simulators.networks.importer import import_signals
from simulators.networks.job import Job
from simulators.networks.netfile import read_netfile
from simulators.networks.scenario import read_scenario
from simulators.street_net import StreetError

PLACES = {"n": (0, 150), "e": (150, 0), "s": (0, -150), "w": (-150, 0)}
ROUTES = """<routes>
<flow id="a" from="wc" to="ce" begin="0" end="400" vehsPerHour="400"/>
<personFlow id="p" begin="0" end="400" perHour="300"><walk from="wc" to="cn"/></personFlow>
<personFlow id="q" begin="0" end="400" perHour="300"><walk from="nc" to="ce"/></personFlow>
</routes>"""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crossing with sidewalks and crossings; the configuration's path."""
    folder = tmp_path_factory.mktemp("walked")
    nodes = [f'<node id="{k}" x="{x}" y="{y}"/>' for k, (x, y) in PLACES.items()]
    ways = [(a, "c") for a in PLACES] + [("c", b) for b in PLACES]
    edges = [f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13"/>' for a, b in ways]
    signal = '<node id="c" x="0" y="0" type="traffic_light"/>'
    (folder / "x.nod.xml").write_text(f"<nodes>{''.join(nodes)}{signal}</nodes>")
    (folder / "x.edg.xml").write_text(f"<edges>{''.join(edges)}</edges>")
    program, environment = sumo_binary("netconvert")
    files = ["-n", folder / "x.nod.xml", "-e", folder / "x.edg.xml", "-o", folder / "x.net.xml"]
    foot = ["--sidewalks.guess", "true", "--crossings.guess", "true", "--no-turnarounds", "true"]
    subprocess.run([program, *files, *foot], env=environment, check=True, capture_output=True)
    (folder / "x.rou.xml").write_text(ROUTES)
    config = folder / "x.sumocfg"
    config.write_text(
        '<c><net-file value="x.net.xml"/><route-files value="x.rou.xml"/><end value="400"/></c>'
    )
    return config


def test_a_group_of_crossings_is_a_phase_with_a_walk(walked: Path) -> None:
    found = import_signals(read_netfile(walked.parent / "x.net.xml"), "loops")[0][0].intersection
    walks = [p for p in found.phases if p.has_ped]
    assert len(walks) == 2
    assert all(p.label.startswith("crossing :c_c") and p.ped_clear_s >= 5 for p in walks)
    served = {n for lane in found.lanes for n in lane.phases}
    assert not served & {p.number for p in walks}


def test_who_presses_a_button_gets_across(walked: Path) -> None:
    found = run(Job(read_scenario(walked), "max_pressure", 1)).values
    assert 0 < found["ped_wait_s"] < 30
    assert (found["conflicts"], found["collisions"], found["flash_s"]) == (0, 0, 0)


def test_what_sumo_cannot_run_is_told_in_its_words(walked: Path) -> None:
    (walked.parent / "x.rou.xml").write_text(ROUTES.replace('to="ce"/></p', 'to="mars"/></p'))
    with pytest.raises(StreetError, match="SUMO: The edge 'mars'"):
        run(Job(read_scenario(walked), "fixed", 1))
