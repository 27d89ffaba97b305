"""Who runs each intersection now, and what changed about that?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.config.settings import ControlSettings
from signal_control.decision import Withheld
from signal_control.model import Intersection
from signal_control.model.week import minute_of_week
from signal_control.operation.ladder import Ladder, Rung
from signal_control.operation.modes import Mode, Order, Period, Standing, standing
from signal_control.queue_estimate import QueueEstimate

ACTUATED = "actuated"
"""The strategy of the ladder's third step."""


class Change(NamedTuple):
    """A mode, an order or a step of the ladder that is different now; `who` and `why` go on record."""

    intersection: str
    what: str
    who: str
    before: str
    after: str
    why: str


class Operation:
    """Modes, schedules, orders and ladders of all intersections; pure but for what it is told."""

    def __init__(
        self,
        intersections: Sequence[Intersection],
        base: Mapping[str, Mode] | None = None,
        schedule: Sequence[Period] = (),
        zone: tzinfo | None = None,
    ) -> None:
        self._zone = zone or ZoneInfo("UTC")
        self._base = {x.id: (base or {}).get(x.id, "adaptive") for x in intersections}
        self._schedule, self._orders = tuple(schedule), dict[str, Order]()
        self._fresh: set[str] = set()
        """Intersections with an order that nobody has looked at yet: also one that only ends another."""
        self._ladders = {x.id: Ladder(x) for x in intersections}
        self._phases = {x.id: frozenset(p.number for p in x.phases) for x in intersections}
        self._last: dict[str, str] = {}
        self._standing: dict[str, Standing] = {}
        self._minutes: dict[str, int] = {}
        """For which minute of the week it was last found what holds, by intersection."""
        self._changes: list[Change] = []
        self._looked: tuple[int | None, int] = (None, 0)
        """When somebody last asked for the minute of the week, and which it was."""

    def order(self, intersection: str, order: Order) -> None:
        """Put an operator's order in force; one that is expired already ends the one before.

        Raises KeyError for an unknown intersection and ValueError for unknown phases, both with the choices.
        """
        if intersection not in self._base:
            raise KeyError(f"no intersection '{intersection}'; there are: {', '.join(self._base)}")
        unknown = [p for p in order.serve if p not in self._phases[intersection]]
        if unknown or (order.kind == "hold" and not order.serve):
            there = ", ".join(map(str, sorted(self._phases[intersection])))
            named = ", ".join(map(str, unknown)) or "no phases"
            raise ValueError(f"{intersection} has no phases {named} to hold; there are: {there}")
        self._orders[intersection] = order
        self._fresh.add(intersection)

    def at(self, intersection: str, now_ns: int) -> Standing:
        """What holds at `now_ns` (city time, ns since the epoch); a change is noted."""
        order, minute = self._orders.get(intersection), self._minute(now_ns)
        if order is None and self._minutes.get(intersection) == minute:
            return self._standing[intersection]
        found = standing(intersection, self._base[intersection], self._schedule, order, now_ns, minute)
        self._standing[intersection], self._minutes[intersection] = found, minute
        self._note(intersection, order, found, now_ns)
        return found

    def _note(self, intersection: str, order: Order | None, found: Standing, now_ns: int) -> None:
        """Note what is different now; an order that a person gave also where it changes nothing."""
        said, before = _said(found), self._last.get(intersection)
        given = intersection in self._fresh
        self._fresh.discard(intersection)
        self._last[intersection] = said
        if before is not None and (given or before != said):
            by_order = order is not None and (given or now_ns < order.until_ns)
            who = order.who if order is not None and by_order else "arterial"
            self._changes.append(Change(intersection, "mode", who, before, said, found.why))

    def judge(self, intersection: str, queues: Mapping[str, QueueEstimate], now_ns: int) -> Rung:
        """The rung on which the intersection's detectors leave it; a change is noted."""
        ladder = self._ladders[intersection]
        before = ladder.rung.step
        changed = ladder.judge(queues, now_ns)
        if changed is not None:
            self._changes.append(
                Change(intersection, "ladder", "arterial", before, changed.step, changed.cause)
            )
        return ladder.rung

    def rung(self, intersection: str) -> Rung:
        """The rung on which an intersection stands, as last judged."""
        return self._ladders[intersection].rung

    def changes(self) -> tuple[Change, ...]:
        """What changed since this was last asked."""
        found, self._changes = tuple(self._changes), []
        return found

    def view(self, intersection: str) -> dict[str, object]:
        """For the board: mode, why, until when, and the rung with its cause."""
        found, rung = self._standing.get(intersection), self._ladders[intersection].rung
        return {
            "mode": found.mode if found else self._base[intersection],
            "says": _said(found) if found else self._base[intersection],
            "why": found.why if found else "",
            "until_ms": found.until_ns // 1_000_000 if found and found.until_ns is not None else None,
            "step": rung.step,
            "cause": rung.cause,
        }

    def _minute(self, now_ns: int) -> int:
        if self._looked[0] != now_ns:
            self._looked = now_ns, minute_of_week(now_ns, self._zone)
        return self._looked[1]


def operation(control: ControlSettings, intersections: Iterable[Intersection], timezone: str) -> Operation:
    """The operation that a city file asks for."""
    there = list(intersections)
    base = {x.id: control.mode_of(x.id) for x in there}
    return Operation(there, base, control.schedule, ZoneInfo(timezone))


def withheld(found: Standing, rung: Rung) -> Withheld | None:
    """Why decisions are not sent, if they are not."""
    if found.released:
        return Withheld("released", found.why)
    if found.mode in ("shadow", "advisory"):
        return Withheld("shadow" if found.mode == "shadow" else "advisory", found.why)
    if rung.step == "local" and not found.held:
        return Withheld("local", rung.cause)
    return None


def _said(found: Standing) -> str:
    if found.released:
        return "released"
    return "held " + "+".join(map(str, found.held)) if found.held else found.mode
