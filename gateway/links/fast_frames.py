"""Which messages are in the bytes that a broker has sent so far?

The first five bytes of a PUBLISH say where its parts lie (MQTT 5, 2.1.4 and 3.3). What they say is computed
once and remembered, for devices send the same few lengths again and again. So are the names of topics.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, Final, NamedTuple

from gateway.links.fast_packets import BadPacket, read_varint
from gateway.links.link import Message

MAX_PACKET_BYTES: Final = 64 * 1024 * 1024
"""A longer packet ends the connection."""
NO_TOPIC: Final = "(topic is not UTF-8)"
TOPICS: Final = 131_072
LAYOUTS: Final = 4_096
"""How many are remembered; beyond it all are forgotten and found again."""
LONG_TOPIC: Final = 256
"""Bytes; the names of longer ones are not remembered."""
_HEAD: Final = 5
_head: Final = Struct(f"{_HEAD}s").unpack_from


class Layout(NamedTuple):
    """How to take a packet apart; `qos` is negative unless it is a PUBLISH, and then `parts` takes its body.

    `parts` gives topic, packet identifier (not with QoS 0) and payload; in MQTT 5 when there are no
    properties, which begin `text` bytes after the beginning.
    """

    parts: Callable[[bytes, int], tuple[Any, ...]]
    text: int
    size: int
    qos: int
    retain: bool


class Frames:
    """Takes the bytes of one connection piece by piece, cut anywhere, and gives back whole packets."""

    def __init__(self, v5: bool, connection: int) -> None:
        self.others: list[tuple[int, bytes]] = []
        """Packets that are no PUBLISH, in order, as (first byte, body); the reader empties it."""
        self._v5, self._connection = v5, connection
        self._layouts: dict[bytes, Layout] = {}
        self._names: dict[bytes, str] = {}
        self._pieces: list[bytes] = []
        self._have = self._need = 0

    def feed(self, data: bytes, now_ns: int) -> list[Message]:
        """The messages that `data` completes. Raises BadPacket."""
        if self._pieces:
            self._pieces.append(data)
            self._have += len(data)
            if self._have < self._need:
                return []
            data = b"".join(self._pieces)
        messages, done, missing = self._split(data, now_ns)
        self._pieces = [data[done:]] if done < len(data) else []
        self._have, self._need = len(data) - done, missing
        return messages

    def _split(self, data: bytes, now_ns: int) -> tuple[list[Message], int, int]:
        """(messages, where the first unfinished packet begins, bytes it needs at least); the hot loop."""
        messages: list[Message] = []
        add, layout_of, name_of = messages.append, self._layouts.get, self._names.get
        v5, connection = self._v5, self._connection
        at, end = 0, len(data)
        last = end - _HEAD
        while at < end:
            layout = (layout_of(_head(data, at)[0]) if at <= last else None) or self._layout(data, at)
            if layout is None:
                return messages, at, end - at + 1
            parts, text, size, qos, retain = layout
            if at + size > end:
                return messages, at, size
            if qos < 0:
                self.others.append((data[at], parts(data, at)[0]))
                at += size
                continue
            if qos:
                raw, mid, payload = parts(data, at)
            else:
                (raw, payload), mid = parts(data, at), 0
            if v5 and data[at + text]:
                payload = data[_past_properties(data, at + text, at + size) : at + size]
            topic = name_of(raw) or self._named(raw)
            add(Message(topic, payload, qos, retain, mid, now_ns, connection))
            at += size
        return messages, at, 2

    def _layout(self, data: bytes, at: int) -> Layout | None:
        """How to take the packet at `at` apart; None while too little of it is there. Raises BadPacket."""
        try:
            length, body = read_varint(data, at + 1)
        except IndexError:
            return None
        if length > MAX_PACKET_BYTES:
            raise BadPacket(f"a packet of {length} bytes")
        head, first = body - at, data[at]
        if first & 0xF0 != 0x30:
            return Layout(Struct(f"{head}x{length}s").unpack_from, head, head + length, -1, False)
        if length < 2:
            raise BadPacket("a PUBLISH that ends too early")
        if len(data) < body + 2:
            return None
        found = _publish(first, head, length, data[body] << 8 | data[body + 1], self._v5)
        if head + 2 <= _HEAD <= len(data) - at:
            if len(self._layouts) >= LAYOUTS:
                self._layouts.clear()
            self._layouts[data[at : at + _HEAD]] = found
        return found

    def _named(self, raw: bytes) -> str:
        """A topic not seen before."""
        try:
            topic = raw.decode()
        except UnicodeDecodeError:
            topic = NO_TOPIC
        if len(raw) <= LONG_TOPIC:
            if len(self._names) >= TOPICS:
                self._names.clear()
            self._names[raw] = topic
        return topic


def _publish(first: int, head: int, length: int, topic: int, v5: bool) -> Layout:
    """The layout of a PUBLISH by its first byte and three lengths in bytes. Raises BadPacket."""
    qos = first >> 1 & 3
    text = head + 2 + topic + (2 if qos else 0)
    payload = head + length - text - v5
    if qos == 3 or payload < 0:
        raise BadPacket("a PUBLISH with wrong lengths or QoS 3")
    parts = Struct(f">{head + 2}x{topic}s{'H' if qos else ''}{'x' if v5 else ''}{payload}s")
    return Layout(parts.unpack_from, text, head + length, qos, first & 1 == 1)


def _past_properties(data: bytes, at: int, stop: int) -> int:
    """Where the properties that begin at `at` end, at most at `stop`. Raises BadPacket."""
    try:
        length, begin = read_varint(data, at)
    except IndexError:
        length, begin = 0, stop + 1
    if begin + length > stop:
        raise BadPacket("a PUBLISH with wrong lengths")
    return begin + length
