"""What does a SUMO network file say about lanes, connections, signal programs and right of way?"""

from __future__ import annotations

import gzip
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulators.street_net import StreetError

Foes = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class NetLane:
    """A lane: SUMO's id, its edge and index there (0 at the kerb), metres, metres per second.

    `grade` is the mean slope towards its end, a ratio, positive uphill; 0 in a network without heights.
    """

    id: str
    edge: str
    index: int
    length_m: float
    speed_mps: float
    grade: float = 0.0


@dataclass(frozen=True, slots=True)
class Connection:
    """A way from lane to lane across a junction.

    `signal` is the signal that controls it ("" for none) and `index` its place in the state string.
    `junction` and `request` are its place in the junction's right-of-way table (-1: unknown). `turn` is
    SUMO's direction (s, l, r, t, L, R). A pedestrian crossing has `crossing`, its edge.
    """

    start: str
    end: str
    turn: str
    via: str
    signal: str = ""
    index: int = -1
    junction: str = ""
    request: int = -1
    crossing: str = ""


@dataclass(frozen=True, slots=True)
class ProgramPhase:
    """One state of a signal program and how long it is shown, seconds; `least_s` is 0 when not given."""

    duration_s: float
    state: str
    least_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Program:
    """A signal program; `kind` is SUMO's type (static, actuated, ...)."""

    signal: str
    name: str
    kind: str
    offset_s: float
    phases: tuple[ProgramPhase, ...]

    @property
    def cycle_s(self) -> float:
        """The sum of all states."""
        return sum(phase.duration_s for phase in self.phases)


@dataclass(slots=True)
class NetFile:
    """A network as far as signals need it; internal lanes are left out but for their length."""

    lanes: dict[str, NetLane] = field(default_factory=dict)
    edges: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Edge -> the junctions it leads from and to."""
    connections: list[Connection] = field(default_factory=list)
    programs: dict[str, Program] = field(default_factory=dict)
    signalised: set[str] = field(default_factory=set)
    """Junctions that SUMO knows as controlled by a signal."""
    foes: dict[str, list[str]] = field(default_factory=dict)
    """Junction -> for each request the other requests in its way, as SUMO writes it (last bit: request 0)."""
    internal_m: dict[str, float] = field(default_factory=dict)
    """Lane inside a junction -> its length in metres."""
    inner: dict[str, str] = field(default_factory=dict)
    """Lane inside a junction -> the one that goes on from it inside the same junction."""
    into: dict[str, list[Connection]] = field(default_factory=dict)
    """Lane -> the connections that lead to it."""
    out_of: dict[str, list[Connection]] = field(default_factory=dict)
    """Lane -> the connections that leave it."""

    def links(self, signal: str) -> dict[int, list[Connection]]:
        """The connections of a signal by their place in its state string."""
        found: dict[int, list[Connection]] = {}
        for connection in self.connections:
            if connection.signal == signal:
                found.setdefault(connection.index, []).append(connection)
        return dict(sorted(found.items()))

    def across_m(self, connection: Connection) -> float:
        """The way through the junction, from stop line to the lane beyond; 0 when the network has none."""
        lane, total_m = connection.via, 0.0
        while lane in self.internal_m:
            total_m += self.internal_m[lane]
            lane = self.inner.get(lane, "")
        return total_m

    def are_foes(self, a: Connection, b: Connection) -> bool:
        """Whether two connections cross or merge, as the junction's table has it."""
        if a.junction != b.junction or min(a.request, b.request) < 0:
            return False
        table = self.foes.get(a.junction, [])
        row = table[a.request] if a.request < len(table) else ""
        return b.request < len(row) and row[len(row) - 1 - b.request] == "1"


