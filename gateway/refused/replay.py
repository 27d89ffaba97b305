"""How do refused payloads go through the same path once more, and what became of them?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from gateway import topics
from gateway.config.settings import Settings
from gateway.links.link import Link, LinkDown
from gateway.links.mqtt_link import MqttLink
from gateway.replay.log_replay import ReplayError
from gateway.replay.session import CONNECT_S, forget
from storage.refused import Entry, Refused, Wanted

CHUNK: Final = 250
"""Sent through the broker before those before them are answered."""
POLL_S: Final = 0.1


@dataclass(slots=True)
class Outcome:
    """Entries by what became of them: `refused` by their reason now, `left` by why they were not sent."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @property
    def complete(self) -> bool:
        """Whether everything that was wanted is a reading now."""
        return not (self.refused or self.unanswered or self.left)


def hindrance(entry: Entry) -> str:
    """Why an entry cannot go through the path again; empty when it can."""
    levels = entry.topic.split("/")
    if not entry.whole:
        return "longer than any format reads, and only its beginning is here"
    if len(levels) == 4 and levels[0] == topics.ROOT and levels[2] in topics.PLANES:
        return "of the control plane, which holds for its moment only"
    if not entry.topic or set("+#\ufffd") & set(entry.topic):
        return "its topic cannot be published"
    return ""


async def hand_over(refused: Refused, wanted: Wanted, wait_s: float) -> Outcome:
    """Hand the wanted entries to the arterial of the folder: it takes them now, or when it is started."""
    outcome = Outcome()
    ids = [entry.id for entry in _sendable(refused, wanted, outcome)]
    await asyncio.to_thread(refused.send, ids, time.time_ns(), True)
    await _answered(refused, ids, wait_s, outcome)
    return outcome


async def publish(refused: Refused, wanted: Wanted, settings: Settings, wait_s: float) -> Outcome:
    """Publish the wanted entries on their topics, a chunk at a time, and wait for what arterial says to each.

    A chunk that nothing answers within `wait_s` is the last: the broker keeps it for an arterial that is
    away, and the rest counts as unanswered without being sent. Readings that a store rejected were never
    messages; they are handed over. Raises ReplayError when the broker is away.
    """
    outcome = Outcome()
    entries = _sendable(refused, wanted, outcome)
    readings = [entry.id for entry in entries if entry.is_reading]
    messages = [entry for entry in entries if not entry.is_reading]
    if readings:
        await asyncio.to_thread(refused.send, readings, time.time_ns(), True)
    if messages:
        async with _publisher(settings) as link:
            await _in_chunks(refused, link, messages, wait_s, outcome)
    await _answered(refused, readings, wait_s, outcome)
    return outcome


async def _in_chunks(
    refused: Refused, link: Link, entries: Sequence[Entry], wait_s: float, outcome: Outcome
) -> None:
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        ids = [entry.id for entry in chunk]
        await asyncio.to_thread(refused.send, ids, time.time_ns())
        await _publish(refused, link, chunk)
        if not await _answered(refused, ids, wait_s, outcome):
            outcome.unanswered += len(entries) - start - len(chunk)
            return


async def _publish(refused: Refused, link: Link, chunk: Sequence[Entry]) -> None:
    async with asyncio.TaskGroup() as group:
        for entry in chunk:
            payload = await asyncio.to_thread(refused.payload, entry.id)
            if payload is not None:  # None: purged meanwhile
                group.create_task(_confirmed(link, entry.topic, payload), name="replay-refused")


async def _confirmed(link: Link, topic: str, payload: bytes) -> None:
    try:
        await link.publish(topic, payload)
    except LinkDown as error:
        raise ReplayError(f"the broker {link.name} does not take the payloads: {error}") from error


async def _answered(refused: Refused, ids: Sequence[int], wait_s: float, outcome: Outcome) -> bool:
    """Wait until arterial has read or refused each, and count them; False when that takes too long."""
    give_up = time.monotonic() + wait_s
    while True:
        stay = await asyncio.to_thread(_still_there, refused, ids)
        unanswered = sum(1 for entry in stay if entry.sent_ns)
        if not unanswered or time.monotonic() > give_up:
            break
        await asyncio.sleep(POLL_S)
    outcome.accepted += len(ids) - len(stay)
    outcome.refused.update(entry.reason for entry in stay if not entry.sent_ns)
    outcome.unanswered += unanswered
    return not unanswered


def _still_there(refused: Refused, ids: Sequence[int]) -> list[Entry]:
    found: list[Entry] = []
    for start in range(0, len(ids), CHUNK):
        found += refused.oldest(Wanted(ids=tuple(ids[start : start + CHUNK])))
    return found


def _sendable(refused: Refused, wanted: Wanted, outcome: Outcome) -> list[Entry]:
    """The wanted entries that can go; the others are counted in `outcome.left`."""
    found: list[Entry] = []
    for entry in every(refused, wanted):
        if why := hindrance(entry):
            outcome.left[why] += 1
        else:
            found.append(entry)
    return found


def every(refused: Refused, wanted: Wanted) -> Iterator[Entry]:
    """All wanted entries in order of id."""
    after = 0
    while entries := refused.oldest(wanted, after):
        yield from entries
        after = entries[-1].id


@asynccontextmanager
async def _publisher(settings: Settings) -> AsyncIterator[Link]:
    """A connection that listens to nothing and leaves nothing behind. Raises ReplayError."""
    name = f"{settings.client_id}-refused"
    async with MqttLink(settings.broker, client_id=name) as link:
        try:
            async with asyncio.timeout(CONNECT_S):
                await link.ready()
        except TimeoutError as error:
            raise ReplayError(f"no connection to the broker {link.name}: {link.fault}") from error
        yield link
    await forget(settings.broker, name)
