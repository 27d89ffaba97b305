"""How are the few types of SNMP written as bytes, and read back? (ITU-T X.690 BER, RFC 1157 and 2578.)

Reading distrusts everything: whatever the bytes, the outcome is a value or BadMessage.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
IP_ADDRESS: Final = 0x40
COUNTER: Final = 0x41
GAUGE: Final = 0x42
TICKS: Final = 0x43
OPAQUE: Final = 0x44
COUNTER64: Final = 0x46

NUMBERS: Final = frozenset({INTEGER, COUNTER, GAUGE, TICKS, COUNTER64})
TEXTS: Final = frozenset({OCTETS, IP_ADDRESS, OPAQUE})

LONGEST_NUMBER: Final = 9
"""Bytes of the largest number there is: an unsigned one of 64 bits, and its sign."""
LARGEST_ARC: Final = 2**32 - 1
MOST_ARCS: Final = 128
"""RFC 2578 3.5."""

Oid = tuple[int, ...]
Value = int | bytes | Oid | None


class BadMessage(Exception):
    """No SNMP message that we can use; the text says where it goes wrong. Count it, and go on."""


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length and content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def number(value: int, tag: int = INTEGER) -> bytes:
    """A whole number in as few bytes as it takes."""
    bits = (value if value >= 0 else ~value).bit_length()
    return tlv(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


@lru_cache(maxsize=4096)
def oid(arcs: Oid) -> bytes:
    """An object identifier; raises ValueError for one that cannot be written."""
    if not 2 <= len(arcs) <= MOST_ARCS or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(f"{dotted(arcs)} is no object identifier")
    if any(not 0 <= arc <= LARGEST_ARC for arc in arcs):
        raise ValueError(f"{dotted(arcs)}: arcs lie between 0 and {LARGEST_ARC}")
    content = b"".join(_arc(arc) for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]))
    return tlv(OID, content)


def value(tag: int, content: Value) -> bytes:
    """Any value with its tag; raises TypeError when the two do not go together."""
    if tag in NUMBERS and isinstance(content, int):
        return number(content, tag)
    if tag in TEXTS and isinstance(content, bytes):
        return tlv(tag, content)
    if tag == OID and isinstance(content, tuple):
        return oid(content)
    if content is None:
        return bytes((tag, 0))
    raise TypeError(f"{content!r} is no value of type 0x{tag:02x}")


def dotted(arcs: Oid) -> str:
    """An object identifier as people write it."""
    return ".".join(map(str, arcs))


class Reader:
    """Reads one value after the other out of bytes; every method raises BadMessage where they are unsound."""

    __slots__ = ("_data", "_end", "at")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self._data, self.at = data, at
        self._end = len(data) if end is None else end

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < self._end

    def rest(self) -> bytes:
        """What is left, as it is."""
        return self._data[self.at : self._end]

    def finish(self) -> None:
        """Nothing may be left."""
        if self.at != self._end:
            raise BadMessage(f"{self._end - self.at} bytes too many at byte {self.at}")

    def enter(self, tag: int) -> Reader:
        """The inside of the value that comes next, which must have this tag."""
        found, start, end = self._head()
        if found != tag:
            raise BadMessage(f"type 0x{found:02x} at byte {self.at}, 0x{tag:02x} expected")
        self.at = end
        return Reader(self._data, start, end)

    def number(self) -> int:
        """The INTEGER that comes next."""
        tag, found = self.value()
        if tag != INTEGER or not isinstance(found, int):
            raise BadMessage(f"type 0x{tag:02x} before byte {self.at}, a number expected")
        return found

    def octets(self) -> bytes:
        """The OCTET STRING that comes next."""
        inside = self.enter(OCTETS)
        return inside.rest()

    def oid(self) -> Oid:
        """The object identifier that comes next."""
        return _arcs(self.enter(OID).rest())

    def value(self) -> tuple[int, Value]:
        """What comes next, with its tag; NULL and version 2's exceptions (0x80 - 0x82) are None."""
        tag, start, end = self._head()
        content = self._data[start:end]
        self.at = end
        if tag in NUMBERS:
            if not 1 <= len(content) <= LONGEST_NUMBER:
                raise BadMessage(f"a number of {len(content)} bytes at byte {start}")
            return tag, int.from_bytes(content, "big", signed=True)
        if tag in TEXTS:
            return tag, content
        if tag == OID:
            return tag, _arcs(content)
        if tag in (NULL, 0x80, 0x81, 0x82) and not content:
            return tag, None
        raise BadMessage(
            f"type 0x{tag:02x} of {len(content)} bytes at byte {start}, which SNMP does not have"
        )

    def _head(self) -> tuple[int, int, int]:
        """Tag of the next value, and where its content begins and ends."""
        data, at = self._data, self.at
        if at + 2 > self._end:
            raise BadMessage(f"ends at byte {self._end}, where a value should begin")
        tag, size, start = data[at], data[at + 1], at + 2
        if size >= 0x80:
            width = size & 0x7F
            if not 1 <= width <= 4 or start + width > self._end:
                raise BadMessage(f"no sound length at byte {at + 1}")
            size, start = int.from_bytes(data[start : start + width], "big"), start + width
        if start + size > self._end:
            raise BadMessage(f"{size} bytes are said to follow byte {start}, {self._end - start} do")
        return tag, start, start + size


def _arc(arc: int) -> bytes:
    found = [arc & 0x7F]
    while arc := arc >> 7:
        found.append(arc & 0x7F | 0x80)
    return bytes(reversed(found))


@lru_cache(maxsize=4096)
def _arcs(content: bytes) -> Oid:
    if not content or content[-1] & 0x80:
        raise BadMessage("an object identifier that does not end")
    arcs, arc = [], 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc > LARGEST_ARC:
            raise BadMessage("an object identifier with an arc beyond 32 bits")
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    found = (first, arcs[0] - 40 * first, *arcs[1:])
    if len(found) > MOST_ARCS:
        raise BadMessage(f"an object identifier of {len(found)} arcs")
    return found
