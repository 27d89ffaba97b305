"""How does a simulated controller read and write SNMP version 1? (Its own lines, to check arterial's by.)"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
GET, GET_NEXT, RESPONSE, SET = 0xA0, 0xA1, 0xA2, 0xA3

Oid = tuple[int, ...]
Given = int | bytes | None


class Question(NamedTuple):
    """A message as it came in; `raw` are its objects and values, undecoded."""

    community: bytes
    ask: int
    request_id: bytes
    raw: bytes


class Unreadable(Exception):
    """An agent says nothing to what it cannot read."""


def question(data: bytes) -> Question:
    """The question in a datagram; raises Unreadable."""
    tag, body, rest = _split(data)
    version, body = _expect(body, INTEGER)
    community, body = _expect(body, OCTETS)
    if tag != SEQUENCE or rest or version != b"\x00":
        raise Unreadable("not SNMP version 1")
    ask, body, rest = _split(body)
    request_id, body = _expect(body, INTEGER)
    _, body = _expect(body, INTEGER)
    _, body = _expect(body, INTEGER)
    raw, after = _expect(body, SEQUENCE)
    if rest or after or ask not in (GET, GET_NEXT, SET):
        raise Unreadable("no question")
    return Question(community, ask, request_id, raw)


@lru_cache(maxsize=1024)
def objects(raw: bytes) -> tuple[tuple[Oid, Given], ...]:
    """Objects and values of a question; raises Unreadable."""
    found = []
    while raw:
        pair, raw = _expect(raw, SEQUENCE)
        name, pair = _expect(pair, OID)
        tag, content, rest = _split(pair)
        if rest or tag not in (INTEGER, OCTETS, NULL):
            raise Unreadable("no value a controller takes")
        number = int.from_bytes(content, "big", signed=True) if tag == INTEGER else None
        found.append((_oid(name), content if tag == OCTETS else number))
    return tuple(found)


def answer(asked: Question, status: int, place: int, raw: bytes) -> bytes:
    """The answer to a question; `raw` are the objects and values."""
    head = _wrap(INTEGER, asked.request_id) + _wrap(INTEGER, bytes([status])) + written(place)
    pdu = _wrap(RESPONSE, head + _wrap(SEQUENCE, raw))
    return _wrap(SEQUENCE, b"\x02\x01\x00" + _wrap(OCTETS, asked.community) + pdu)


def pair(name: bytes, value: int | bytes) -> bytes:
    """One object, its name written already, and its value."""
    return _wrap(SEQUENCE, name + written(value))


def written(value: int | bytes) -> bytes:
    """A number or a text."""
    if isinstance(value, bytes):
        return _wrap(OCTETS, value)
    if 0 <= value < 128:
        return bytes((INTEGER, 1, value))
    size = 1
    while not -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
        size += 1
    return _wrap(INTEGER, value.to_bytes(size, "big", signed=True))


def name(oid: Oid) -> bytes:
    """An object identifier."""
    body = bytearray([oid[0] * 40 + oid[1]])
    for arc in oid[2:]:
        septets = [arc & 0x7F]
        while arc > 0x7F:
            arc >>= 7
            septets.insert(0, arc & 0x7F | 0x80)
        body += bytes(septets)
    return _wrap(OID, bytes(body))


def _oid(content: bytes) -> Oid:
    if not content or content[-1] > 0x7F:
        raise Unreadable("no object identifier")
    arcs, arc = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        arc = arc * 128 + byte % 128
        if byte < 128:
            arcs.append(arc)
            arc = 0
    return tuple(arcs)


def _wrap(tag: int, content: bytes) -> bytes:
    if len(content) < 128:
        return bytes((tag, len(content))) + content
    return bytes((tag, 0x82)) + len(content).to_bytes(2, "big") + content


def _expect(data: bytes, tag: int) -> tuple[bytes, bytes]:
    found, content, rest = _split(data)
    if found != tag:
        raise Unreadable(f"type {found}, not {tag}")
    return content, rest


def _split(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first value, and what follows it."""
    if len(data) < 2:
        raise Unreadable("too short")
    size, start = data[1], 2
    if size > 127:
        start += size - 128
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size:
        raise Unreadable("cut off")
    return data[0], data[start : start + size], data[start + size :]
