"""How does a simulated controller answer over UDP, with the manners of real ones?"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from simulators.ntcip_ber import (
    GET_NEXT,
    SET,
    Given,
    Oid,
    Question,
    Unreadable,
    answer,
    objects,
    pair,
    question,
)
from simulators.ntcip_mib import Mib
from simulators.ntcip_unit import NtcipUnit

TOO_BIG, NO_SUCH_NAME, BAD_VALUE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Quirks:
    """What is peculiar about a make of controller, or about the line to it.

    `loss` is the share of datagrams that get lost, each way; `slow_s` how much longer an answer takes while
    anything is in yellow or red clearance; `garbage` the share of answers that are spoilt on the way;
    `largest` the number of objects that fit into an answer; `hidden` beginnings of identifiers it does not
    know; `places` whether a refusal says which object it complains of; `clock_s` how far its clock is ahead.
    """

    loss: float = 0.0
    slow_s: float = 0.0
    garbage: float = 0.0
    largest: int = 64
    hidden: tuple[Oid, ...] = ()
    places: bool = True
    clock_s: int = 0


class Agent(asyncio.DatagramProtocol):
    """One controller's SNMP agent. `unit` may be stepped by whoever owns the street's time."""

    def __init__(self, unit: NtcipUnit, community: str, quirks: Quirks | None = None, seed: int = 1) -> None:
        self.unit, self.quirks = unit, quirks or Quirks()
        self.silent = False
        """No answers at all: the line is cut."""
        self._community = community.encode()
        self._mib = Mib(unit, self.quirks.hidden, self.quirks.clock_s)
        self._chance = random.Random(seed)
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def listen(
        cls, unit: NtcipUnit, port: int, community: str, quirks: Quirks | None = None, seed: int = 1
    ) -> Agent:
        """An agent on a port of the loopback interface (0: any free one); OSError when it is taken."""
        loop = asyncio.get_running_loop()
        _, agent = await loop.create_datagram_endpoint(
            lambda: cls(unit, community, quirks, seed), local_addr=("127.0.0.1", port)
        )
        return agent

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer, later, or not at all."""
        if self.silent or self._chance.random() < self.quirks.loss:
            return
        found = self.respond(data)
        if found is None or self._chance.random() < self.quirks.loss:
            return
        if self._chance.random() < self.quirks.garbage:
            found = self._spoilt(found)
        if self.quirks.slow_s and self._clearing():
            asyncio.get_running_loop().call_later(self.quirks.slow_s, self._send, found, addr)
        else:
            self._send(found, addr)

    def respond(self, data: bytes) -> bytes | None:
        """The answer to a datagram; None to what is not for us."""
        try:
            asked = question(data)
            wanted = objects(asked.raw)
        except (Unreadable, IndexError):
            return None
        if asked.community != self._community:
            return None
        if len(wanted) > self.quirks.largest:
            return answer(asked, TOO_BIG, 0, asked.raw)
        if asked.ask == SET:
            return self._write(asked, wanted)
        return self._read(asked, [oid for oid, _ in wanted])

    def _read(self, asked: Question, oids: list[Oid]) -> bytes:
        found = []
        for place, oid in enumerate(oids, 1):
            at = self._mib.after(oid) if asked.ask == GET_NEXT else oid
            row = self._mib.rows.get(at) if at is not None else None
            if at is None or row is None:
                return self._refused(asked, NO_SUCH_NAME, place)
            found.append(pair(self._mib.names[at], row.get()))
        return answer(asked, 0, 0, b"".join(found))

    def _write(self, asked: Question, wanted: tuple[tuple[Oid, Given], ...]) -> bytes:
        """All or nothing (RFC 1157 4.1.5): what can only be read does not exist for a writer."""
        rows = []
        for place, (oid, value) in enumerate(wanted, 1):
            row = self._mib.rows.get(oid)
            if row is None or row.put is None:
                return self._refused(asked, NO_SUCH_NAME, place)
            if not isinstance(value, int) or not 0 <= value <= row.high:
                return self._refused(asked, BAD_VALUE, place)
            rows.append((row, row.put, value))
        for _, put, value in rows:
            put(value)
        if any(row.control for row, _, _ in rows):
            self.unit.written()
        return answer(asked, 0, 0, asked.raw)

    def _refused(self, asked: Question, status: int, place: int) -> bytes:
        return answer(asked, status, place if self.quirks.places else 0, asked.raw)

    def _clearing(self) -> bool:
        return any(ring.interval in ("yellow", "red_clear") for ring in self.unit.cabinet.rings.values())

    def _spoilt(self, data: bytes) -> bytes:
        spoilt = bytearray(data)
        for _ in range(3):
            spoilt[self._chance.randrange(len(spoilt))] = self._chance.randrange(256)
        return bytes(spoilt[: self._chance.randint(1, len(spoilt))])

    def _send(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)
