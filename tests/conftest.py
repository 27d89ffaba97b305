"""What do all tests share?"""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators.network import sumo_binary

_WHERE = Path(__file__).with_name("shared_data.py")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data("atspm/tests/x.parquet")`: the path, or a skip with the reason."""
    spec = importlib.util.spec_from_file_location("arterial_shared_data", _WHERE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    find: Callable[[str], Path] = module.find
    return find


NODES = {
    "c": (0, 0, "traffic_light"),
    "n": (0, 200, "priority"),
    "e": (80, 0, "priority"),
    "s": (0, -200, "priority"),
    "w": (-200, 0, "priority"),
    "w1": (-16, 0, "priority"),
}
EDGES = [
    ("n", "c"),
    ("c", "n"),
    ("e", "c"),
    ("c", "e"),
    ("s", "c"),
    ("c", "s"),
    ("w", "w1"),
    ("w1", "c"),
    ("c", "w"),
]
FLOWS = [
    ("wc", "ce", 400),
    ("ec", "cw", 300),
    ("nc", "cs", 200),
    ("sc", "cn", 200),
    ("wc", "cn", 100),
    ("nc", "ce", 80),
]

PROGRAM = """
<phase duration="30" state="GGGgrrrrGGGgrrrr"/><phase duration="3" state="yyygrrrryyygrrrr"/>
<phase duration="6" state="rrrGrrrrrrrGrrrr"/><phase duration="3" state="rrryrrrrrrryrrrr"/>
<phase duration="30" state="rrrrGGGgrrrrGGGg"/><phase duration="3" state="rrrryyygrrrryyyg"/>
<phase duration="6" state="rrrrrrrGrrrrrrrG"/><phase duration="3" state="rrrrrrryrrrrrrry"/>
"""
"""Through and right (links 0 to 2 of each approach), then left alone (3)."""


@pytest.fixture(scope="session")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a crossing: net.xml, demand and run.sumocfg."""
    folder = tmp_path_factory.mktemp("crossing")
    nodes = [f'<node id="{n}" x="{x}" y="{y}" type="{t}"/>' for n, (x, y, t) in NODES.items()]
    edges = [f'<edge id="{_edge(a, b)}" from="{a}" to="{b}" numLanes="2" speed="13.9"/>' for a, b in EDGES]
    (folder / "x.nod.xml").write_text(f"<nodes>{''.join(nodes)}</nodes>")
    (folder / "x.edg.xml").write_text(f"<edges>{''.join(edges)}</edges>")
    program, environment = sumo_binary("netconvert")
    files = ["-n", folder / "x.nod.xml", "-e", folder / "x.edg.xml", "-o", folder / "x.net.xml"]
    subprocess.run(
        [program, *files, "--no-turnarounds", "true", "--no-warnings", "true"],
        env=environment,
        check=True,
        capture_output=True,
    )
    built = (folder / "x.net.xml").read_text()
    (folder / "x.net.xml").write_text(
        re.sub(r"(<tlLogic[^>]*>).*?(</tlLogic>)", rf"\1{PROGRAM}\2", built, flags=re.S)
    )
    flows = [
        f'<flow id="f{k}" from="{a}" to="{b}" begin="0" end="3600" vehsPerHour="{n}"/>'
        for k, (a, b, n) in enumerate(FLOWS)
    ]
    (folder / "x.rou.xml").write_text(f"<routes>{''.join(flows)}</routes>")
    (folder / "run.sumocfg").write_text(
        '<configuration><input><net-file value="x.net.xml"/><route-files value="x.rou.xml"/></input>'
        '<time><begin value="0"/><end value="3600"/></time>'
        '<output><summary-output value="summary.xml"/></output></configuration>'
    )
    return folder


def _edge(a: str, b: str) -> str:
    return {("w", "w1"): "wc", ("w1", "c"): "wc_end"}.get((a, b), a + b)
