"""How does JSON become plain records? One object is one record, a list of objects is several."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import msgspec

from collectors.observation import Decoder, Message, Observation, Observe
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 256 * 1024
"""Longer payloads are refused undecoded."""
RECORDS: Final = 4000
"""Records in one message; more are refused."""
EXAMPLE: Final = b'{"t":1754000000000,"level":0.5}'

_decode = msgspec.json.Decoder().decode


def records(payload: bytes) -> list[dict[str, Any]]:
    """The objects in `payload`; of a name given twice the last counts (RFC 8259 section 4).

    Raises BadPayload: EMPTY, TOO_LARGE, MALFORMED, NOT_FINITE (NaN, Infinity, or a number beyond a double) or
    WRONG_SHAPE (neither an object nor a list of objects).
    """
    if not payload or payload.isspace():
        raise BadPayload(Reason.EMPTY, f"{len(payload)} bytes and nothing in them")
    if len(payload) > LIMIT_BYTES:
        raise BadPayload(Reason.TOO_LARGE, f"{len(payload)} bytes; allowed: {LIMIT_BYTES}")
    try:
        value = _decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise _refusal(payload, fault) from fault
    return _as_records(value)


def observed(found: list[dict[str, Any]]) -> list[Observation]:
    """Plain records as observations: `t` is the time, everything else a value."""
    return [Observation(record, record.pop("t", None)) for record in found]


def _open(topics: Sequence[Pattern]) -> Observe:
    def observe(message: Message) -> list[Observation]:
        return observed(records(message.payload))

    return observe


DECODER: Final = Decoder(("arterial/{site}/+/{device}",), _open, timed=True)


def _as_records(value: object) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        if len(value) > RECORDS:
            raise BadPayload(Reason.TOO_LARGE, f"{len(value)} records; allowed: {RECORDS}")
        return value
    raise BadPayload(Reason.WRONG_SHAPE, f"{shown(value)}; allowed: an object or a list of objects")


def _refusal(payload: bytes, fault: Exception) -> BadPayload:
    """Tell a number that is none from text that is no JSON."""
    if "out of range" in str(fault):
        return BadPayload(Reason.NOT_FINITE, f"{fault}; allowed: numbers within +-1.8e308")
    try:
        json.loads(payload, parse_constant=_no_number)
    except BadPayload as refusal:
        return refusal
    except (ValueError, RecursionError):
        pass
    return BadPayload(Reason.MALFORMED, str(fault))


def _no_number(name: str) -> NoReturn:
    raise BadPayload(Reason.NOT_FINITE, f"{name} is not a number; allowed: finite numbers, or null")
