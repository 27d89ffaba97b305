"""What does the built network say about its lanes, its signal links and how edges follow one another?"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from signal_control.model import Turn

Point = tuple[float, float]
APPROACH_OF = ("eb", "wb", "nb", "sb")
_TURNS: dict[str, Turn] = {"l": "left", "L": "left", "s": "through", "r": "right", "R": "right"}


class StreetError(Exception):
    """The street cannot be built or does not fit its intersections: mend the files it names."""


@dataclass(frozen=True, slots=True)
class NetLane:
    """One driving lane: SUMO's id, its edge, metres, metres a second and its centre line."""

    id: str
    edge: str
    length_m: float
    speed_mps: float
    width_m: float
    shape: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class SignalLink:
    """One position in the state string of a junction's signal.

    For vehicles `lane` is the approach lane and `turn` its movement. For a pedestrian crossing `turn` is
    "walk" and `approach` is the link whose leg is crossed.
    """

    junction: str
    index: int
    approach: str
    turn: Turn | Literal["walk"]
    lane: str = ""
    crossing: str = ""


@dataclass(frozen=True, slots=True)
class Net:
    """A network as far as the street needs it; all ids are SUMO's."""

    lanes: Mapping[str, NetLane]
    signal_links: tuple[SignalLink, ...]
    next_edges: Mapping[str, Mapping[Turn, str]]
    feeders: Mapping[str, tuple[str, float]]
    """Approach lane -> the lane that runs on into it, and the metres between the two."""
    crossings: Mapping[str, str]
    """Crossing edge -> the approach whose leg it crosses."""

    def approach_lanes(self) -> frozenset[str]:
        """Every lane that ends at a signal."""
        return frozenset(link.lane for link in self.signal_links if link.lane)

    def stretch(self, link: str) -> tuple[str, ...]:
        """The edges of a link from its start to its end: its entry stretch, if it has one, and itself."""
        entry = f"{link}_in"
        return (entry, link) if entry in self.next_edges else (link,)

    def follow(self, link: str, turn: Turn) -> str | None:
        """The link that `turn` at the end of `link` leads to; None when the turn does not exist."""
        edge = self.next_edges.get(link, {}).get(turn)
        return edge.removesuffix("_in") if edge is not None else None


def read_net(path: Path) -> Net:
    """Parse a net.xml written by netconvert; raises StreetError when there is none."""
    try:
        root = ET.parse(path).getroot()
    except (OSError, ET.ParseError) as error:
        raise StreetError(f"{path}: {error}; build the street first") from error
    lanes = dict(_lanes(root))
    crossings = _crossings(root)
    plain = [c for c in root.iter("connection") if ":" not in c.attrib["from"] + c.attrib["to"]]
    return Net(
        lanes=lanes,
        signal_links=tuple(_signal_links(root, crossings)),
        next_edges=_next_edges(plain),
        feeders=_feeders(root, plain),
        crossings=crossings,
    )


def _lanes(root: ET.Element) -> list[tuple[str, NetLane]]:
    return [
        (lane.attrib["id"], _lane(edge.attrib["id"], lane))
        for edge in root.iter("edge")
        if edge.get("function") is None
        for lane in edge.iter("lane")
        if lane.get("allow") != "pedestrian"
    ]


def _lane(edge: str, lane: ET.Element) -> NetLane:
    return NetLane(
        id=lane.attrib["id"],
        edge=edge,
        length_m=float(lane.attrib["length"]),
        speed_mps=float(lane.attrib["speed"]),
        width_m=float(lane.get("width", "3.2")),
        shape=read_shape(lane.attrib["shape"]),
    )


def read_shape(text: str) -> tuple[Point, ...]:
    """A SUMO shape ("x,y x,y ...") as points in metres."""
    points = (pair.split(",") for pair in text.split())
    return tuple((float(p[0]), float(p[1])) for p in points)


def _crossings(root: ET.Element) -> dict[str, str]:
    found = {}
    for edge in root.iter("edge"):
        if edge.get("function") == "crossing":
            crossed = edge.attrib["crossingEdges"].split()
            arriving = [e for e in crossed if e.endswith(APPROACH_OF)]
            if len(arriving) != 1:
                raise StreetError(f"crossing {edge.get('id')} must cross one approach; it crosses {crossed}")
            found[edge.attrib["id"]] = arriving[0]
    return found


def _signal_links(root: ET.Element, crossings: Mapping[str, str]) -> list[SignalLink]:
    found = []
    for c in root.iter("connection"):
        if (junction := c.get("tl")) is None:
            continue
        index, start, end = int(c.attrib["linkIndex"]), c.attrib["from"], c.attrib["to"]
        if end in crossings:
            found.append(SignalLink(junction, index, crossings[end], "walk", crossing=end))
        elif (turn := _TURNS.get(c.attrib["dir"])) is not None:
            found.append(SignalLink(junction, index, start, turn, lane=f"{start}_{c.attrib['fromLane']}"))
        else:
            raise StreetError(
                f"signal link {index} of {junction} ({start} to {end}) is neither left, through nor right"
            )
    return sorted(found, key=lambda link: (link.junction, link.index))


def _next_edges(plain: list[ET.Element]) -> dict[str, dict[Turn, str]]:
    found: dict[str, dict[Turn, str]] = {}
    for c in plain:
        turn = _TURNS.get(c.attrib["dir"])
        if turn is not None:
            found.setdefault(c.attrib["from"], {})[turn] = c.attrib["to"]
    return found


def _feeders(root: ET.Element, plain: list[ET.Element]) -> dict[str, tuple[str, float]]:
    """A pocket starts where its lane does; only the lanes beside it have a feeder."""
    inner = {lane.attrib["id"]: float(lane.attrib["length"]) for lane in root.iter("lane")}
    found: dict[str, tuple[str, float]] = {}
    for c in plain:
        start, end = c.attrib["from"], c.attrib["to"]
        if start == f"{end}_in" and c.attrib["fromLane"] == c.attrib["toLane"]:
            found[f"{end}_{c.attrib['toLane']}"] = (f"{start}_{c.attrib['fromLane']}", inner[c.attrib["via"]])
    return found
