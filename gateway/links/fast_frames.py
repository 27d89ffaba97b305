"""Which messages are in the bytes that a broker has sent so far?"""

from __future__ import annotations

from typing import Final

from gateway.links.fast_packets import BadPacket, read_varint
from gateway.links.link import Message

MAX_PACKET_BYTES: Final = 64 * 1024 * 1024
"""A longer packet ends the connection."""
NO_TOPIC: Final = "(topic is not UTF-8)"


class Frames:
    """Takes the bytes of one connection piece by piece, cut anywhere, and gives back whole packets."""

    def __init__(self, v5: bool, connection: int) -> None:
        self.others: list[tuple[int, bytes]] = []
        """Packets that are no PUBLISH, in order, as (first byte, body); the reader empties it."""
        self._v5, self._connection = v5, connection
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
        v5, connection = self._v5, self._connection
        add = messages.append
        at, end = 0, len(data)
        while end - at >= 2:
            first, length, body = data[at], data[at + 1], at + 2
            if length > 127:
                if end - body < 3:
                    return messages, at, end - at + 1
                if data[body] < 128:  # in line, since most messages are of this length
                    length, body = length & 127 | data[body] << 7, body + 1
                else:
                    length, body = read_varint(data, at + 1)
                    if length > MAX_PACKET_BYTES:
                        raise BadPacket(f"a packet of {length} bytes")
            stop = body + length
            if stop > end:
                return messages, at, stop - at
            if first & 0xF0 != 0x30:
                self.others.append((first, data[body:stop]))
                at = stop
                continue
            try:
                name = body + 2
                text = name + (data[body] << 8 | data[body + 1])
                topic, mid, qos = data[name:text], 0, first >> 1 & 3
                if qos:
                    mid = data[text] << 8 | data[text + 1]
                    text += 2
                if v5:
                    more = data[text]
                    text += 1 + more if more < 128 else _skipped(data, text)
            except IndexError:
                raise BadPacket("a PUBLISH that ends too early") from None
            if text > stop or qos == 3:
                raise BadPacket("a PUBLISH with wrong lengths or QoS 3")
            retain = first & 1 == 1
            try:
                where = topic.decode()
            except UnicodeDecodeError:
                where = NO_TOPIC
            add(Message(where, data[text:stop], qos, retain, mid, now_ns, connection))
            at = stop
        return messages, at, 2


def _skipped(data: bytes, at: int) -> int:
    """Bytes of the properties that begin at `at`, their length included."""
    length, end = read_varint(data, at)
    return end - at + length
