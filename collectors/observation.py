"""What does a message say, before anybody has decided what kind of reading that is?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

import msgspec

from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown
from collectors.times import Instant, TimeUnit

Fields = Mapping[str, tuple[str, ...]]
"""Field of a kind -> where a format says it, the first that is there."""
Outgoing = tuple[str, bytes]
"""Topic and payload of a message that a format must send, QoS 0 and not retained."""

ID_LENGTH: Final = 64

_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9_.:-]")


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as it came; `levels` are those of its topic, `received_ns` is arterial's clock."""

    levels: tuple[str, ...]
    payload: bytes
    received_ns: int


class Observation(msgspec.Struct, gc=False):
    """What one device says about one instant.

    `values` are its own words by their names, plain or nested; what no field asks for is kept as
    measurements. `beside` holds what came with them (signal strength, tags, what was said before): there for
    fields that ask for it, not kept otherwise.
    """

    values: dict[str, Any]
    t: int | float | str | Instant | None = None
    """An instant, a count in the unit of the source, or RFC 3339 text; None: the device does not say."""
    device: str = ""
    """What the payload calls the device; empty: it does not say."""
    units: Mapping[str, str] = {}
    """Units of single values, by the same names."""
    beside: Mapping[str, Any] = {}
    label: str = ""
    """What stands before the names of its measurements, to tell them from others: `cpu[core=0].`."""
    next_s: float = 0.0
    """Within how many seconds the device says it will speak again; 0: it does not say."""


class Observe(Protocol):
    """What a source has opened a format for; it may remember what came before."""

    def __call__(self, message: Message) -> Sequence[Observation]:
        """What the message says, nothing where it is none of our business; raises BadPayload."""


class Conversation(Protocol):
    """A format that must also speak: its observe has this method too."""

    def outgoing(self, now_ns: int) -> Sequence[Outgoing]:
        """What is to be sent now; called once a second or so."""


class Decoder(msgspec.Struct, frozen=True):
    """A payload format that names devices, times or units itself."""

    topics: tuple[str, ...]
    """The shapes of its topics where a source gives none."""
    open: Callable[[Sequence[Pattern]], Observe]
    """A new, empty state for the topics of one source."""
    fields: Mapping[str, Fields] = {}
    """Where the fields of a kind are found unless a source says otherwise, by kind."""
    remembers: bool = False
    """Whether its observe needs every message, in order: then one process must have them all."""
    timed: bool = False
    """Whether devices always say when; otherwise the time of receipt stands in."""
    time_unit: TimeUnit = "ms"
    """What its numbers count where a source does not say so."""
    example_topic: str = ""
    expand: Callable[[str], tuple[str, ...]] | None = None
    """The shapes that the one topic of a source stands for, where these are several."""


@lru_cache(maxsize=65_536)
def device_id(text: str) -> str:
    """`text` as a device id: what an id cannot hold becomes `_`. Raises BadPayload(UNKNOWN_DEVICE)."""
    if not text or len(text) > ID_LENGTH:
        raise BadPayload(Reason.UNKNOWN_DEVICE, f"{shown(text)}: a device has 1 to {ID_LENGTH} characters")
    return _NOT_OF_AN_ID.sub("_", text)


def check_size(payload: bytes, limit: int) -> None:
    """Raises BadPayload(EMPTY | TOO_LARGE) for a payload that is not worth decoding."""
    if not payload:
        raise BadPayload(Reason.EMPTY, "0 bytes and nothing in them")
    if len(payload) > limit:
        raise BadPayload(Reason.TOO_LARGE, f"{len(payload)} bytes; allowed: {limit}")


def wrong(detail: str) -> BadPayload:
    """The refusal of something that is well-formed and yet not what the format says."""
    return BadPayload(Reason.WRONG_SHAPE, detail)
