"""Are late, retained and future readings stored with a flag, and does no jump of a clock cost a reading?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.quality import Flag
from collectors.reading import Reading
from collectors.skew import Skew
from collectors.source import Source, Sources
from gateway.clock import FollowedClock, StepWatch, SystemClock
from gateway.intake import retained as intake_retained
from gateway.intake import times as intake_times
from gateway.intake.ingest import Ingest
from gateway.links.link import Message
from storage.refused import Refused
from storage.spool import Spool

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TOPIC = "arterial/demo/water/w-1"


class SetClock(SystemClock):
    """A computer's clock that a test sets."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ns(self) -> int:
        return self.ms * 1_000_000


class Acks:
    """Of a link only what ingest needs."""

    def ack_all(self, messages: list[Message]) -> None:
        pass


class Bench:
    """An ingest path of which a test moves the clock."""

    def __init__(self, folder: Path, late_s: dict[str, float] | None = None) -> None:
        self.spool, self.refused = Spool(folder / "spool.sqlite"), Refused(folder / "refused.sqlite")
        self.spool.position("s")
        kinds = ("water", "hires")
        sources = Sources([Source(f"arterial/{{site}}/{k}/{{device}}", "json", k) for k in kinds])
        self.clock, self.acks = SetClock(), Acks()
        self.ingest = Ingest(sources, self.spool, self.refused, self.clock, (), late_s)

    def take(self, *messages: Message, one_by_one: bool = False) -> None:
        for batch in [[m] for m in messages] if one_by_one else [list(messages)]:
            self.ingest.take(batch)

    def commit(self) -> list[Reading]:
        """Everything on disk, in order."""

        async def go() -> None:
            task = asyncio.create_task(self.ingest.commits.run(self.acks))  # type: ignore[arg-type]
            await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        asyncio.run(go())
        assert self.spool.books("s").balanced
        return [reading for _, readings in self.spool.read(0, 10**9) for reading in readings]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.spool.close()
    made.refused.close()


def water(t: int, volume: float = 1.0, *, retain: bool = False, topic: str = TOPIC) -> Message:
    return Message(topic, b'{"t":%d,"volume_m3":%g}' % (t, volume), 0, retain)


def hires(t: int, seq: int) -> Message:
    return Message("arterial/demo/hires/x1", b'{"seq":%d,"events":[[%d,82,5]]}' % (seq, t))


@pytest.mark.parametrize("message", [water, lambda t: hires(t, 5)])
def test_late_and_future_readings_are_stored_flagged_and_counted(
    bench: Bench, message: Callable[[int], Message]
) -> None:
    for t in (NOW_MS - 1, NOW_MS - 2 * HOUR_MS, NOW_MS + HOUR_MS, NOW_MS - 100 * DAY_MS, NOW_MS - 2):
        bench.take(message(t))
    found = {r.at_ns // 10**6 - NOW_MS: r.quality for r in bench.commit()}
    late, clock = int(Flag.LATE), int(Flag.CLOCK)
    assert found == {-1: 0, -2 * HOUR_MS: late, HOUR_MS: clock, -100 * DAY_MS: late, -2: 0}
    kind = "water" if message is water else "hires"
    assert bench.spool.flagged() == {"clock": {kind: 1}, "late": {kind: 2}}


def test_what_is_late_is_for_the_source_to_say(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"water": 10 * DAY_MS / 1000, "hires": 0})
    bench.take(
        water(NOW_MS), water(NOW_MS - DAY_MS), water(NOW_MS - 11 * DAY_MS), hires(NOW_MS - 99 * DAY_MS, 1)
    )
    assert sorted(r.quality for r in bench.commit()) == [0, 0, 0, Flag.LATE]


def test_a_late_duplicate_is_a_duplicate_and_not_counted_as_late(bench: Bench) -> None:
    late = water(NOW_MS - HOUR_MS)
    bench.take(late, late)
    bench.take(late)
    assert len(bench.commit()) == 1
    assert bench.spool.flagged() == {"late": {"water": 1}}
    assert bench.spool.books("s").kinds["water"].duplicate == 2


def test_a_retained_reading_is_stored_and_marked_as_kept_from_before(bench: Bench) -> None:
    bench.take(water(NOW_MS - DAY_MS, retain=True), water(NOW_MS))
    assert [r.quality for r in sorted(bench.commit(), key=lambda r: r.at_ns)] == [Flag.RETAINED, 0]
    assert bench.spool.flagged() == {"retained": {"water": 1}}
    assert bench.ingest.times.clocks.skew_ms("demo", "w-1") is None


