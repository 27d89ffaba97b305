"""What does the connection answer to a broker, packet by packet? The wire is a list; brokers: tests/live."""

from __future__ import annotations

import asyncio

import pytest

from gateway.config.settings import BrokerSettings
from gateway.links import fast_packets as packets
from gateway.links.fast_connection import BREATHS, FastConnection
from gateway.links.link import LinkDown, Message


class Wire(asyncio.Transport):
    """A transport that writes to a list."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading, self.aborted = True, False

    def write(self, data: object) -> None:
        self.written.append(bytes(data))  # type: ignore[call-overload]

    def is_closing(self) -> bool:
        return self.aborted

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def abort(self) -> None:
        self.aborted = True


class Bench:
    """A connection on a wire, with what it handed on."""

    def __init__(self, **more: object) -> None:
        self.arrived: list[Message] = []
        settings = BrokerSettings.model_validate(more)
        self.connection = FastConnection(settings, "city", ("a/#",), self.arrived.extend, 7)
        self.wire = Wire()
        self.connection.connection_made(self.wire)

    def hear(self, data: bytes) -> None:
        buffer = self.connection.get_buffer(len(data))
        buffer[: len(data)] = data
        self.connection.buffer_updated(len(data))

    async def said(self) -> list[bytes]:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        written, self.wire.written = self.wire.written, []
        return written


def sent(mid: int, qos: int = 1) -> bytes:
    return packets.publish("a/b", b"x", qos, False, mid, False)


async def test_acknowledgements_of_one_turn_leave_in_one_write() -> None:
    bench = Bench()
    bench.hear(b"".join(sent(mid) for mid in (1, 2, 300)))
    for message in bench.arrived:
        bench.connection.ack(message.mid, message.qos)
    assert await bench.said() == [b"\x40\x02\x00\x01\x40\x02\x00\x02\x40\x02\x01\x2c"]
    assert {message.connection for message in bench.arrived} == {7}


async def test_many_acknowledgements_at_once_say_what_single_ones_say() -> None:
    bench = Bench()
    mids = [1, 255, 256, 65_535]
    bench.connection.ack(9, 1)
    bench.connection.ack_all(mids)
    assert await bench.said() == [b"".join(packets.answer(packets.PUBACK, mid) for mid in (9, *mids))]


async def test_what_waits_for_its_turn_when_the_connection_is_lost_is_not_sent() -> None:
    bench = Bench(version="5")
    bench.hear(b"\x20\x06\x00\x00\x03\x21\x00\x01")
    first, second = (
        asyncio.create_task(bench.connection.publish("t", b"%d" % n, 1, False, 5)) for n in (1, 2)
    )
    await bench.said()
    bench.connection.connection_lost(None)
    for task in (first, second):
        with pytest.raises(LinkDown, match="connection lost"):
            await task


async def test_a_message_of_qos_2_is_received_released_and_completed() -> None:
    bench = Bench()
    bench.hear(sent(5, 2))
    (message,) = bench.arrived
    assert message.qos == 2
    assert await bench.said() == []
    bench.connection.ack(message.mid, message.qos)
    assert await bench.said() == [b"\x50\x02\x00\x05"]
    bench.hear(b"\x62\x02\x00\x05")
    assert await bench.said() == [b"\x70\x02\x00\x05"]


@pytest.mark.parametrize(("qos", "answers"), [(1, [b"\x40"]), (2, [b"\x50", b"\x70"])])
async def test_publish_returns_once_the_broker_has_it(qos: int, answers: list[bytes]) -> None:
    bench = Bench()
    task = asyncio.create_task(bench.connection.publish("t", b"p", qos, False, 5))
    (packet,) = await bench.said()
    assert packet == packets.publish("t", b"p", qos, False, 1, False)
    for answer in answers:
        assert not task.done()
        bench.hear(answer + b"\x02\x00\x01")
    await task


async def test_a_refused_message_and_a_lost_connection_are_told_to_the_publisher() -> None:
    bench = Bench(version="5")
    refused = asyncio.create_task(bench.connection.publish("t", b"p", 1, False, 5))
    waiting = asyncio.create_task(bench.connection.publish("t", b"p", 1, False, 5))
    await bench.said()
    bench.hear(b"\x40\x03\x00\x01\x87")
    bench.connection.connection_lost(None)
    with pytest.raises(LinkDown, match="not authorized"):
        await refused
    with pytest.raises(LinkDown, match="connection lost"):
        await waiting


async def test_no_more_is_in_flight_than_the_broker_receives() -> None:
    bench = Bench(version="5")
    bench.hear(b"\x20\x06\x00\x00\x03\x21\x00\x02")
    assert await bench.said() == [packets.subscribe(1, ["a/#"], 1, True)]
    tasks = [asyncio.create_task(bench.connection.publish("t", b"%d" % n, 1, False, 5)) for n in range(3)]
    assert len(await bench.said()) == 2
    bench.hear(b"\x40\x02\x00\x02")
    await tasks[0]
    assert len(await bench.said()) == 1
    bench.connection.connection_lost(None)
    assert [type(e) for e in await asyncio.gather(*tasks[1:], return_exceptions=True)] == [LinkDown, LinkDown]


async def test_held_it_reads_no_more_until_released() -> None:
    bench = Bench()
    bench.connection.hold()
    assert not bench.wire.reading
    bench.connection.release()
    assert bench.wire.reading


@pytest.mark.parametrize("many", [many for many, _ in BREATHS])
async def test_under_load_it_lets_messages_gather(many: int) -> None:
    bench = Bench()
    bench.hear(sent(1))
    assert bench.wire.reading
    bench.hear(b"".join(sent(mid + 1) for mid in range(many)))
    assert not bench.wire.reading
    async with asyncio.timeout(1):
        while not bench.wire.reading:
            await asyncio.sleep(0.001)


async def test_a_broker_that_first_sends_what_it_has_kept_is_given_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.links.fast_connection.CONNECT_PATIENCE_S", 1.0)
    bench = Bench()
    opening = asyncio.create_task(bench.connection._answered())
    for mid in range(1, 15):
        await asyncio.sleep(0.1)
        bench.hear(sent(mid))
        assert not opening.done()
    bench.hear(b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x01")
    async with asyncio.timeout(5):
        await opening
    assert bench.connection._up.done()


async def test_a_broker_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.links.fast_connection.CONNECT_PATIENCE_S", 0.05)
    bench = Bench()
    bench.hear(sent(1))
    async with asyncio.timeout(5):
        await bench.connection._answered()
    assert not bench.connection._up.done()


@pytest.mark.parametrize("rubbish", [b"\x30\x00", b"\xf0\x00", b"\x40\x00", b"\x20\x01\x00"])
async def test_what_is_no_mqtt_ends_the_connection(rubbish: bytes) -> None:
    bench = Bench()
    bench.hear(rubbish)
    assert bench.wire.aborted
    assert "does not speak MQTT" in bench.connection.lost.result()


async def test_a_broker_that_says_goodbye_tells_why() -> None:
    bench = Bench(version="5")
    bench.hear(b"\xe0\x02\x8e\x00")
    assert bench.connection.lost.result() == "session taken over"
