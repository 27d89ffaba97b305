"""What has to be written to a controller now, was it taken, and what stands in it?"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from gateway.ntcip import objects as o
from gateway.ntcip.objects import UnitControl
from gateway.ntcip.order import (
    RELEASED,
    Order,
    backwards,
    bindings,
    due_force_off,
    force_off_bindings,
    order_for,
    standing,
    untaken,
    way_round,
)
from gateway.ntcip.snapshot import Slow, Snapshot, mask_of
from gateway.snmp.message import Binding, integer
from gateway.snmp.session import Refused, Session
from signal_control.model import Intersection
from signal_control.status import Command

MARGIN_S: Final = 15.0
"""On top of twice the longest green and clearance that the controller may have to finish first."""
SETTLED_NS: Final = 1_500_000_000
"""A slow reading younger than the order, or not much older, says nothing about it yet."""


class Steering:
    """The writing side of one controller. Every write is one SET that is read back.

    Methods that write raise NoAnswer (then nobody knows whether it was taken: it counts as standing, and not
    as in force) and Refused (then nothing has changed).
    """

    def __init__(self, intersection: Intersection, backup_s: int, reservice: bool = True) -> None:
        """`reservice`: the controller lets a ring go back within its barrier group."""
        self._intersection, self._reservice = intersection, reservice
        self._all = mask_of(p.number for p in intersection.phases)
        self._backup_s = backup_s
        needs_s = [max(p.min_green_s, p.ped_s) + p.clearance_s for p in intersection.phases]
        self._patience_ns = int((2 * max(needs_s) + MARGIN_S) * 1e9)
        self._session: Session | None = None
        self._phases = 0
        self._armed = False
        self._command: Command | None = None
        self._written_ns = 0
        self._aiming_ns = 0
        self._round = False
        self.order = RELEASED
        """What stands in the controller, as far as we know."""
        self.in_force = ""
        """The id of the command that the controller follows, or empty."""

    @property
    def holds(self) -> bool:
        """Whether anything of ours may stand in the controller."""
        return self.order != RELEASED

    def begin(self, session: Session, phases: int) -> None:
        """A new connection to a controller with so many phases."""
        self._session, self._phases, self._armed = session, phases, False

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
            return await self._obey(command, snapshot, now_ns)
        if self._command is not None and now_ns >= self._command.expires_ns:
            await self._hand_back()
            return ""
        await self._follow_up(snapshot, now_ns)
        settled = snapshot.at_ns - self._written_ns > SETTLED_NS
        if self.in_force and settled and not standing(self.order, slow):
            self.in_force = ""
            return "somebody else has changed what we wrote"
        return ""

    async def release(self) -> None:
        """Give the controller its freedom."""
        self.in_force, self._command = "", None
        await self._write(bindings(RELEASED, self._phases))
        self.order = RELEASED

    async def _hand_back(self) -> None:
        if self.holds:
            await self.release()
        self._command = None

    async def _obey(self, command: Command, snapshot: Snapshot, now_ns: int) -> str:
        if command.expires_ns <= now_ns:
            return "expired"
        if not self._armed:
            if fault := await self._write((integer(o.UNIT_BACKUP_TIME, self._backup_s),)):
                return f"there is no dead-man switch: {fault}"
            self._armed = True
        if self._command is None or command.serve != self._command.serve:
            self._aiming_ns, self._round = now_ns, False
        order = self._order(command.serve, snapshot.greens)
        if fault := await self._put(order, command, now_ns):
            await self._hand_back()
            return fault
        self.in_force = command.id
        return ""

    async def _put(self, order: Order, command: Command, now_ns: int) -> str:
        """Write an order; until it has been read back it stands, but is not in force."""
        before = self.order, self.in_force, self._command
        self.order, self.in_force, self._command, self._written_ns = order, "", command, now_ns
        try:
            return await self._write(bindings(order, self._phases))
        except Refused:
            self.order, self.in_force, self._command = before
            raise

    async def _follow_up(self, snapshot: Snapshot, now_ns: int) -> None:
        """Greens that came up since and are not wanted, and a way that leads nowhere."""
        if self._command is None or not self.in_force or snapshot.at_ns <= self._written_ns:
            return
        wanted = mask_of(self._command.serve)
        if snapshot.greens & wanted == wanted:
            self._aiming_ns, self._round = now_ns, False
        elif now_ns - self._aiming_ns > self._patience_ns:
            self._round = True
        order = self._order(self._command.serve, snapshot.greens)
        if order.phase_omit != self.order.phase_omit:  # there now, or another way from now on
            in_force = self.in_force
            if not await self._put(order, self._command, now_ns):
                self.in_force = in_force
            return
        due = due_force_off(self.order, snapshot, self._all)
        if due is not None:
            self.order, self._written_ns = replace(self.order, force_off=due), now_ns
            await self._write(force_off_bindings(due, self._phases))

    def _order(self, serve: tuple[int, ...], greens: int) -> Order:
        """The direct way, or the one round when that is barred, or has led nowhere for long."""
        if greens & mask_of(serve) == mask_of(serve):
            self._round = False
        elif not self._reservice and backwards(self._intersection, serve, greens):
            self._round = True
        if self._round:
            return way_round(self._intersection, serve, greens)
        return order_for(serve, greens, self._all)

    async def _write(self, wanted: tuple[Binding, ...]) -> str:
        """Write all or nothing and read it back; returns what was not taken."""
        assert self._session is not None
        await self._session.set(wanted)
        return untaken(wanted, await self._session.get([binding.oid for binding in wanted]))
