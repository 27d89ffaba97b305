"""Which bytes does an MQTT client send, and what do a broker's answers say?

MQTT 3.1.1 (OASIS, 2014) and MQTT 5 (OASIS, 2019); section numbers are those of MQTT 5. PUBLISH, which
arrives in masses, is read in `fast_frames`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CONNACK: Final = 0x20
PUBACK: Final = 0x40
PUBREC: Final = 0x50
PUBREL: Final = 0x62
PUBCOMP: Final = 0x70
SUBACK: Final = 0x90
PINGRESP: Final = 0xD0
DISCONNECT: Final = 0xE0
PINGREQ: Final = b"\xc0\x00"
GOODBYE: Final = b"\xe0\x00"
FAILURE: Final = 0x80
"""Reason codes from here on are failures (2.4)."""

_SESSION_EXPIRY, _SERVER_KEEP_ALIVE, _RECEIVE_MAXIMUM = 0x11, 0x13, 0x21
_REFUSALS: Final = (
    "",
    "unacceptable protocol version",
    "client identifier rejected",
    "server unavailable",
    "bad user name or password",
    "not authorized",
)
"""Return codes of a CONNACK of MQTT 3.1.1 (its 3.2.2.3)."""
_REASONS: Final = {
    0x10: "no matching subscribers",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x83: "implementation specific error",
    0x84: "unsupported protocol version",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorized",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x8B: "server shutting down",
    0x8D: "keep alive timeout",
    0x8E: "session taken over",
    0x8F: "topic filter invalid",
    0x90: "topic name invalid",
    0x93: "receive maximum exceeded",
    0x95: "packet too large",
    0x97: "quota exceeded",
    0x99: "payload format invalid",
    0x9E: "shared subscriptions not supported",
    0xA1: "subscription identifiers not supported",
    0xA2: "wildcard subscriptions not supported",
}
_WIDTHS: Final = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((_SERVER_KEEP_ALIVE, _RECEIVE_MAXIMUM, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, _SESSION_EXPIRY, 0x18, 0x27), 4),
}
"""Bytes of the properties that are numbers (2.2.2.2); the others begin with a length of two bytes."""


class BadPacket(Exception):
    """What the broker sent is not MQTT: end the connection."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a CONNACK grants: empty `refusal` means that we are in."""

    refusal: str
    keepalive_s: int | None = None
    receive_maximum: int = 65_535


def connect(
    client_id: str, keepalive_s: int, user: tuple[str, str | None] | None, wishes: bytes | None
) -> bytes:
    """CONNECT to a session that outlives the connection (3.1).

    `wishes` are the properties of MQTT 5, None for 3.1.1; `user` is a name with a password or without.
    """
    name, password = user or (None, None)
    flags = (0x80 if name is not None else 0) | (0x40 if password is not None else 0)
    version = 4 if wishes is None else 5
    parts = [b"\x00\x04MQTT", bytes((version, flags)), keepalive_s.to_bytes(2, "big"), wishes or b""]
    return packet(0x10, b"".join([*parts, *(text(t) for t in (client_id, name, password) if t is not None)]))


def wishes(session_expiry_s: int, receive_maximum: int) -> bytes:
    """The properties of a CONNECT (3.1.2.11)."""
    expiry = bytes((_SESSION_EXPIRY,)) + session_expiry_s.to_bytes(4, "big")
    return varint(8) + expiry + bytes((_RECEIVE_MAXIMUM,)) + receive_maximum.to_bytes(2, "big")


def subscribe(mid: int, topics: Sequence[str], qos: int, v5: bool) -> bytes:
    """SUBSCRIBE to every topic at once (3.8)."""
    head = mid.to_bytes(2, "big") + (b"\x00" if v5 else b"")
    return packet(0x82, head + b"".join(text(topic) + bytes((qos,)) for topic in topics))


def publish(topic: str, payload: bytes, qos: int, retain: bool, mid: int, v5: bool) -> bytes:
    """PUBLISH (3.3); `mid` counts for QoS 1 and 2 only."""
    number = mid.to_bytes(2, "big") if qos else b""
    head = text(topic) + number + (b"\x00" if v5 else b"")
    return packet(0x30 | qos << 1 | retain, head + payload)


def answer(kind: int, mid: int) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP that says success; the same in both versions (3.4.2.1)."""
    return bytes((kind, 2)) + mid.to_bytes(2, "big")


def answers(kind: int, mids: Sequence[int]) -> bytes:
    """Many of what `answer` makes, in order."""
    numbers = array("H", mids)
    if sys.byteorder == "little":
        numbers.byteswap()
    raw, found = numbers.tobytes(), bytearray(bytes((kind, 2, 0, 0)) * len(numbers))
    found[2::4], found[3::4] = raw[0::2], raw[1::2]
    return bytes(found)


def welcome(body: bytes, v5: bool) -> Welcome:
    """What a CONNACK says. Raises BadPacket."""
    if len(body) < 2:
        raise BadPacket("a CONNACK without a return code")
    code = body[1]
    if not v5:
        return Welcome(_REFUSALS[code] if code < len(_REFUSALS) else f"return code {code}")
    given = _numbers(body[2:])
    keepalive_s, maximum = given.get(_SERVER_KEEP_ALIVE), given.get(_RECEIVE_MAXIMUM, 65_535)
    return Welcome(reason(code) if code >= FAILURE else "", keepalive_s, maximum)


def granted(body: bytes, v5: bool) -> bytes:
    """One code per subscription of a SUBACK, from FAILURE on refused (3.9.3). Raises BadPacket."""
    if not v5:
        return body[2:]
    length, at = read_varint(body, 2)
    return body[at + length :]


def confirmation(body: bytes) -> tuple[int, int]:
    """(packet identifier, reason code) of a PUBACK, PUBREC, PUBREL or PUBCOMP. Raises BadPacket."""
    if len(body) < 2:
        raise BadPacket("a confirmation without a packet identifier")
    return body[0] << 8 | body[1], body[2] if len(body) > 2 else 0


def reason(code: int) -> str:
    """A reason code in words."""
    return _REASONS.get(code, f"reason code 0x{code:02x}")


def packet(first: int, body: bytes) -> bytes:
    """A packet with its fixed header (2.1)."""
    return bytes((first,)) + varint(len(body)) + body


def text(value: str) -> bytes:
    """A string with its length; ValueError for one that is too long (1.5.4)."""
    raw = value.encode()
    if len(raw) > 65_535:
        raise ValueError(f"a text of {len(raw)} bytes; MQTT allows 65535")
    return len(raw).to_bytes(2, "big") + raw


def varint(value: int) -> bytes:
    """A variable byte integer; ValueError beyond 256 MiB (1.5.5)."""
    if value >= 1 << 28:
        raise ValueError(f"{value} bytes; MQTT allows {(1 << 28) - 1}")
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends) of the varint at `at`. Raises BadPacket; IndexError past the end."""
    value = 0
    for place in range(4):
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise BadPacket("a length of more than four bytes")


def _numbers(properties: bytes) -> dict[int, int]:
    """The properties that are numbers."""
    found: dict[int, int] = {}
    try:
        length, at = read_varint(properties, 0)
        end = at + length
        while at < end:
            name, at = properties[at], at + 1
            width = _WIDTHS.get(name)
            if width is None:  # one text, or two: name and value of a user property
                for _ in range(2 if name == 0x26 else 1):
                    at += 2 + (properties[at] << 8 | properties[at + 1])
            else:
                found[name], at = int.from_bytes(properties[at : at + width], "big"), at + width
    except IndexError:
        raise BadPacket("properties that end too early") from None
    return found