def test_what_the_broker_repeats_after_a_reconnect_is_a_duplicate_not_an_old_reading(
    bench: Bench,
) -> None:
    bench.take(water(NOW_MS - 3, retain=True), water(NOW_MS - 2))
    bench.take(water(NOW_MS - 1))
    bench.ingest._recent.younger.clear()  # so long ago that the reading itself is forgotten
    bench.ingest._recent.older.clear()
    bench.take(water(NOW_MS - 1, retain=True))
    assert [r.quality for r in sorted(bench.commit(), key=lambda r: r.at_ns)] == [Flag.RETAINED, 0, 0]
    assert bench.spool.books("s").kinds["water"].duplicate == 1


def test_topics_with_retained_messages_are_remembered_within_bounds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_retained, "TOPICS", 3)
    for n in range(10):
        bench.take(water(NOW_MS, retain=True, topic=f"arterial/demo/water/w-{n}"))
    assert len(bench.ingest.retained._last) <= 3


def test_every_device_is_measured_whichever_way_its_messages_take(bench: Bench) -> None:
    for n in range(5):
        bench.clock.ms += 1000
        bench.take(*[water(bench.clock.ms - 250, topic=f"arterial/demo/water/w-{d}") for d in range(3)])
        bench.take(hires(bench.clock.ms + 7_000, n))
    clocks = bench.ingest.times.clocks
    assert clocks.worst(1) == [Skew("demo", "x1", 7_000)]
    assert {clocks.skew_ms("demo", f"w-{d}") for d in range(3)} == {-250}


@pytest.mark.parametrize("jump_ms", [-HOUR_MS, HOUR_MS, -40 * DAY_MS, 400 * DAY_MS, 11 - NOW_MS])
def test_our_own_clock_may_jump_without_losing_or_doubling_anything(bench: Bench, jump_ms: int) -> None:
    messages = [
        [water(NOW_MS + 100 * n + d, n, topic=f"arterial/demo/water/w-{d}") for d in range(3)]
        for n in range(9)
    ]
    for n, batch in enumerate(messages):
        bench.clock.ms = NOW_MS + 100 * n + (jump_ms if 3 <= n < 6 else 0)
        bench.take(*batch)
        bench.commit()
    for batch in messages:
        bench.take(*batch)
    assert len(bench.commit()) == 27
    account = bench.spool.books("s").kinds["water"]
    assert (account.received, account.refused, account.duplicate) == (54, 0, 27)


def test_a_computer_that_starts_in_1970_refuses_nobody_but_nonsense(bench: Bench) -> None:
    bench.clock.ms = 60_000
    now = intake_times.SOFTWARE_NS // 10**6
    bench.take(water(now + HOUR_MS), water(now + 3 * DAY_MS), water(0))
    (found,) = bench.commit()
    assert (found.at_ns, found.received_ns, found.quality) == (
        (now + HOUR_MS) * 10**6,
        60_000 * 10**6,
        Flag.CLOCK,
    )
    assert bench.refused.counts() == {"bad_time": 2}


def test_a_computer_that_comes_back_without_a_clock_believes_what_it_knew(bench: Bench) -> None:
    bench.clock.ms = 60_000
    bench.ingest.times.trust(NOW_MS * 1_000_000)
    bench.take(water(NOW_MS + HOUR_MS), water(NOW_MS + 3 * DAY_MS))
    assert [r.at_ns for r in bench.commit()] == [(NOW_MS + HOUR_MS) * 10**6]


def test_a_device_clock_may_jump_both_ways(bench: Bench) -> None:
    times = [0, 1, 2, 2 + HOUR_MS, 3 + HOUR_MS, 4 - HOUR_MS, 5 - HOUR_MS, 6, 7]
    for n, t in enumerate(times):
        bench.clock.ms = NOW_MS + n
        bench.take(water(NOW_MS + t, n / 100))
    found = bench.commit()
    assert sorted(r.fields["volume_m3"] for r in found) == [n / 100 for n in range(9)]
    assert bench.spool.flagged() == {"clock": {"water": 2}, "late": {"water": 2}}


def test_a_clock_that_is_set_is_counted_and_devices_are_measured_anew(bench: Bench) -> None:
    monotonic = [0]
    bench.ingest.times._watch = StepWatch(bench.clock.now_ns, lambda: monotonic[0])
    bench.take(water(NOW_MS - 1), water(NOW_MS - 2))
    bench.commit()
    bench.clock.ms += HOUR_MS
    bench.ingest.times.look()
    assert bench.ingest.times.steps == 1
    assert bench.ingest.times.clocks.known == 0


def test_before_a_street_has_told_its_time_nothing_is_late(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    street = FollowedClock(lambda: 0)
    for part in (bench.ingest, bench.ingest.times):
        part._clock = street  # type: ignore[attr-defined]
    old = Message(TOPIC, b'{"t":%d,"volume_m3":1}' % (NOW_MS - DAY_MS), 0, received_ns=NOW_MS * 10**6)
    bench.take(old)
    assert [r.quality for r in bench.commit()] == [0]
