"""Many messages at once are taken as one by one: same readings, same books, same acknowledgements."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.clock import SystemClock
from gateway.intake import ingest as intake
from gateway.intake.ingest import Ingest
from gateway.links.link import Message
from storage.books import Account
from storage.refused import Refused
from storage.spool import Spool

NOW_MS = 1_790_000_000_000
LATE_MS = 300_000 - 3
"""Between the times of the messages: some that are so much older are late and others are not."""
AHEAD_MS = 60_000 + 3


class StoppedClock(SystemClock):
    def now_ns(self) -> int:
        return NOW_MS * 1_000_000


class Acks:
    """Of a link only what ingest needs: it notes what is acknowledged."""

    def __init__(self) -> None:
        self.mids: list[int] = []

    def ack_all(self, messages: list[Message]) -> None:
        self.mids += [message.mid for message in messages if message.qos]


def run(folder: Path, batches: list[list[Message]], *, one_by_one: bool) -> tuple[object, ...]:
    """What ingest makes of the batches: readings on disk, heard ones, books, refusals, acknowledgements."""
    spool, refused = Spool(folder / "spool.sqlite"), Refused(folder / "refused.sqlite")
    spool.position("s")
    sources = Sources([Source(f"arterial/{{site}}/{k}/{{device}}", "json", k) for k in ("water", "hires")])
    heard: list[Reading] = []
    ingest, acks = Ingest(sources, spool, refused, StoppedClock(), [heard.append]), Acks()

    deliveries = {message.mid for batch in batches for message in batch if message.mid}
    expected = len(deliveries) + sum(not message.mid for batch in batches for message in batch)

    async def go() -> None:
        for batch in batches:
            if one_by_one:
                for message in batch:
                    ingest.handle(message)
            else:
                ingest.take(batch)
        task = asyncio.create_task(ingest.commits.run(acks))  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            while spool.books("s").total.received < expected or len(acks.mids) < len(deliveries):
                await asyncio.sleep(0.001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(go())
    stored = [reading for _, readings in spool.read(0, 10**9) for reading in readings]
    books: dict[str, Account] = spool.books("s").kinds
    found = (counted(stored), counted(heard), books, refused.counts(), Counter(acks.mids), spool.flagged())
    assert spool.books("s").balanced
    spool.close()
    refused.close()
    return found


def counted(readings: list[Reading]) -> Counter[str]:
    return Counter(map(repr, readings))


def message(number: int, what: int) -> Message:
    device, t = f"w-{number % 3}", NOW_MS - number % 7
    payload = {
        0: b'{"t":%d,"volume_m3":1.5,"flow_m3_h":null}' % t,
        1: b'{"t":%d,"volume_m3":2,"battery_v":3.5}' % t,
        2: b'{"t":%d,"volume_m3":2,"other":3.5}' % t,
        3: b'{"t":"2026-09-21T13:46:39.99%dZ","volume_m3":2}' % (number % 7),
        4: b'{"t":%d,"volume_m3":-2}' % t,
        5: b"{oops",
        6: b'{"t":%d,"volume_m3":1}' % (NOW_MS + 90_000_000),
        7: b'{"seq":%d,"events":[[%d,82,5]]}' % (number, t),
        8: b'{"t":%d,"volume_m3":1.75}' % (t - LATE_MS),
        9: b'{"t":%d,"volume_m3":1.75}' % (t + AHEAD_MS),
    }[what]
    kind = "hires" if what == 7 else "water"
    qos = number % 2
    mid = number % 9 + 1 if qos else 0
    return Message(f"arterial/demo/{kind}/{device}", payload, qos, number % 11 == 0, mid, NOW_MS * 10**6, 1)


MESSAGES = st.builds(message, st.integers(0, 40), st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9]))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(MESSAGES, min_size=1, max_size=12), max_size=5))
def test_batches_and_single_messages_lead_to_the_same(
    tmp_path_factory: object, batches: list[list[Message]]
) -> None:
    folders = [tmp_path_factory.mktemp("x") for _ in range(2)]  # type: ignore[attr-defined]
    together = run(folders[0], batches, one_by_one=False)
    assert together == run(folders[1], batches, one_by_one=True)


def test_late_and_early_records_of_plain_sensors_are_flagged_counted_and_told(tmp_path: Path) -> None:
    texts = [b'{"t":%d,"volume_m3":1}' % (NOW_MS + ms) for ms in (0, -299_999, -300_000, 59_999, 60_000)]
    messages = [
        Message(f"arterial/demo/water/w-{number}", text, 1, False, number + 1, 0, 1)
        for number, text in enumerate([texts[0], *texts])
    ]
    first = [Message(f"arterial/demo/water/w-{n}", texts[0], 1, False, 10 + n, 0, 1) for n in range(6)]
    stored, heard, *_, flagged = run(tmp_path, [first, messages[1:]], one_by_one=False)
    assert stored == heard
    assert flagged == {"late": {"water": 1}, "clock": {"water": 1}}


def test_beyond_the_limit_only_messages_that_nobody_keeps_are_thrown_away(
    tmp_path: Path, monkeypatch: object
) -> None:
    monkeypatch.setattr(intake, "STAGED_LIMIT", 3)  # type: ignore[attr-defined]
    spool, refused = Spool(tmp_path / "spool.sqlite"), Refused(tmp_path / "refused.sqlite")
    sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
    ingest = Ingest(sources, spool, refused, StoppedClock())
    topic = "arterial/demo/water/w-1"

    def batch(first: int, qos: int) -> list[Message]:
        texts = [b'{"t":%d,"volume_m3":1}' % (NOW_MS - first - i) for i in range(2)]
        return [Message(topic, text, qos, False, qos * (first + i), 0, 1) for i, text in enumerate(texts)]

    for first in (10, 20, 30):
        ingest.take(batch(first, 0))
    assert (ingest.commits.waiting, ingest.overrun) == (4, 2)
    ingest.take(batch(40, 1))
    assert (ingest.commits.waiting, ingest.overrun) == (6, 2)
    spool.close()
    refused.close()
