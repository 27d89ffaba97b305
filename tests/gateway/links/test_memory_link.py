"""Does the in-memory link keep what has not been acknowledged, as a broker does?"""

from __future__ import annotations

import pytest

from gateway.links.link import Link, LinkDown
from gateway.links.memory_link import MemoryLink


def payloads(link: MemoryLink) -> list[bytes]:
    return [message.payload for message in link.take()]


def test_it_is_a_link() -> None:
    link: Link = MemoryLink()
    assert link.connected
    assert link.name == "memory"


async def test_the_reader_gets_messages_in_order() -> None:
    link = MemoryLink()
    for n in range(3):
        link.deliver("a", b"%d" % n)
    seen = []
    async for message in link.messages():
        seen.append(message.payload)
        link.ack(message)
        if len(seen) == 3:
            break
    assert seen == [b"0", b"1", b"2"]
    assert link.unacknowledged == 0


async def test_the_reader_may_take_many_at_a_time_and_acknowledge_them_together() -> None:
    link = MemoryLink(window=2)
    for n in range(3):
        link.deliver("a", b"%d" % n)
    seen = []
    async for batch in link.batches():
        seen.append([message.payload for message in batch])
        link.ack_all(batch)
        if not link.unacknowledged:
            break
    assert seen == [[b"0", b"1"], [b"2"]]


def test_unacknowledged_messages_come_again_after_a_reconnect_and_acknowledged_ones_do_not() -> None:
    link = MemoryLink()
    for n in range(3):
        link.deliver("a", b"%d" % n)
    link.ack(link.take()[1])
    link.disconnect()
    link.reconnect()
    assert payloads(link) == [b"0", b"2"]


def test_messages_for_an_absent_reader_wait_except_those_of_qos_0() -> None:
    link = MemoryLink()
    link.disconnect()
    link.deliver("a", b"kept")
    link.deliver("a", b"lost", qos=0)
    assert payloads(link) == []
    link.reconnect()
    assert payloads(link) == [b"kept"]


def test_an_ack_of_an_older_connection_is_harmless() -> None:
    link = MemoryLink()
    link.deliver("a", b"x")
    (old,) = link.take()
    link.disconnect()
    link.reconnect()
    link.ack(old)
    assert link.unacknowledged == 1
    link.ack(link.take()[0])
    link.ack(old)
    assert link.unacknowledged == 0


def test_no_more_than_the_window_is_handed_out_unacknowledged() -> None:
    link = MemoryLink(window=2)
    for n in range(5):
        link.deliver("a", b"%d" % n)
    first = link.take()
    assert len(first) == 2
    link.ack(first[0])
    assert payloads(link) == [b"2"]


def test_qos_0_overflow_is_counted() -> None:
    link = MemoryLink(window=2)
    for _ in range(5):
        link.deliver("a", b"", qos=0)
    assert link.overflow == 3
    assert len(link.take()) == 2


def test_retained_values_are_marked_as_old_after_a_reconnect() -> None:
    link = MemoryLink(["signal/+"])
    link.deliver("signal/x1", b"red", retain=True)
    link.deliver("other", b"-", retain=True)
    (fresh,) = link.take()
    link.ack(fresh)
    link.disconnect()
    link.reconnect()
    (old,) = link.take()
    assert (fresh.retain, old.retain, old.payload) == (False, True, b"red")


async def test_what_is_published_is_heard_by_the_street() -> None:
    heard: list[tuple[str, bytes]] = []
    link = MemoryLink(listener=lambda topic, payload: heard.append((topic, payload)))
    await link.publish("command/x1", b"{}", qos=1)
    assert heard == [("command/x1", b"{}")]
    assert link.sent[0].topic == "command/x1"


async def test_publishing_while_down_says_so() -> None:
    link = MemoryLink()
    link.disconnect("broker is gone")
    with pytest.raises(LinkDown, match="broker is gone"):
        await link.publish("a", b"")
    assert not link.connected
