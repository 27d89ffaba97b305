"""How does one agent get asked over UDP, when datagrams are lost, late, doubled or garbage?"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.snmp.ber import BadMessage, Oid, dotted
from gateway.snmp.message import (
    HIGHEST_ID,
    LOWEST_ID,
    Ask,
    Binding,
    Pdu,
    Security,
    Status,
    write_bindings,
)

PAUSES_S: Final = (0.2, 0.4, 0.8, 1.6)
"""A question is sent again after each of these, the last excepted, after which it counts as unanswered: 3 s
in all. Some controllers take seconds to answer while they time yellow and red clearance."""


class SnmpError(Exception):
    """Something went wrong with one agent; the text says what."""


class NoAnswer(SnmpError):
    """The agent is silent, or its answers are garbage. Ask again later."""


class Refused(SnmpError):
    """The agent answered that it will not; nothing of the question was done (RFC 1157 4.1.5)."""

    def __init__(self, status: int, oid: Oid | None) -> None:
        known = status in Status._value2member_map_
        name = Status(status).name.lower().replace("_", " ") if known else f"error {status}"
        super().__init__(f"{name} at {dotted(oid)}" if oid else name)
        self.status, self.oid = status, oid


@dataclass(slots=True)
class Counts:
    """What became of the datagrams of one agent."""

    asked: int = 0
    resent: int = 0
    answered: int = 0
    unanswered: int = 0
    malformed: int = 0
    stray: int = 0
    """Sound answers to nothing that is open: late or doubled ones."""


@dataclass(slots=True)
class _Open:
    """A question that waits for its answer."""

    payload: bytes
    future: asyncio.Future[Pdu]
    pauses: Iterator[float]
    timer: asyncio.TimerHandle | None = field(default=None)


class Session(asyncio.DatagramProtocol):
    """Questions and answers with one agent. Use `connect`; close it when done.

    Every method that asks raises NoAnswer or Refused.
    """

    def __init__(self, security: Security, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._security, self._pauses_s = security, tuple(pauses_s)
        self._ids = itertools.count(random.randrange(HIGHEST_ID))
        self._open: dict[int, _Open] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._loop = asyncio.get_running_loop()
        self.counts = Counts()
        self.fault = ""
        """What was wrong with the last datagram that was no answer."""

    @classmethod
    async def connect(
        cls, host: str, port: int, security: Security, pauses_s: Sequence[float] = PAUSES_S
    ) -> Session:
        """A session with the agent at `host`; raises OSError when there is no such address."""
        loop = asyncio.get_running_loop()
        _, session = await loop.create_datagram_endpoint(
            lambda: cls(security, pauses_s), remote_addr=(host, port)
        )
        return session

    def close(self) -> None:
        """Open questions are not answered any more."""
        for question in list(self._open.values()):
            self._give_up(question, "the session is closed")
        if self._transport is not None:
            self._transport.close()

    async def get(self, oids: Sequence[Oid]) -> tuple[Binding, ...]:
        """The values of these objects, in this order; all or none."""
        asked = tuple(Binding(oid) for oid in oids)
        return self._checked(oids, await self.ask(Ask.GET, write_bindings(asked)))

    async def get_next(self, oid: Oid) -> Binding:
        """The first object behind `oid`."""
        answer = await self.ask(Ask.GET_NEXT, write_bindings([Binding(oid)]))
        try:
            found = answer.bindings
        except BadMessage as bad:
            raise self._garbage(bad) from bad
        if answer.status or len(found) != 1:
            raise Refused(answer.status, oid)
        return found[0]

    async def set(self, bindings: Sequence[Binding]) -> tuple[Binding, ...]:
        """Write all of these or none; what the agent says it wrote proves nothing: read back."""
        oids = [binding.oid for binding in bindings]
        return self._checked(oids, await self.ask(Ask.SET, write_bindings(bindings)))

    def ask(self, ask: Ask, raw: bytes) -> asyncio.Future[Pdu]:
        """Put a question whose objects are bytes already; the answer may be a refusal."""
        request_id = LOWEST_ID + next(self._ids) % (HIGHEST_ID - LOWEST_ID)
        future: asyncio.Future[Pdu] = self._loop.create_future()
        question = _Open(self._security.wrap(Pdu(ask, request_id, 0, 0, raw)), future, iter(self._pauses_s))
        self._open[request_id] = question
        future.add_done_callback(lambda _: self._forget(request_id))
        self.counts.asked += 1
        self._send(question)
        return future

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = transport  # type: ignore[assignment]

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (ICMP); the question is asked again all the same."""
        self.fault = str(exc)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Hand an answer to whoever waits for it; anything else is counted."""
        try:
            answer = self._security.unwrap(data)
        except BadMessage as bad:
            self.counts.malformed += 1
            self.fault = str(bad)
            return
        question = self._open.get(answer.request_id)
        if question is None or answer.ask != Ask.RESPONSE or question.future.done():
            self.counts.stray += 1
            return
        self.counts.answered += 1
        question.future.set_result(answer)

    def _send(self, question: _Open) -> None:
        """Send, and again after a while, until it is answered or no pause is left."""
        if question.future.done():  # answered, and the timer was due in the same turn of the loop
            return
        pause_s = next(question.pauses, None)
        if pause_s is None or self._transport is None or self._transport.is_closing():
            self._give_up(question, self.fault)
            return
        self.counts.resent += question.timer is not None
        self._transport.sendto(question.payload)
        question.timer = self._loop.call_later(pause_s, self._send, question)

    def _give_up(self, question: _Open, why: str) -> None:
        if not question.future.done():
            self.counts.unanswered += 1
            question.future.set_exception(NoAnswer(f"no answer: {why}" if why else "no answer"))

    def _forget(self, request_id: int) -> None:
        question = self._open.pop(request_id, None)
        if question is not None and question.timer is not None:
            question.timer.cancel()

    def _checked(self, oids: Sequence[Oid], answer: Pdu) -> tuple[Binding, ...]:
        """The values, when the answer is about what was asked."""
        if answer.status:
            raise Refused(answer.status, oids[answer.place - 1] if 1 <= answer.place <= len(oids) else None)
        try:
            found = answer.bindings
        except BadMessage as bad:
            raise self._garbage(bad) from bad
        if [binding.oid for binding in found] != list(oids):
            raise self._garbage(BadMessage("an answer about other objects"))
        return found

    def _garbage(self, bad: BadMessage) -> NoAnswer:
        self.counts.malformed += 1
        self.fault = str(bad)
        return NoAnswer(f"the answer is garbage: {bad}")
