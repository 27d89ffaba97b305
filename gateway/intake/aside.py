"""What is kept because it is no reading, or none yet, and how does it come in later?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from collectors.reading import BadPayload, Reading
from collectors.source import Sources
from gateway.clock import Clock
from gateway.devices.facts import DeviceFacts
from gateway.intake.commits import Commits
from gateway.links.link import Message
from storage.refused import READING, REJECTED, Refused, RefusedPayload

NOBODY: Final = -1
"""The connection of a message that no broker waits for."""


class Aside:
    """Refusals, quarantine and what stores reject: kept with a reason, and taken once more when it is time.

    `keep` takes readings on the way of all others.
    """

    def __init__(
        self,
        sources: Sources,
        refused: Refused,
        facts: DeviceFacts,
        commits: Commits,
        clock: Clock,
        keep: Callable[[Sequence[Reading]], None],
    ) -> None:
        self._sources, self._refused, self._facts = sources, refused, facts
        self._commits, self._clock, self._keep = commits, clock, keep

    def restore(self, message: Message, readings: Sequence[Reading]) -> None:
        """Take readings that were withheld until their devices were approved; raises BadPayload."""
        for reading in readings:
            self._sources.admits(reading)
        self._keep(readings)
        self._commits.staged.read.append(message)
        self._commits.wake()

    def again(self, message: Message, readings: Sequence[Reading]) -> None:
        """Take readings that a store has rejected once more; `message` is what the refused payloads keep."""
        for reading in readings:
            self._commits.staged.keep(reading)
        self._commits.staged.read.append(message)
        self._commits.wake()

    def refuse(self, message: Message, bad: BadPayload) -> None:
        """Keep a message that says nothing we can use; it is acknowledged once it is kept."""
        at_ns = self._clock.now_ns() or message.received_ns
        named = self._sources.named(message.topic)
        if named is not None:
            self._facts.refused(*named, at_ns)
        refusal = RefusedPayload(
            message.topic, message.payload, bad.reason, bad.detail, at_ns, subject=bad.subject
        )
        self._commits.staged.refuse(refusal, self._sources.kind_of(message.topic))
        self._commits.staged.messages.append(message)
        self._commits.wake()

    def withhold(self, now_ns: int) -> None:
        """Keep the readings of devices in quarantine whose messages mean nothing by themselves."""
        for reading, bad in self._sources.withheld():
            topic = f"{READING}{reading.kind}/{reading.device}"
            payload, subject = msgspec.json.encode(reading), bad.subject
            refusal = RefusedPayload(topic, payload, bad.reason, bad.detail, now_ns, subject=subject)
            self._commits.staged.refuse(refusal, reading.kind)

    async def reject(self, readings: Sequence[Reading], why: str) -> None:
        """Keep readings that a store will never take; on disk on return. The writer does the books."""
        now_ns = self._clock.now_ns()
        payloads = [
            RefusedPayload(f"{r.kind}/{r.device}", msgspec.json.encode(r), REJECTED, why, now_ns)
            for r in readings
        ]
        await asyncio.to_thread(self._refused.keep_all, payloads)
