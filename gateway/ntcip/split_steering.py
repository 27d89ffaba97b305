"""How is a controller led that takes no holds, but a pattern and its splits?

A command is then a wish that counts: the seconds for which each phase was asked for in one cycle become the
splits of the next. The pattern is one that an engineer has set up for arterial; only its split times are ever
written, all of them and the choice of the pattern in one SET.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.ntcip import objects as o
from gateway.ntcip.objects import UnitControl, column
from gateway.ntcip.order import RELEASED, Order, untaken
from gateway.ntcip.snapshot import Slow, Snapshot
from gateway.ntcip.splits import Splits, next_splits, shortest_s
from gateway.ntcip.steering import SETTLED_NS
from gateway.snmp.message import Binding, integer
from gateway.snmp.session import Session
from signal_control.model import Intersection
from signal_control.status import Command


class SplitSteering:
    """The writing side of one controller, by pattern and splits. Raises as Steering does."""

    def __init__(self, intersection: Intersection, backup_s: int, pattern: int) -> None:
        self._node, self._backup_s, self._pattern = intersection, backup_s, pattern
        self._session: Session | None = None
        self._splits: Splits = {}
        self._split_number = 0
        self._command: Command | None = None
        self._asked_s: dict[int, float] = {}
        self._cycle_began_ns = self._last_ns = self._written_ns = 0
        self.order = RELEASED
        self.in_force = ""

    @property
    def holds(self) -> bool:
        """Whether our pattern may be asked for in the controller."""
        return self.order != RELEASED

    @property
    def splits(self) -> Mapping[int, int]:
        """The split times in the controller, seconds by phase, as far as we know."""
        return self._splits

    def begin(self, session: Session, phases: int) -> None:
        """A new connection to a controller."""
        self._session, self._splits = session, {}

    async def steer(
        self, command: Command | None, snapshot: Snapshot, slow: Slow, blocked: str, now_ns: int
    ) -> str:
        """Do what is due; returns why a command was not obeyed, or what else is wrong, or ""."""
        if snapshot.unit_control == UnitControl.BACKUP and now_ns - self._written_ns > SETTLED_NS:
            self.order, self.in_force = RELEASED, ""
        if blocked:
            await self._hand_back()
            return blocked
        if command is not None:
            return await self._obey(command, now_ns)
        if self._command is not None:
            self._count(now_ns)
            if now_ns >= self._command.expires_ns:
                await self._hand_back()
        return ""

    async def release(self) -> None:
        """Give the controller its own choice of pattern."""
        self.in_force, self._command = "", None
        await self._write((integer(o.SYSTEM_PATTERN, o.STANDBY),))
        self.order = RELEASED

    async def _hand_back(self) -> None:
        if self.holds:
            await self.release()
        self._command = None

    async def _obey(self, command: Command, now_ns: int) -> str:
        if command.expires_ns <= now_ns:
            return "expired"
        if not self._splits and (fault := await self._take_over()):
            return fault
        if self._command is None:
            self._asked_s, self._cycle_began_ns, self._last_ns = {}, now_ns, now_ns
        self._count(now_ns)
        self._command = command
        return await self._put(self._due(now_ns), command, now_ns)

    async def _take_over(self) -> str:
        """Arm the backup timer and read the pattern that is ours; returns what is wrong with it."""
        if fault := await self._write((integer(o.UNIT_BACKUP_TIME, self._backup_s),)):
            return f"there is no dead-man switch: {fault}"
        assert self._session is not None
        rows = [column(o.PATTERN_TABLE, c, self._pattern) for c in (o.PATTERN_CYCLE, o.PATTERN_SPLIT)]
        cycle_s, self._split_number = (_whole(b) for b in await self._session.get(rows))
        cells = [column(o.SPLIT_TABLE, o.SPLIT_TIME, self._split_number, p.number) for p in self._node.phases]
        found = [_whole(b) for b in await self._session.get(cells)]
        splits = {p.number: split_s for p, split_s in zip(self._node.phases, found, strict=True)}
        for ring in self._node.rings().values():
            if (filled_s := sum(splits[p.number] for p in ring)) != cycle_s:
                return f"the splits of pattern {self._pattern} fill {filled_s} s of its cycle of {cycle_s} s"
        short = [p.number for p in self._node.phases if splits[p.number] < shortest_s(p)]
        if short:
            return f"the splits of pattern {self._pattern} are too short for phases {short}"
        self._splits = splits
        return ""

    def _count(self, now_ns: int) -> None:
        """The time since the last count goes to the phases that were asked for during it."""
        if self._command is not None:
            for phase in self._command.serve:
                self._asked_s[phase] = self._asked_s.get(phase, 0.0) + (now_ns - self._last_ns) / 1e9
        self._last_ns = now_ns

    def _due(self, now_ns: int) -> Splits:
        """The splits to be written now: others once a cycle."""
        cycle_ns = sum(self._splits[p.number] for p in next(iter(self._node.rings().values()))) * 10**9
        if now_ns - self._cycle_began_ns < cycle_ns:
            return self._splits
        found = next_splits(self._node, self._splits, self._asked_s)
        self._asked_s, self._cycle_began_ns = {}, now_ns
        return found

    async def _put(self, splits: Splits, command: Command, now_ns: int) -> str:
        times = (
            ()
            if splits == self._splits
            else tuple(
                integer(column(o.SPLIT_TABLE, o.SPLIT_TIME, self._split_number, phase), split_s)
                for phase, split_s in splits.items()
            )
        )
        self.order, self._written_ns = Order(pattern=self._pattern), now_ns
        if fault := await self._write((*times, integer(o.SYSTEM_PATTERN, self._pattern))):
            await self._hand_back()
            return fault
        self._splits, self.in_force = splits, command.id
        return ""

    async def _write(self, wanted: tuple[Binding, ...]) -> str:
        assert self._session is not None
        await self._session.set(wanted)
        return untaken(wanted, await self._session.get([binding.oid for binding in wanted]))


def _whole(binding: Binding) -> int:
    return binding.value if isinstance(binding.value, int) else 0
