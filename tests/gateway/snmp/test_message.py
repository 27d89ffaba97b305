"""Do SNMP messages survive the way there and back, and garbage nothing but a clear error?"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.snmp import ber
from gateway.snmp.ber import BadMessage
from gateway.snmp.message import Ask, Binding, Community, Pdu, integer, read_bindings, write_bindings

OID = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1, 1, 4, 1, 2, 1)
BINDINGS = st.lists(
    st.builds(
        lambda last, value: integer((*OID, last), value),
        st.integers(0, 2**32 - 1),
        st.integers(-(2**31), 2**31),
    )
    | st.builds(lambda last, text: Binding((*OID, last), text, ber.OCTETS), st.integers(0, 255), st.binary()),
    max_size=30,
)


@given(BINDINGS, st.sampled_from(Ask), st.integers(-(2**31), 2**31 - 1), st.binary(max_size=40))
def test_a_message_says_the_same_after_the_way(
    bindings: list[Binding], ask: Ask, request_id: int, community: bytes
) -> None:
    shell = Community(community)
    pdu = Pdu(ask, request_id, 2, len(bindings), write_bindings(bindings))
    found = shell.unwrap(shell.wrap(pdu))
    assert found == pdu
    assert found.bindings == tuple(bindings)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_bad_message_or_a_sound_one(data: bytes) -> None:
    with suppress(BadMessage):
        assert isinstance(Community(b"public").unwrap(data).bindings, tuple)


@given(st.data())
def test_a_message_with_a_few_wrong_bytes_is_survived(data: st.DataObject) -> None:
    sound = bytearray(
        Community(b"public").wrap(Pdu(Ask.RESPONSE, 2**24, 0, 0, write_bindings([integer(OID, 7)])))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sound)))
    with suppress(BadMessage):
        assert isinstance(Community(b"public").unwrap(bytes(sound[:cut])).bindings, tuple)


def test_another_community_or_version_is_not_for_us() -> None:
    ours = Community(b"public")
    pdu = Pdu(Ask.RESPONSE, 1, 0, 0, b"")
    with pytest.raises(BadMessage, match="another community"):
        ours.unwrap(Community(b"private").wrap(pdu))
    later = ours.wrap(pdu).replace(b"\x02\x01\x00\x04", b"\x02\x01\x01\x04", 1)
    with pytest.raises(BadMessage, match="version"):
        ours.unwrap(later)


def test_what_follows_a_message_makes_it_unsound() -> None:
    with pytest.raises(BadMessage, match="too many"):
        Community(b"public").unwrap(Community(b"public").wrap(Pdu(Ask.GET, 1, 0, 0, b"")) + b"\x00")


def test_a_flood_of_objects_is_refused() -> None:
    with pytest.raises(BadMessage, match="more than"):
        read_bindings(write_bindings([integer(OID, 1)]) * 1025)
