"""How many vehicles entered the street, quarter by quarter, and where did they turn, as detectors counted?

A built street has a demand file; what was counted takes the place of its flows and of the turns that lanes
tell apart. The rest (vehicle types, buses, people on foot, turns that share a lane) stays as it is. The
street's day begins at 06:45, whatever the time of the range was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import tomlkit

from gateway.desk.workbench import DeskError
from signal_control.eventlog import BIN_NS
from signal_control.measures.turning_movement_counts import turning_movement_counts
from signal_control.model import Intersection, Lane
from storage.store import Events

DAY_START_S: Final = 24_300
"""06:45, the second of the day at which a built street begins."""
QUARTER_S: Final = BIN_NS // 1_000_000_000
LEAST_VEH: Final = 20
"""With fewer vehicles on a link its turns are left as they were."""
_TURNS: Final = ("left", "through", "right")


class Counted(NamedTuple):
    """Vehicles by lane in each quarter of an hour of the range; `why` names lanes nobody counts."""

    lanes: dict[str, list[int]]
    why: tuple[str, ...]


def counted(x: Intersection, log: Events, begin: int, end: int) -> Counted:
    """What the detectors of an intersection counted from `begin` to `end` (ns)."""
    channels, blind = {}, []
    for n, lane in enumerate(x.lanes):
        own = _counters(x, lane)
        if own:
            channels[n] = own
        else:
            blind.append(f"no detector counts lane {lane.id}")
    quarters = max(1, -(-(end - begin) // BIN_NS))
    found = {x.lanes[n].id: [0] * quarters for n in channels}
    shifted = log.at_ns - begin
    for cell in turning_movement_counts(shifted, log.code, log.param, channels):
        quarter = cell.start_ns // BIN_NS
        if 0 <= quarter < quarters:
            found[x.lanes[cell.movement].id][quarter] += cell.vehicles
    return Counted(found, tuple(blind))


def demand(
    template: Path, city: Sequence[Intersection], lanes: Mapping[str, Sequence[int]], seconds: int
) -> tuple[str, list[str]]:
    """A demand file with the counts in it, and what must be said of it. Raises DeskError."""
    try:
        text = template.read_text(encoding="utf-8")
        told = tomllib.loads(text)
        entries, turns = told["entries"], told["turns"]
    except (OSError, ValueError, KeyError) as error:
        raise DeskError(f"{template} is no demand of a built street: {error}", 409) from error
    document, remarks = tomlkit.parse(text), []
    quarters = -(-seconds // QUARTER_S)
    surges: list[dict[str, Any]] = []
    links = _links(city)
    for link in entries:
        counts = _of_link(links.get(link, ()), lanes, quarters)
        if counts is None:
            remarks.append(f"{link}: not counted, so it keeps the flow of the street's own demand")
            surges += [s for s in told.get("surges", ()) if s.get("link") == link]
            continue
        peak = max(counts)
        document["entries"][link] = peak * 3600.0 / QUARTER_S
        surges += _surges(link, counts, peak)
    for link in turns:
        shares = _turns(links.get(link, ()), lanes, turns[link])
        if shares is not None:
            document["turns"][link] = shares
    document["profile"]["day"] = [["06:00", 1.0]]
    document["surges"] = surges
    return tomlkit.dumps(document), remarks


def _counters(x: Intersection, lane: Lane) -> list[int]:
    """Who counts a lane's arrivals: its advance detector, which a queue holds up last, else its stop line."""
    for role in ("advance", "stop"):
        found = [d.channel for d in x.detectors if d.lane == lane.id and d.role == role]
        if found:
            return found[:1]
    return []


def _links(city: Sequence[Intersection]) -> dict[str, list[Lane]]:
    found: dict[str, list[Lane]] = {}
    for x in city:
        for lane in x.lanes:
            found.setdefault(lane.link, []).append(lane)
    return found


def _of_link(own: Sequence[Lane], lanes: Mapping[str, Sequence[int]], quarters: int) -> list[int] | None:
    """Vehicles of a link in each quarter; None when a lane is not counted, or nobody came at all."""
    if not own or any(lane.id not in lanes for lane in own):
        return None
    sums = [sum(lanes[lane.id][q] for lane in own) for q in range(quarters)]
    return sums if any(sums) else None


def _surges(link: str, counts: Sequence[int], peak: int) -> list[dict[str, Any]]:
    """Each quarter's share of the peak, from before the begin until after the end."""
    edges = [DAY_START_S - 1800, *(DAY_START_S + QUARTER_S * n for n in range(1, len(counts))), 86_399]
    return [
        {"link": link, "between": [_clock(edges[n]), _clock(edges[n + 1])], "factor": round(count / peak, 4)}
        for n, count in enumerate(counts)
    ]


def _turns(
    own: Sequence[Lane], lanes: Mapping[str, Sequence[int]], before: Sequence[float]
) -> list[float] | None:
    """Shares that turn, from lanes of one turn; what shares a lane is divided as before."""
    if not own or any(lane.id not in lanes for lane in own):
        return None
    total = sum(sum(lanes[lane.id]) for lane in own)
    if total < LEAST_VEH:
        return None
    alone = dict.fromkeys(_TURNS, 0)
    mixed: set[str] = set()
    shared = 0
    for lane in own:
        if len(lane.turns) == 1 and lane.turns[0] not in _shared_turns(own):
            alone[lane.turns[0]] += sum(lanes[lane.id])
        else:
            mixed.update(lane.turns)
            shared += sum(lanes[lane.id])
    usual = {turn: before[n] for n, turn in enumerate(_TURNS) if turn in mixed}
    whole = sum(usual.values())
    return [
        round((alone[turn] + (shared * usual[turn] / whole if turn in usual and whole else 0)) / total, 4)
        for turn in _TURNS
    ]


def _shared_turns(own: Sequence[Lane]) -> set[str]:
    return {turn for lane in own if len(lane.turns) > 1 for turn in lane.turns}


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
