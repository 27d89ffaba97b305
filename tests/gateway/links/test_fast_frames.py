"""Whatever the network cuts apart comes out whole, and what is not MQTT ends the connection."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.links import fast_packets as packets
from gateway.links.fast_frames import NO_TOPIC, Frames
from gateway.links.fast_packets import BadPacket
from gateway.links.link import Message

NOW_NS = 5

messages = st.builds(
    Message,
    topic=st.text(min_size=1, max_size=40),
    payload=st.one_of(st.binary(max_size=300), st.integers(0, 40_000).map(lambda n: b"x" * n)),
    qos=st.integers(0, 2),
    retain=st.booleans(),
    mid=st.integers(1, 65_535),
)
others = st.sampled_from([b"\xd0\x00", b"\x40\x02\x00\x07", b"\x90\x03\x00\x01\x01"])


def sent(message: Message, v5: bool) -> bytes:
    return packets.publish(message.topic, message.payload, message.qos, message.retain, message.mid, v5)


def expected(message: Message) -> Message:
    mid = message.mid if message.qos else 0
    return Message(message.topic, message.payload, message.qos, message.retain, mid, NOW_NS, 3)


def fed(frames: Frames, data: bytes, cuts: list[int]) -> list[Message]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    return [message for piece in pieces for message in frames.feed(piece, NOW_NS)]


@settings(deadline=None)
@given(st.booleans(), st.lists(messages | others, max_size=8), st.lists(st.integers(0, 10**6), max_size=12))
def test_a_stream_cut_anywhere_holds_the_same_messages(
    v5: bool, stream: list[Message | bytes], cuts: list[int]
) -> None:
    data = b"".join(part if isinstance(part, bytes) else sent(part, v5) for part in stream)
    frames = Frames(v5, 3)
    assert fed(frames, data, cuts) == [expected(m) for m in stream if isinstance(m, Message)]
    assert [packets.packet(first, body) for first, body in frames.others] == [
        part for part in stream if isinstance(part, bytes)
    ]


@pytest.mark.parametrize("v5", [False, True])
def test_byte_by_byte(v5: bool) -> None:
    stream = [
        Message("a/b", b"y" * size, qos, False, 9) for size in (0, 120, 130, 20_000) for qos in (0, 1, 2)
    ]
    data = b"".join(sent(message, v5) for message in stream)
    frames = Frames(v5, 3)
    found = [m for at in range(len(data)) for m in frames.feed(data[at : at + 1], NOW_NS)]
    assert found == [expected(m) for m in stream]


@given(st.binary(max_size=60), st.booleans())
@example(b"\x30\x00", False)
@example(b"\x30\x03\x00\x01a\x30\x01\x00", True)
@example(b"\x30\xff\xff\xff\xff\x7f", False)
def test_any_bytes_are_packets_or_a_refusal(data: bytes, v5: bool) -> None:
    try:
        found = Frames(v5, 1).feed(data, NOW_NS)
    except BadPacket:
        return
    assert sum(len(message.payload) for message in found) <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x00",
        b"\x30\x01\x00",
        b"\x30\x03\x00\x09a",
        b"\x32\x03\x00\x01a",
        b"\x36\x05\x00\x01a\x00\x01",
        b"\x30\xff\xff\xff\xff\x01",
        b"\x30\xff\xff\xff\x7f",
    ],
)
def test_lengths_that_cannot_be_end_the_connection(data: bytes) -> None:
    with pytest.raises(BadPacket):
        Frames(False, 1).feed(data + b"\x00", NOW_NS)


def test_properties_of_mqtt_5_are_skipped_however_long() -> None:
    for size in (0, 5, 127, 128, 300):
        head = packets.text("a") + b"\x00\x07" + packets.varint(size) + b"\x26" * size
        (message,) = Frames(True, 1).feed(packets.packet(0x32, head + b"payload"), NOW_NS)
        assert (message.payload, message.mid) == (b"payload", 7)


def test_a_topic_that_is_no_text_is_named_so_and_keeps_its_payload() -> None:
    (message,) = Frames(False, 1).feed(b"\x30\x05\x00\x02\xff\xfe!", NOW_NS)
    assert (message.topic, message.payload) == (NO_TOPIC, b"!")
