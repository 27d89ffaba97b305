"""How does CBOR (RFC 8949) become plain records? As JSON does, with the same names and limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from collectors.cbor_items import decoded
from collectors.formats.json import RECORDS, observed
from collectors.observation import Decoder, Message, Observation, Observe, check_size
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 64 * 1024
"""Longer payloads are refused undecoded."""
DEPTH: Final = 16
EXAMPLE: Final = bytes.fromhex("a261741b0000019862b5dc00656c6576656cf93800")
"""`{"t": 1754006543360, "level": 0.5}`."""


def records(payload: bytes) -> list[dict[str, Any]]:
    """The maps in `payload`, whose keys are text. Raises BadPayload as JSON's."""
    check_size(payload, LIMIT_BYTES)
    value = decoded(payload, DEPTH, text_keys=True)
    found = value if isinstance(value, list) else [value]
    if len(found) > RECORDS:
        raise BadPayload(Reason.TOO_LARGE, f"{len(found)} records; allowed: {RECORDS}")
    for item in found:
        if not isinstance(item, dict) or not all(type(key) is str for key in item):
            detail = f"{shown(item)}; allowed: a map with text keys, or an array of them"
            raise BadPayload(Reason.WRONG_SHAPE, detail)
    return found


def _open(topics: Sequence[Pattern]) -> Observe:
    def observe(message: Message) -> list[Observation]:
        return observed(records(message.payload))

    return observe


DECODER: Final = Decoder(("arterial/{site}/+/{device}",), _open, timed=True)
