"""What does arterial ask of an MQTT connection?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as the broker delivered it.

    `received_ns` is nanoseconds since the epoch. `retain` marks an old value that the broker kept, not a
    fresh one. `mid` and `connection` say which delivery this is, for `Link.ack`.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    mid: int = 0
    received_ns: int = 0
    connection: int = 0


class LinkDown(Exception):
    """The broker has not confirmed the message: nobody may rely on it having been sent."""


class Link(Protocol):
    """The only door to MQTT.

    A message of QoS 1 stays the broker's until `ack`; one that is never acknowledged is delivered again after
    the next connect. So whoever reads a message acknowledges it once it is safe, refused ones too.
    """

    @property
    def name(self) -> str:
        """Which broker this is, for people."""
        ...

    @property
    def connected(self) -> bool:
        """Whether messages flow: connected, and subscribed to every topic."""
        ...

    @property
    def since_ns(self) -> int:
        """When `connected` last changed, nanoseconds since the epoch."""
        ...

    @property
    def fault(self) -> str:
        """Why the link is down, in words; empty while it is connected."""
        ...

    @property
    def overflow(self) -> int:
        """Messages of QoS 0 thrown away because nobody took them in time."""
        ...

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        ...

    async def ready(self) -> None:
        """Wait until connected."""
        ...

    async def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Send; with QoS 1 return once the broker has it. Raises LinkDown, soon, when it does not."""
        ...

    def messages(self) -> AsyncIterator[Message]:
        """Every message in order of arrival, for one reader, until the reader stops."""
        ...

    def batches(self) -> AsyncIterator[list[Message]]:
        """As `messages`, many at a time; use one or the other."""
        ...

    def ack(self, message: Message) -> None:
        """Tell the broker that `message` is safe. Harmless twice, for QoS 0, and after a reconnect."""
        ...

    def ack_all(self, messages: Sequence[Message]) -> None:
        """As `ack`, for many at once."""
        ...


def matches(pattern: str, topic: str) -> bool:
    """Whether an MQTT topic filter covers `topic` (MQTT 3.1.1, 4.7)."""
    wanted, found = pattern.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(found) or level not in ("+", found[index]):
            return False
    return len(wanted) == len(found)
