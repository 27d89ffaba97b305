"""Which detectors does a measure look at, by the city file or by a table of detectors?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb

from gateway.replay.table_file import TableError, as_name, columns, fault, source
from signal_control.model import Detector, Intersection

COLUMNS: Final = ("DeviceId", "Phase", "Function", "Parameter")
FUNCTIONS: Final[dict[str, tuple[str, ...]]] = {
    "advance": ("advance",),
    "presence": ("presence", "stop"),
    "yellow_red": ("yellow_red", "count"),
    "count": ("count", "yellow_red"),
    "opposing": ("opposing",),
}
"""What a measure asks for, and the functions of a detector table that answer it, the best first."""
ROLES: Final = {"advance": "advance", "presence": "stop", "yellow_red": "stop", "count": "stop"}
"""The role in a city file that answers what a measure asks for."""

Channels = Mapping[str, Mapping[int, Sequence[int]]]
"""Device -> phase -> detector channels."""


def of_city(intersections: Iterable[Intersection], wanted: str) -> Channels:
    """The detectors of every intersection, by the phases that serve their lanes."""
    if wanted == "opposing":
        return {x.id: opposing(x) for x in intersections}
    found: dict[str, dict[int, list[int]]] = {}
    for x in intersections:
        phases = {lane.id: lane.phases for lane in x.lanes}
        for detector in x.detectors:
            if wanted in ROLES and detector.role == ROLES[wanted]:
                _note(found.setdefault(x.id, {}), detector, phases[detector.lane])
    return found


def opposing(x: Intersection) -> dict[int, list[int]]:
    """By phase the stop-line detectors of the traffic that a left turn on green meets: through lanes of
    other links whose phases may be green with it. Only for phases of links with a left turn."""
    turning = {lane.link for lane in x.lanes if "left" in lane.turns}
    at_stop = {d.lane: d.channel for d in x.detectors if d.role == "stop"}
    found: dict[int, list[int]] = {}
    for own in (lane for lane in x.lanes if lane.link in turning and "through" in lane.turns):
        phase = own.phases[0]
        found[phase] = sorted(
            at_stop[other.id]
            for other in x.lanes
            if other.link != own.link and "through" in other.turns and other.id in at_stop
            if other.phases[0] != phase and x.compatible(phase, other.phases[0])
        )
    return {phase: channels for phase, channels in found.items() if channels}


def _note(found: dict[int, list[int]], detector: Detector, phases: Iterable[int]) -> None:
    for phase in phases:
        found.setdefault(phase, []).append(detector.channel)


def of_table(path: Path, wanted: str) -> Channels:
    """The detectors in a table of DeviceId, Phase, Function, Parameter. Raises TableError."""
    with duckdb.connect() as db:
        (device, kind), (phase, _), (function, _), (channel, _) = columns(db, path, COLUMNS)
        query = (
            f"SELECT {as_name(device, kind)}, CAST({phase} AS BIGINT), lower({function}), "
            f"CAST({channel} AS BIGINT) FROM {source(path)} ORDER BY ALL"
        )
        try:
            rows = db.execute(query, [str(path)]).fetchall()
        except duckdb.Error as error:
            raise fault(path, error) from error
    there = {row[2] for row in rows}
    functions = [f for f in FUNCTIONS[wanted] if f in there]
    if not functions:
        asked = "' or '".join(FUNCTIONS[wanted])
        raise TableError(f"{path}: no row with the Function '{asked}'; there are: {', '.join(sorted(there))}")
    found: dict[str, dict[int, list[int]]] = {}
    for name, number, function_, parameter in rows:
        if function_ == functions[0]:
            found.setdefault(name, {}).setdefault(number, []).append(parameter)
    return found
