"""What does a Home Assistant discovery message say? How to show a device, nothing that was measured.

Devices retain them on `homeassistant/{component}/[{node}/]{object}/config`, and brokers send them at every
connection; a source of this format takes them in silence instead of refusing each of them each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from collectors.observation import Decoder, Message, Observation, Observe
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason

LIMIT_BYTES: Final = 64 * 1024
EXAMPLE: Final = b'{"name":"Meter","state_topic":"arterial/demo/water/w-0001","unique_id":"w1"}'

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def observe(message: Message) -> list[Observation]:
    """Nothing; also for the empty message that withdraws a discovery. Raises BadPayload for what is none."""
    if not message.payload:
        return []
    if len(message.payload) > LIMIT_BYTES:
        raise BadPayload(Reason.TOO_LARGE, f"{len(message.payload)} bytes; allowed: {LIMIT_BYTES}")
    try:
        _decode(message.payload)
    except msgspec.ValidationError as fault:
        raise BadPayload(Reason.WRONG_SHAPE, f"no discovery: {fault}") from fault
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    return []


def _open(topics: Sequence[Pattern]) -> Observe:
    return observe


def _expand(topic: str) -> tuple[str, ...]:
    """`homeassistant/#` stands for both lengths that discovery topics have."""
    prefix = topic.removesuffix("/#")
    return (topic,) if prefix == topic else (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")


DECODER: Final = Decoder(
    ("homeassistant/#",), _open, example_topic="homeassistant/sensor/m1/config", expand=_expand
)
