"""What does an SNMP message say: who asks, for what, and how it was answered? (RFC 1157.)

The outer shell (version and community) is separate from what is asked, so that version 3, which wraps the
same questions in encryption, is another Security beside Community.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from gateway.snmp import ber
from gateway.snmp.ber import BadMessage, Oid, Reader, Value

VERSION_1: Final = 0

LOWEST_ID: Final = 2**24
HIGHEST_ID: Final = 2**31 - 1
"""Our request ids always take four bytes, so that a prepared question can be given another one in place."""

MOST_BINDINGS: Final = 1024


class Ask(IntEnum):
    """What a message is about."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3


class Status(IntEnum):
    """Why an agent refuses (RFC 1157 4.1.1)."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5


class Binding(NamedTuple):
    """One object and its value; the tag is the value's type."""

    oid: Oid
    value: Value = None
    tag: int = ber.NULL


class Pdu(NamedTuple):
    """One question or answer. Its objects are still bytes: many answers equal the one before.

    `place` is the number (from 1) of the object that `status` complains of.
    """

    ask: int
    request_id: int
    status: int
    place: int
    raw: bytes

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Objects and values; raises BadMessage."""
        return read_bindings(self.raw)


def integer(oid: Oid, value: int) -> Binding:
    """An object and a number."""
    return Binding(oid, value, ber.INTEGER)


def write_bindings(bindings: Sequence[Binding]) -> bytes:
    """Objects and values as bytes; raises ValueError or TypeError for what cannot be written."""
    return b"".join(
        ber.tlv(ber.SEQUENCE, ber.oid(oid) + ber.value(tag, value)) for oid, value, tag in bindings
    )


def read_bindings(raw: bytes) -> tuple[Binding, ...]:
    """Objects and values; raises BadMessage."""
    reader, found = Reader(raw), []
    while reader.more:
        inside = reader.enter(ber.SEQUENCE)
        oid = inside.oid()
        tag, value = inside.value()
        inside.finish()
        found.append(Binding(oid, value, tag))
        if len(found) > MOST_BINDINGS:
            raise BadMessage(f"more than {MOST_BINDINGS} objects")
    return tuple(found)


def write_pdu(pdu: Pdu) -> bytes:
    """A question or answer as bytes."""
    head = ber.number(pdu.request_id) + ber.number(pdu.status) + ber.number(pdu.place)
    return ber.tlv(pdu.ask, head + ber.tlv(ber.SEQUENCE, pdu.raw))


def read_pdu(reader: Reader) -> Pdu:
    """The question or answer that comes next, and nothing behind it; raises BadMessage."""
    tag = reader.rest()[:1]
    if not tag or tag[0] not in Ask._value2member_map_:
        raise BadMessage(f"neither question nor answer: type 0x{tag.hex() or '--'}")
    inside = reader.enter(tag[0])
    reader.finish()
    request_id, status, place = inside.number(), inside.number(), inside.number()
    raw = inside.enter(ber.SEQUENCE).rest()
    inside.finish()
    return Pdu(tag[0], request_id, status, place, raw)


class Security(Protocol):
    """The shell around a question: who asks, and how the other side knows."""

    def wrap(self, pdu: Pdu) -> bytes:
        """The whole message."""

    def unwrap(self, data: bytes) -> Pdu:
        """What a message says; raises BadMessage for one that is not for us."""


class Community:
    """SNMP version 1: a name in plain text. Anybody on the way can read it: keep the network closed."""

    def __init__(self, name: bytes) -> None:
        self._head = ber.number(VERSION_1) + ber.tlv(ber.OCTETS, name)
        self._name = name

    def wrap(self, pdu: Pdu) -> bytes:
        """The whole message."""
        return ber.tlv(ber.SEQUENCE, self._head + write_pdu(pdu))

    def unwrap(self, data: bytes) -> Pdu:
        """What a message says; raises BadMessage, also for another version or community."""
        outside = Reader(data)
        message = outside.enter(ber.SEQUENCE)
        outside.finish()
        if (version := message.number()) != VERSION_1:
            raise BadMessage(f"version field {version}, SNMP version 1 has {VERSION_1}")
        if message.octets() != self._name:
            raise BadMessage("another community")
        return read_pdu(message)
