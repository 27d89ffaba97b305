"""How does a signal of a SUMO network become an intersection that a controller can run?

Signal groups become phases, the green states of the program become declared stages in any order, and the
program's own times become the local plan. What the program does not say is taken from practice: yellow by
approach speed (ITE), minimum green 5 s, maximum green 90 s.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from signal_control.model import Intersection, formulas
from simulators.networks.layouts import Laid, lay
from simulators.networks.netfile import Connection, NetFile
from simulators.networks.paths import Paths
from simulators.networks.programs import Group, Staged, staged
from simulators.networks.timing import Timing, retimed
from simulators.street_net import StreetError

MIN_GREEN_S: Final = 5.0
MAX_GREEN_S: Final = 90.0
WALK_S: Final = 5.0
SATURATION_VEH_H: Final = 1900.0
_ID_LENGTH: Final = 48
_TURNS: Final = {"l": "left", "L": "left", "t": "left", "s": "through", "r": "right", "R": "right"}


@dataclass(frozen=True, slots=True)
class Imported:
    """An intersection, the signal it is in SUMO, its program in stages, and its detectors."""

    intersection: Intersection
    signal: str
    staged: Staged
    laid: Laid
    links: dict[int, list[Connection]] = field(repr=False, default_factory=dict)


def import_signals(
    net: NetFile, layout: str, timing: Timing | None = None, only: Sequence[str] = ()
) -> tuple[list[Imported], list[str]]:
    """Every signal of a network (or `only` these) as an intersection, and why others cannot be one.

    Raises StreetError for a signal in `only` that the network does not have.
    """
    missing = [name for name in only if name not in net.programs]
    if missing:
        raise StreetError(f"no signal named {missing[0]!r}; there are: {', '.join(sorted(net.programs))}")
    found, refused = [], []
    for signal in only or net.programs:
        if not net.links(signal):
            continue
        try:
            found.append(import_signal(net, signal, layout, timing or Timing()))
        except StreetError as why:
            refused.append(str(why))
    return found, refused


def import_signal(net: NetFile, signal: str, layout: str, timing: Timing) -> Imported:
    """One signal; raises StreetError when its program has no groups that alternate, or too many."""
    program = staged(retimed(net.programs[signal], timing))
    links = net.links(signal)
    name = intersection_id(signal, net.programs)
    lanes = [_lane(net, name, program, links, lane) for lane in _signal_lanes(program, links)]
    laid = lay(net, name, [lane["id"] for lane in lanes], layout)
    phases = [_phase(net, group, links, program, timing) for group in program.groups]
    described = {
        "id": name,
        "name": signal,
        "phases": phases,
        "lanes": lanes,
        "detectors": laid.detectors,
        "declared_stages": program.stages,
        "plan": _plan(program, phases),
    }
    return Imported(Intersection.model_validate(described), signal, program, laid, links)


def intersection_id(signal: str, signals: Iterable[str]) -> str:
    """What the signal `signal`, one of `signals`, is called as a device: 1 to 48 of A-Z a-z 0-9 _ -.

    SUMO allows more letters and any length (joined junctions have names of hundreds). A name that is too
    long, or that only forbidden letters tell from another one's, ends with a digest of the whole.
    """
    plain = _plain(signal)
    alike = any(_plain(other) == plain for other in signals if other != signal)
    if len(plain) <= _ID_LENGTH and not alike:
        return plain
    digest = hashlib.sha256(signal.encode()).hexdigest()[:8]
    return f"{plain[: _ID_LENGTH - 9]}_{digest}"


def _plain(signal: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", signal)


def doubts(net: NetFile, imported: Imported) -> list[str]:
    """Links that the program gives the right of way together though they cross; a person has to look."""
    links = {n: cs[0] for n, cs in imported.links.items() if not cs[0].crossing}
    found = []
    for stage, state in zip(imported.staged.stages, imported.staged.states, strict=True):
        there = [n for n in links if n < len(state) and state[n] == "G"]
        for a, b in combinations(there, 2):
            one, other = links[a], links[b]
            if one.start != other.start and one.end != other.end and net.are_foes(one, other):
                ways = f"{one.start} > {one.end} and {other.start} > {other.end}"
                found.append(f"{imported.intersection.id}: stage {list(stage)}: {ways} cross, none yields")
    return found


def _signal_lanes(program: Staged, links: dict[int, list[Connection]]) -> list[str]:
    """Lanes that some group lets go or holds, in the order of their links."""
    grouped = program.group_of()
    return list(
        dict.fromkeys(c.start for n, cs in links.items() for c in cs if n in grouped and not c.crossing)
    )


def _phase(
    net: NetFile, group: Group, links: dict[int, list[Connection]], program: Staged, timing: Timing
) -> dict[str, Any]:
    ways = [c for n in group.links for c in links.get(n, ())]
    speeds = [net.lanes[c.start].speed_mps for c in ways if not c.crossing]
    speed_mps = max(speeds, default=13.9)
    yellow_s = group.yellow_s or math.ceil(formulas.yellow_s(speed_mps) * 10) / 10
    red_s = group.red_clear_s
    shortest = min(s for n, s in program.plan if group.number in program.stages[n]) - yellow_s - red_s
    own_s = min(group.min_green_s or MIN_GREEN_S, max(1.0, shortest))
    min_green_s = own_s if timing.min_green_s is None else timing.min_green_s
    most_s = timing.max_green_s or MAX_GREEN_S
    found = {
        "number": group.number,
        "label": _label(net, ways),
        "ring": _rings(program)[group.number],
        "min_green_s": min_green_s,
        "max_green_s": max(most_s, min_green_s),
        "yellow_s": min(6.0, max(2.7, yellow_s)),
        "red_clear_s": min(6.0, red_s),
    }
    crossed_m = [net.internal_m.get(f"{c.crossing}_0", 10.0) for c in ways if c.crossing]
    if crossed_m:
        clear_s = math.ceil(formulas.ped_clear_s(max(crossed_m)))
        found |= {"walk_s": WALK_S, "ped_clear_s": clear_s, "recall": "ped"}
    return found | {"geometry": _geometry(net, ways, crossed_m)}


def _geometry(net: NetFile, ways: Sequence[Connection], crossed_m: Sequence[float]) -> dict[str, float]:
    """What the formulas want, as far as the network tells."""
    driven, found = [c for c in ways if not c.crossing], {}
    if driven:
        found["speed_mps"] = max(net.lanes[c.start].speed_mps for c in driven)
        steepest_down = min(net.lanes[c.start].grade for c in driven)
        found |= {"grade": round(max(-0.2, min(0.2, steepest_down)), 4)} if steepest_down else {}
        across_m = max(net.across_m(c) for c in driven)
        found |= {"width_m": round(across_m, 1)} if across_m else {}
    return found | ({"crossing_m": round(max(crossed_m), 1)} if crossed_m else {})


def _label(net: NetFile, ways: Sequence[Connection]) -> str:
    turns: dict[str, list[str]] = {}
    for c in ways:
        origin = f"crossing {c.crossing}" if c.crossing else net.lanes[c.start].edge
        turn = "walk" if c.crossing else _TURNS.get(c.turn, "through")
        if turn not in turns.setdefault(origin, []):
            turns[origin].append(turn)
    return "; ".join(f"{origin} {'+'.join(kinds)}" for origin, kinds in turns.items())


def _rings(program: Staged) -> dict[int, int]:
    """A ring for each group, so that those of one stage have different ones; as few as greedy needs."""
    rings: dict[int, int] = {}
    order = sorted(program.groups, key=lambda g: -sum(g.number in stage for stage in program.stages))
    for group in order:
        beside = {n for stage in program.stages if group.number in stage for n in stage}
        taken = {rings[n] for n in beside if n in rings}
        rings[group.number] = next(ring for ring in range(1, 17) if ring not in taken)
    return rings


def _lane(
    net: NetFile, name: str, program: Staged, links: dict[int, list[Connection]], lane: str
) -> dict[str, Any]:
    paths, there = Paths(net), net.lanes[lane]
    there_from = {n: [c for c in cs if c.start == lane and not c.crossing] for n, cs in links.items()}
    ways = {n: cs for n, cs in there_from.items() if cs}
    driven = [c for cs in ways.values() for c in cs]
    grouped = program.group_of()
    phases = sorted({grouped[n] for n in ways if n in grouped})
    turns = list(dict.fromkeys(_TURNS.get(c.turn, "through") for c in driven))
    onward: dict[str, float] = {}
    forward = [c for c in driven if c.turn != "t"] or driven
    for c in forward:
        for link, share in paths.onward(c).items():
            onward[link] = onward.get(link, 0.0) + share / len(forward)
    return {
        "id": lane,
        "link": paths.link(lane),
        "phases": phases,
        "turns": turns,
        "length_m": round(max(1.0, paths.storage_m(lane)), 1),
        "speed_mps": there.speed_mps,
        "saturation_veh_h": SATURATION_VEH_H,
        "service": (single := {phase: _service(program, list(ways), phase) for phase in phases}),
        "together": _together(program, ways, phases, single),
        "to": {link: int(share * 1000) / 1000 for link, share in onward.items() if share >= 0.01},
    }


def _service(program: Staged, links: Sequence[int], phase: int) -> float:
    """The share of the saturation flow in the smallest stage with `phase`."""
    place = min(
        (n for n, stage in enumerate(program.stages) if phase in stage),
        key=lambda n: len(program.stages[n]),
    )
    return _share([program.states[place][link] for link in links])


def _together(
    program: Staged, ways: dict[int, list[Connection]], phases: Sequence[int], single: dict[int, float]
) -> list[dict[str, Any]]:
    """The same in every stage in which it is not what the best of its phases says, or turners wait inside."""
    found = []
    for stage, state in zip(program.stages, program.states, strict=True):
        letters = {link: state[link] for link in ways if link < len(state)}
        served = [single[p] for p in phases if p in stage]
        if not served or not set(letters.values()) & set("Gg"):
            continue
        share = _share(list(letters.values()))
        waits = any(letter == "g" and any(map(_waits, ways[link])) for link, letter in letters.items())
        if waits or abs(share - max(served)) > 0.01:
            found.append({"phases": stage, "service": share, "waits_inside": waits})
    return found


def _waits(way: Connection) -> bool:
    """Whether who turns this way waits inside the junction when it yields."""
    return _TURNS.get(way.turn, "through") == "left"


def _share(letters: Sequence[str]) -> float:
    """Share of the saturation flow of a lane whose links show `letters`.

    Lanes that are partly served are blocked by those who may not go, permissive ones wait for gaps:
    1 / (1 + 3 (1/f - 1) + 0.8 p), f the share of the lane's links that are green, p of those that yield.
    """
    green = sum(letter in "Gg" for letter in letters) / len(letters)
    yielding = sum(letter == "g" for letter in letters) / len(letters)
    return round(1.0 / (1.0 + 3.0 * (1.0 / green - 1.0) + 0.8 * yielding), 3)


def _plan(program: Staged, phases: Sequence[dict[str, Any]]) -> dict[str, Any]:
    stages = [{"phases": program.stages[n], "split_s": seconds} for n, seconds in program.plan]
    return {"cycle_s": program.cycle_s, "offset_s": program.offset_s % program.cycle_s, "stages": stages}
