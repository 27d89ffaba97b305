"""Is a retained message news, or what its topic said last? Remembered over a clean stop."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from gateway.links.link import Message

log = logging.getLogger(__name__)

TOPICS: Final = 131_072
"""Topics with a retained message whose last payload is remembered; beyond it all are forgotten."""
_MARK_BYTES: Final = 12

_decode = msgspec.msgpack.Decoder(dict[str, bytes]).decode


class Retained:
    """What was said last on the topics that have had a retained message.

    A broker delivers its retained messages at every connect. One that only repeats what was heard live is no
    old reading, and a store that keeps the last of two would mark the live one as retained.
    """

    def __init__(self) -> None:
        self._last: dict[str, bytes] = {}
        self._before: dict[str, bytes] = {}
        """Marks of the payloads that an earlier run heard last."""

    def known(self, message: Message) -> bool:
        """Whether it is retained and only repeats the last message of its topic. Live ones are noted."""
        topic, payload = message.topic, message.payload
        last, mark = self._last.get(topic), self._before.get(topic)
        if message.retain or last is not None or mark is not None:
            if last is None and len(self._last) >= TOPICS:
                self._last.clear()
            self._last[topic] = payload
        if not message.retain:
            return False
        return last == payload if last is not None else mark is not None and mark == _mark(payload)

    def note(self, messages: Sequence[Message]) -> None:
        """Note live messages; of no cost until there has been a retained one."""
        if self._last or self._before:
            for message in messages:
                if message.topic in self._last or message.topic in self._before:
                    self._last[message.topic] = message.payload

    def load(self, path: Path) -> None:
        """Remember what an earlier run has saved; nothing where there is none, or none that can be read."""
        try:
            self._before = _decode(path.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s: %s; retained messages are marked as such once more", path, error)

    def save(self, path: Path) -> None:
        """Keep it for the next run; a disk that takes nothing costs no more than marks."""
        marks = {**self._before, **{topic: _mark(payload) for topic, payload in self._last.items()}}
        fresh = path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.msgpack.encode(dict(list(marks.items())[-TOPICS:])))
            fresh.replace(path)
        except OSError as error:
            log.warning("%s: %s", path, error)


def _mark(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=_MARK_BYTES).digest()
