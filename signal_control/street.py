"""Which intersections lie behind one another on a street, by where their lanes lead?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from signal_control.eventlog import Log
from signal_control.model import Intersection, Lane


class Site(NamedTuple):
    """An intersection and what it logged."""

    intersection: Intersection
    log: Log


class Stop(NamedTuple):
    """An intersection on a street: metres from the first, the phases onward and back (0: none), and the
    speed at which one comes here from the one before."""

    id: str
    at_m: float
    onward: int
    back: int
    speed_mps: float


def street_through(intersections: Sequence[Intersection], at: str) -> list[Stop]:
    """The longest street through the intersection `at`, from end to end; of equal ones the first by name.

    One stop, or none, where nothing leads on. A street goes straight on: each link to the one that takes
    most of its through traffic.
    """
    found = [s for s in streets(intersections) if any(stop.id == at for stop in s)]
    return max(found, key=len, default=[])


def streets(intersections: Sequence[Intersection]) -> list[list[Stop]]:
    """Every street of two or more intersections, told in one direction only."""
    lanes = _by_link(intersections)
    where = {lane.link: x for x in intersections for lane in x.lanes}
    after = {link: _next(own, lanes) for link, own in lanes.items()}
    entered = {link for link in after.values() if link}
    chains = [_chain(link, after) for link in sorted(lanes) if link not in entered]
    kept: dict[frozenset[str], list[Stop]] = {}
    for chain in sorted(chains, key=len, reverse=True):
        ids = [where[link].id for link in chain]
        if len(ids) > 1 and len(set(ids)) == len(ids):
            kept.setdefault(frozenset(ids), _stops(chain, where, lanes, after))
    return list(kept.values())


def _by_link(intersections: Iterable[Intersection]) -> dict[str, list[Lane]]:
    found: dict[str, list[Lane]] = {}
    for x in intersections:
        for lane in x.lanes:
            found.setdefault(lane.link, []).append(lane)
    return found


def _next(own: Sequence[Lane], lanes: dict[str, list[Lane]]) -> str:
    """The link that takes most of the through traffic; empty when it leaves the city."""
    shares: dict[str, float] = {}
    for lane in own:
        for link, share in lane.to.items():
            if "through" in lane.turns and link in lanes:
                shares[link] = shares.get(link, 0.0) + share * lane.saturation_veh_h
    return max(shares, key=lambda link: shares[link], default="")


def _chain(first: str, after: dict[str, str]) -> list[str]:
    chain = [first]
    while (link := after[chain[-1]]) and link not in chain:
        chain.append(link)
    return chain


def _stops(
    chain: Sequence[str], where: dict[str, Intersection], lanes: dict[str, list[Lane]], after: dict[str, str]
) -> list[Stop]:
    stops, at_m = [], 0.0
    for i, link in enumerate(chain):
        own = lanes[link]
        at_m += max(lane.length_m for lane in own) if i else 0.0
        speed_mps = max(lane.speed_mps for lane in own)
        before = where[chain[i - 1]].id if i else ""
        farther = where[chain[i + 1]].id if i + 1 < len(chain) else ""
        back = _back(where[link], before, farther, where, lanes, after)
        stops.append(Stop(where[link].id, at_m, _through(own), back, speed_mps))
    return stops


def _back(
    x: Intersection,
    before: str,
    farther: str,
    where: dict[str, Intersection],
    lanes: dict[str, list[Lane]],
    after: dict[str, str],
) -> int:
    """The phase of the way back here: of the link that comes from the farther one or leads to the nearer."""
    came = {after[link] for link, y in where.items() if farther and y.id == farther}
    for link in dict.fromkeys(lane.link for lane in x.lanes):
        leads = where[after[link]].id if after[link] else ""
        if (before and leads == before) or (not before and link in came):
            return _through(lanes[link])
    return 0


def _through(own: Sequence[Lane]) -> int:
    """The phase that serves most through lanes of a link; 0 without any."""
    phases = [lane.phases[0] for lane in own if "through" in lane.turns]
    return max(phases, key=phases.count, default=0)