def read_netfile(path: Path, additional: Iterable[Path] = ()) -> NetFile:
    """Read a network; programs in `additional` files take the place of those in the network.

    Raises StreetError naming the file that cannot be read.
    """
    root = _parsed(path)
    net = NetFile()
    for edge in root.iter("edge"):
        _add_edge(net, edge)
    crossings = {e.attrib["id"] for e in root.iter("edge") if e.get("function") == "crossing"}
    for junction in root.iter("junction"):
        if "traffic_light" in junction.get("type", ""):
            net.signalised.add(junction.attrib["id"])
        net.foes[junction.attrib["id"]] = [r.attrib["foes"] for r in junction.iter("request")]
    for element in root.iter("connection"):
        _add_connection(net, element, crossings)
    for file in [None, *additional]:
        for logic in (root if file is None else _parsed(file)).iter("tlLogic"):
            net.programs[logic.attrib["id"]] = _program(logic)
    return net


def _parsed(path: Path) -> ET.Element:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                return ET.parse(file).getroot()
        return ET.parse(path).getroot()
    except (OSError, ET.ParseError) as error:
        raise StreetError(f"{path}: {error}") from error


def _add_edge(net: NetFile, edge: ET.Element) -> None:
    name, inside = edge.attrib["id"], edge.get("function") is not None
    if not inside:
        net.edges[name] = (edge.get("from", ""), edge.get("to", ""))
    for lane in edge.iter("lane"):
        length_m, speed_mps = float(lane.attrib["length"]), float(lane.attrib["speed"])
        if inside:
            net.internal_m[lane.attrib["id"]] = length_m
        else:
            grade = _grade(lane.get("shape", ""), length_m)
            found = NetLane(lane.attrib["id"], name, int(lane.attrib["index"]), length_m, speed_mps, grade)
            net.lanes[found.id] = found


def _grade(shape: str, length_m: float) -> float:
    """The slope of a lane whose shape has heights (x,y,z)."""
    ends = [point.split(",") for point in shape.split()]
    if len(ends) < 2 or len(ends[0]) < 3 or len(ends[-1]) < 3 or length_m <= 0:
        return 0.0
    return (float(ends[-1][2]) - float(ends[0][2])) / length_m


def _add_connection(net: NetFile, element: ET.Element, crossings: set[str]) -> None:
    a = element.attrib
    crossing = a["to"] if a["to"] in crossings else (a["from"] if a["from"] in crossings else "")
    if crossing and "tl" not in a:
        return
    if not crossing and (a["from"].startswith(":") or a["to"].startswith(":")):
        if a.get("via") and a["from"].startswith(":"):
            net.inner[f"{a['from']}_{a['fromLane']}"] = a["via"]
        return
    junction, request = _request(a.get("via", ""))
    if crossing:
        junction, request = crossing[1:].rsplit("_c", 1)[0], -1
    found = Connection(
        start=f"{a['from']}_{a['fromLane']}",
        end=f"{a['to']}_{a['toLane']}",
        turn=a.get("dir", "s"),
        via=a.get("via", ""),
        signal=a.get("tl", ""),
        index=int(a.get("linkIndex", "-1")),
        junction=junction,
        request=request,
        crossing=crossing,
    )
    net.connections.append(found)
    if not crossing:
        net.into.setdefault(found.end, []).append(found)
        net.out_of.setdefault(found.start, []).append(found)


def _request(via: str) -> tuple[str, int]:
    """Junction and request of a connection: netconvert names its inner lane `:junction_first_offset`."""
    parts = via[1:].rsplit("_", 2)
    if len(parts) != 3 or not (parts[1].isdigit() and parts[2].isdigit()):
        return "", -1
    return parts[0], int(parts[1]) + int(parts[2])


def _program(logic: ET.Element) -> Program:
    phases = tuple(
        ProgramPhase(float(p.attrib["duration"]), p.attrib["state"], _seconds(p.attrib, "minDur"))
        for p in logic.iter("phase")
    )
    offset = logic.get("offset", "0")
    offset_s = float(offset) if offset.replace(".", "", 1).lstrip("-").isdigit() else 0.0
    return Program(
        logic.attrib["id"], logic.get("programID", "0"), logic.get("type", "static"), offset_s, phases
    )


def _seconds(attributes: Mapping[str, str], key: str) -> float:
    text = attributes.get(key, "")
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
