"""Do we and pysnmp, which knows nothing of each other, read what the other writes?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1157

from gateway.snmp import ber
from gateway.snmp.message import Ask, Binding, Community, Pdu, write_bindings

ASC = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)
PDUS = {
    Ask.GET: ("get-request", rfc1157.GetRequestPDU),
    Ask.GET_NEXT: ("get-next-request", rfc1157.GetNextRequestPDU),
    Ask.SET: ("set-request", rfc1157.SetRequestPDU),
    Ask.RESPONSE: ("get-response", rfc1157.GetResponsePDU),
}
VALUES = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda v: (v, ber.INTEGER)),
    st.binary(max_size=200).map(lambda v: (v, ber.OCTETS)),
    st.integers(0, 2**32 - 1).map(lambda v: (v, ber.COUNTER)),
    st.integers(0, 2**32 - 1).map(lambda v: (v, ber.GAUGE)),
    st.just((None, ber.NULL)),
)
BINDINGS = st.lists(
    st.builds(
        lambda tail, value: Binding((*ASC, *tail), *value),
        st.lists(st.integers(0, 2**31 - 1), max_size=6),
        VALUES,
    ),
    max_size=20,
)
SIMPLE = {ber.INTEGER: "number", ber.OCTETS: "string", ber.NULL: "empty"}
WIDE = {ber.COUNTER: "counter", ber.GAUGE: "gauge"}


def theirs(ask: Ask, community: bytes, request_id: int, bindings: list[Binding]) -> bytes:
    """The message as pysnmp's definitions and pyasn1 write it."""
    name, made = PDUS[ask]
    pdu = made()
    pdu["request-id"], pdu["error-status"], pdu["error-index"] = request_id, 0, 0
    listed = rfc1157.VarBindList()
    for place, (oid, value, tag) in enumerate(bindings):
        pair = rfc1157.VarBind()
        pair["name"] = oid
        if tag in SIMPLE:
            pair["value"]["simple"][SIMPLE[tag]] = "" if value is None else value
        else:
            pair["value"]["application-wide"][WIDE[tag]] = value
        listed[place] = pair
    if bindings:
        pdu["variable-bindings"] = listed
    else:
        pdu["variable-bindings"].clear()
    message = rfc1157.Message()
    message["version"], message["community"] = 0, community
    message["data"][name] = pdu
    return bytes(encoder.encode(message))


@given(st.sampled_from(Ask), st.binary(max_size=30), st.integers(-(2**31), 2**31 - 1), BINDINGS)
def test_we_read_what_pysnmp_writes(
    ask: Ask, community: bytes, request_id: int, bindings: list[Binding]
) -> None:
    found = Community(community).unwrap(theirs(ask, community, request_id, bindings))
    assert (found.ask, found.request_id, found.status, found.place) == (ask, request_id, 0, 0)
    assert found.bindings == tuple(bindings)


@given(st.sampled_from(Ask), st.binary(max_size=30), st.integers(-(2**31), 2**31 - 1), BINDINGS)
def test_pysnmp_reads_what_we_write(
    ask: Ask, community: bytes, request_id: int, bindings: list[Binding]
) -> None:
    ours = Community(community).wrap(Pdu(ask, request_id, 0, 0, write_bindings(bindings)))
    message, rest = decoder.decode(ours, asn1Spec=rfc1157.Message())
    name, _ = PDUS[ask]
    pdu = message["data"][name]
    assert rest == b""
    assert (int(message["version"]), bytes(message["community"])) == (0, community)
    assert int(pdu["request-id"]) == request_id
    names = [tuple(pair["name"]) for pair in pdu["variable-bindings"]]
    assert names == [binding.oid for binding in bindings]
    for pair, (_, value, tag) in zip(pdu["variable-bindings"], bindings, strict=True):
        told = pair["value"].getComponent().getComponent()
        if value is None:
            assert isinstance(told, univ.Null)
        else:
            assert (bytes(told) if tag == ber.OCTETS else int(told)) == value


def test_shortest_encodings_are_the_same() -> None:
    bindings = [Binding((*ASC, 1, 1, 0), 128, ber.INTEGER), Binding((*ASC, 4, 14, 0), None, ber.NULL)]
    ours = Community(b"public").wrap(Pdu(Ask.GET, 2**24, 0, 0, write_bindings(bindings)))
    assert ours == theirs(Ask.GET, b"public", 2**24, bindings)


@pytest.mark.parametrize("value", [-129, -128, -1, 0, 127, 128, 255, 256, 2**31 - 1, -(2**31)])
def test_numbers_are_read_there_and_take_no_more_bytes_than_theirs(value: int) -> None:
    ours = ber.number(value)
    assert decoder.decode(ours)[0] == value
    assert len(ours) <= len(encoder.encode(univ.Integer(value)))
