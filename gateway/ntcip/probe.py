"""What can this controller do, what does it lack, and does it run what the city file says?

Only phase and detector status are mandatory in NTCIP 1202; everything else is asked for once, at connect,
and a controller that lacks it is told about in plain words instead of failing at the first command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ntcip import objects as o
from gateway.ntcip.objects import groups
from gateway.ntcip.snapshot import Cell, fast_cells, slow_cells
from gateway.ntcip.timings import faults, timing_cells
from gateway.snmp.ber import Oid
from gateway.snmp.message import Binding, Status
from gateway.snmp.session import Refused, Session
from signal_control.model import Intersection

AT_ONCE: Final = 24
"""Objects in one question at most, about 600 bytes; a controller that says "too big" is asked for fewer."""

CLOCK_S: Final = 2.0
"""A clock that is off by more is worth a line; globalTime counts whole seconds."""

_COSTS: Final = {
    "phaseStatusGroupGreens": "the lights cannot be seen, so nothing works",
    "phaseStatusGroupYellows": "the lights cannot be seen, so nothing works",
    "phaseStatusGroupPhaseOns": "red clearance is timed here, from the city file",
    "phaseStatusGroupWalks": "walks are not seen",
    "phaseStatusGroupPedClears": "pedestrian clearances are not seen",
    "phaseStatusGroupVehCalls": "calls are only known from detectors",
    "phaseStatusGroupPedCalls": "pedestrian calls are not seen",
    "phaseControlGroupHold": "greens cannot be held, so phases cannot be commanded",
    "phaseControlGroupForceOff": "greens cannot be ended, so phases cannot be commanded",
    "phaseControlGroupPhaseOmit": "phases cannot be omitted, so phases cannot be commanded",
    "phaseControlGroupVehCall": "phases cannot be called, so phases cannot be commanded",
    "systemPatternControl": "the pattern cannot be chosen, so nothing can be commanded",
    "unitBackupTime": "there is no dead-man switch, so nothing is commanded",
    "unitControlStatus": "nobody tells whether the controller has fallen back to its own plan",
    "unitFlashStatus": "flash is not seen, so nothing is commanded",
    "vehicleDetectorStatusGroupActive": "detectors are not seen",
    "vehicleDetectorStatusGroupAlarms": "detector faults are not told",
    "preemptState": "preemption is not seen; the controller gives way to it by itself",
    "ringStatus": "why a green ended is only known where we ended it",
    "coordOperationalMode": "a pattern chosen by hand is not seen",
}
_FOR_SPLITS: Final = ("phaseStatusGroupGreens", "systemPatternControl", "unitBackupTime", "unitFlashStatus")
"""Without one of these no splits are written."""
_FOR_COMMANDS: Final = (
    "phaseStatusGroupGreens",
    "phaseStatusGroupYellows",
    "phaseControlGroupHold",
    "phaseControlGroupForceOff",
    "phaseControlGroupPhaseOmit",
    "phaseControlGroupVehCall",
    "systemPatternControl",
    "unitBackupTime",
    "unitFlashStatus",
)
"""Without one of these no phase is commanded."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found out about one controller.

    `lacking` says what is missing and what that costs, `differing` where it runs other times than the city
    file has. `obstacles` are those of both that forbid commands.
    """

    fast: tuple[tuple[Cell, ...], ...]
    """What is asked ten times a second, one tuple per question."""
    slow: tuple[tuple[Cell, ...], ...]
    phases: int
    knows_ons: bool
    lacking: tuple[str, ...]
    differing: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def report(self) -> tuple[str, ...]:
        """Everything worth a line."""
        seen = sum(map(len, self.fast)) + sum(map(len, self.slow))
        return (f"{self.phases} phases, {seen} objects watched", *self.lacking, *self.differing)


async def probe(
    session: Session, intersection: Intersection, by_splits: bool = False, now_ns: int | None = None
) -> Capabilities:
    """Ask a controller what it has; raises NoAnswer.

    `by_splits`: it is to be led by its splits alone. `now_ns` is the time its clock should show.
    """
    found = await _there(session, _maxima())
    highest = max(p.number for p in intersection.phases)
    channels = max((d.channel for d in intersection.detectors), default=0)
    phases = min(_maximum(found, o.MAX_PHASES, highest), 8 * len(groups(highest)))
    fast = fast_cells(
        phases,
        min(channels, _maximum(found, o.MAX_DETECTORS, channels)),
        min(_maximum(found, o.MAX_OVERLAPS, 0), 8),
        _maximum(found, o.MAX_PREEMPTS, 0),
        min(_maximum(found, o.MAX_RINGS, 0), 4),
    )
    slow = slow_cells(phases, channels)
    timing = timing_cells(intersection)
    there = await _there(session, [cell.oid for cell in (*fast, *slow, *timing)])
    missing = [cell.name for cell in (*fast, *slow) if cell.oid not in there]
    differing, unsafe = faults(intersection, there)
    differing += _clock(found, now_ns)
    lacking, needed = _lacking(missing), _FOR_SPLITS if by_splits else _FOR_COMMANDS
    obstacles = [text for name, text in lacking.items() if name in needed]
    if phases < highest:
        obstacles.append(f"the controller has {phases} phases, the city file names phase {highest}")
    size = min(AT_ONCE, there.limit)
    return Capabilities(
        fast=_questions([cell for cell in fast if cell.oid in there], size),
        slow=_questions([cell for cell in slow if cell.oid in there], size),
        phases=phases,
        knows_ons=not any(name.startswith("phaseStatusGroupPhaseOns") for name in missing),
        lacking=tuple(lacking.values()),
        differing=tuple(differing),
        obstacles=(*obstacles, *unsafe),
    )


class Found(dict[Oid, Binding]):
    """The objects that are there, and how many of them fit into one answer."""

    limit: int = AT_ONCE


async def _there(session: Session, oids: Sequence[Oid]) -> Found:
    found, waiting = Found(), list(oids)
    while waiting:
        part = waiting[: found.limit]
        try:
            answers = await session.get(part)
        except Refused as refused:
            if refused.status == Status.TOO_BIG and len(part) > 1:
                found.limit = len(part) // 2
            elif refused.status == Status.NO_SUCH_NAME and refused.oid in part:
                waiting.remove(refused.oid)
            else:
                await _one_by_one(session, part, found)
                del waiting[: len(part)]
        else:
            found.update(zip(part, answers, strict=True))
            del waiting[: len(part)]
    return found


async def _one_by_one(session: Session, part: Iterable[Oid], found: Found) -> None:
    """For controllers that do not say which object they do not know."""
    for oid in part:
        try:
            found[oid] = (await session.get([oid]))[0]
        except Refused:
            continue


def _maxima() -> list[Oid]:
    return [o.GLOBAL_TIME, o.MAX_PHASES, o.MAX_DETECTORS, o.MAX_PREEMPTS, o.MAX_RINGS, o.MAX_OVERLAPS]


def _clock(found: Found, now_ns: int | None) -> list[str]:
    """Its plan keeps its offset by its own clock; our events are dated by ours."""
    there = found[o.GLOBAL_TIME].value if o.GLOBAL_TIME in found else None
    if now_ns is None or not isinstance(there, int):
        return []
    ahead_s = there - now_ns / 1e9
    if abs(ahead_s) <= CLOCK_S:
        return []
    way = "ahead" if ahead_s > 0 else "behind"
    return [f"its clock is {abs(ahead_s):.0f} s {way}: its plan runs with another offset"]


def _maximum(found: Found, oid: Oid, otherwise: int) -> int:
    value = found[oid].value if oid in found else None
    return value if isinstance(value, int) and value >= 0 else otherwise


def _lacking(missing: Iterable[str]) -> dict[str, str]:
    """One line for each missing object, whatever the number of its groups."""
    found: dict[str, str] = {}
    for name in missing:
        bare = name.partition(".")[0]
        found.setdefault(bare, f"lacks {bare}: {_COSTS.get(bare, 'not told')}")
    return found


def _questions(cells: Sequence[Cell], size: int) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(cells[at : at + size]) for at in range(0, len(cells), size))
