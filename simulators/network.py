"""How does a drawn street become a network that SUMO runs and a picture that the board draws?"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from simulators.street_net import Net, NetLane, Point, StreetError, read_net, read_shape

NET = "net.xml"
GEOMETRY = "geometry.json"
_OPTIONS = {
    "--no-turnarounds": "true",
    "--walkingareas": "true",
    "--offset.disable-normalization": "true",
    "--tls.default-type": "static",
    "--output.street-names": "true",
    "--no-warnings": "true",
}


def build(street_dir: Path, out_dir: Path) -> None:
    """Write net.xml and geometry.json into `out_dir`, beside copies of the street's other files.

    `street_dir` holds one each of *.nod.xml, *.edg.xml and *.con.xml; demand.toml and *.add.xml are copied.
    Raises StreetError with netconvert's own words when the drawing is unsound.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    for path in [street_dir / "demand.toml", *sorted(street_dir.glob("*.add.xml"))]:
        if not path.exists():
            raise StreetError(f"{path} does not exist; a street needs its demand")
        shutil.copyfile(path, out_dir / path.name)
    _netconvert(street_dir, out_dir / NET)
    (out_dir / GEOMETRY).write_text(json.dumps(geometry(out_dir), separators=(",", ":")) + "\n")


def sumo_binary(name: str) -> tuple[str, dict[str, str]]:
    """The path of one of SUMO's programs and the environment it wants."""
    try:
        import sumo
    except ImportError as error:
        raise StreetError("SUMO is not installed; install it with: pip install 'arterial[demo]'") from error
    return str(Path(sumo.SUMO_HOME) / "bin" / name), {**os.environ, "SUMO_HOME": str(sumo.SUMO_HOME)}


def _netconvert(street_dir: Path, net: Path) -> None:
    drawn = {kind: sorted(street_dir.glob(f"*.{kind}.xml")) for kind in ("nod", "edg", "con")}
    for kind, paths in drawn.items():
        if len(paths) != 1:
            raise StreetError(f"{street_dir} must hold one *.{kind}.xml; it holds {len(paths)}")
    program, environment = sumo_binary("netconvert")
    inputs = ["-n", drawn["nod"][0], "-e", drawn["edg"][0], "-x", drawn["con"][0], "-o", net]
    command = [
        program,
        *(str(part) for part in inputs),
        *(part for pair in _OPTIONS.items() for part in pair),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0 or not net.exists():
        raise StreetError(f"netconvert refused {street_dir}: {done.stderr.strip() or done.stdout.strip()}")


def geometry(net_dir: Path) -> dict[str, Any]:
    """The picture of a built street: metres, y up, rounded to 0.1 m.

    A lane that runs on from its entry stretch is drawn as one, so a queue can be drawn along all of it.
    """
    net, root = read_net(net_dir / NET), ET.parse(net_dir / NET).getroot()
    lanes = _drawn_lanes(net)
    points = [point for lane in lanes for point in lane["shape"]]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return {
        "bounds": [min(xs), min(ys), max(xs), max(ys)],
        "lanes": lanes,
        "junctions": _junctions(root),
        "crossings": _crossings(root),
        "edges": _names(root, net),
        "stops": _stops(net_dir, net),
    }


def _drawn_lanes(net: Net) -> list[dict[str, Any]]:
    approach = net.approach_lanes()
    fed = {feeder for feeder, _ in net.feeders.values()}
    drawn = []
    for lane in net.lanes.values():
        if lane.id not in fed:
            before = net.lanes[net.feeders[lane.id][0]].shape if lane.id in net.feeders else ()
            drawn.append(
                {
                    "id": lane.id,
                    "shape": _rounded((*before, *lane.shape)),
                    "width": round(lane.width_m, 1),
                    "approach": lane.id in approach,
                }
            )
    return drawn


def _junctions(root: ET.Element) -> list[dict[str, Any]]:
    return [
        {"id": j.attrib["id"], "shape": _rounded(read_shape(j.attrib["shape"]))}
        for j in root.iter("junction")
        if j.get("type") == "traffic_light"
    ]


def _crossings(root: ET.Element) -> list[dict[str, Any]]:
    found = []
    for edge in root.iter("edge"):
        if edge.get("function") == "crossing":
            lane = next(edge.iter("lane"))
            shape, width = _rounded(read_shape(lane.attrib["shape"])), float(lane.get("width", "4"))
            found.append({"id": edge.attrib["id"], "shape": shape, "width": round(width, 1)})
    return found


def _names(root: ET.Element, net: Net) -> list[dict[str, Any]]:
    """Each street name once, in the middle of its longest edge; `angle` in degrees keeps text upright."""
    longest: dict[str, NetLane] = {}
    names = {edge.attrib["id"]: edge.get("name", "") for edge in root.iter("edge")}
    for lane in net.lanes.values():
        name = names[lane.edge]
        if name and (name not in longest or lane.length_m > longest[name].length_m):
            longest[name] = lane
    return [{"name": name, **_label(lane.shape)} for name, lane in sorted(longest.items())]


def _label(shape: Sequence[Point]) -> dict[str, float]:
    x, y, angle = along(shape, 0.5)
    upright = (angle + 90.0) % 180.0 - 90.0
    return {"x": round(x, 1), "y": round(y, 1), "angle": round(upright, 1)}


def _stops(net_dir: Path, net: Net) -> list[dict[str, Any]]:
    found = []
    for path in sorted(net_dir.glob("*.add.xml")):
        for stop in ET.parse(path).getroot().iter("busStop"):
            lane = net.lanes[stop.attrib["lane"]]
            middle = (float(stop.attrib["startPos"]) + float(stop.attrib["endPos"])) / 2
            x, y, _ = along(lane.shape, middle / lane.length_m)
            line = stop.get("lines", "")
            found.append({"id": stop.attrib["id"], "line": line, "x": round(x, 1), "y": round(y, 1)})
    return found


def along(shape: Sequence[Point], share: float) -> tuple[float, float, float]:
    """The point at `share` (0 to 1) of a line's length, and the line's direction there in degrees."""
    pieces = list(pairwise(shape))
    left = share * sum(math.dist(a, b) for a, b in pieces)
    for a, b in pieces:
        length = math.dist(a, b)
        if left <= length and length > 0:
            f = left / length
            angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
            return a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1]), angle
        left -= length
    return shape[-1][0], shape[-1][1], 0.0


def _rounded(shape: Sequence[Point]) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in shape]
