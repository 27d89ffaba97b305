"""Are the packets the ones of the standard, byte by byte?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links import fast_packets as packets
from gateway.links.fast_packets import BadPacket, Welcome


def test_a_connect_of_3_1_1_keeps_the_session_and_says_who_we_are() -> None:
    found = packets.connect("city", 15, ("name", "word"), None)
    assert found == b"\x10\x1c\x00\x04MQTT\x04\xc0\x00\x0f\x00\x04city\x00\x04name\x00\x04word"
    assert packets.connect("c", 2, None, None) == b"\x10\x0d\x00\x04MQTT\x04\x00\x00\x02\x00\x01c"


def test_a_connect_of_5_asks_for_a_session_and_a_window() -> None:
    wishes = packets.wishes(3600, 4000)
    assert wishes == b"\x08\x11\x00\x00\x0e\x10\x21\x0f\xa0"
    found = packets.connect("c", 2, ("name", None), wishes)
    assert found == b"\x10\x1c\x00\x04MQTT\x05\x80\x00\x02" + wishes + b"\x00\x01c\x00\x04name"


def test_subscribe_and_publish() -> None:
    assert packets.subscribe(1, ["a", "b/#"], 1, False) == b"\x82\x0c\x00\x01\x00\x01a\x01\x00\x03b/#\x01"
    assert packets.subscribe(1, ["a"], 1, True) == b"\x82\x07\x00\x01\x00\x00\x01a\x01"
    assert packets.publish("a", b"x", 0, True, 0, False) == b"\x31\x04\x00\x01ax"
    assert packets.publish("a", b"x", 1, False, 258, True) == b"\x32\x07\x00\x01a\x01\x02\x00x"
    assert packets.answer(packets.PUBREL, 258) == b"\x62\x02\x01\x02"


@pytest.mark.parametrize(
    ("body", "v5", "granted"),
    [
        (b"\x00\x00", False, Welcome("")),
        (b"\x01\x00", False, Welcome("")),
        (b"\x00\x05", False, Welcome("not authorized")),
        (b"\x00\x09", False, Welcome("return code 9")),
        (b"\x00\x00\x00", True, Welcome("")),
        (b"\x00\x87\x00", True, Welcome("not authorized")),
        (b"\x00\x00\x06\x21\x00\x14\x13\x00\x3c", True, Welcome("", 60, 20)),
        (b"\x00\x00\x0c\x26\x00\x01a\x00\x01b\x24\x01\x21\x00\x05", True, Welcome("", None, 5)),
        (b"\x00\x00\x08\x12\x00\x02id\x13\x00\x0a", True, Welcome("", 10)),
    ],
)
def test_what_a_broker_grants(body: bytes, v5: bool, granted: Welcome) -> None:
    assert packets.welcome(body, v5) == granted


@given(st.binary(max_size=30), st.booleans())
def test_any_answer_is_read_or_refused(body: bytes, v5: bool) -> None:
    for read in (lambda: packets.welcome(body, v5), lambda: packets.confirmation(body)):
        try:
            read()
        except BadPacket:
            continue


@given(st.integers(0, (1 << 28) - 1))
def test_lengths_come_back(value: int) -> None:
    written = packets.varint(value)
    assert packets.read_varint(written, 0) == (value, len(written))


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="65535"):
        packets.text("x" * 65_536)
    with pytest.raises(ValueError, match="268435455"):
        packets.varint(1 << 28)
    with pytest.raises(BadPacket):
        packets.read_varint(b"\xff\xff\xff\xff\x01", 0)


def test_codes_of_a_subscription() -> None:
    assert packets.granted(b"\x00\x01\x01\x80", False) == b"\x01\x80"
    assert packets.granted(b"\x00\x01\x02\x1f\x00\x01\x87", True) == b"\x01\x87"
