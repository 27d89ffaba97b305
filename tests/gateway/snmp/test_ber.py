"""Are SNMP's values written as the standard says, and does reading survive any bytes?"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.snmp import ber
from gateway.snmp.ber import BadMessage, Reader

OIDS = st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 2**32 - 81))
LONG_OIDS = st.builds(
    lambda head, tail: (*head, *tail), OIDS, st.lists(st.integers(0, 2**32 - 1), max_size=20)
)
VALUES = st.one_of(
    st.tuples(st.just(ber.INTEGER), st.integers(-(2**63), 2**64 - 1)),
    st.tuples(st.sampled_from([ber.COUNTER, ber.GAUGE, ber.TICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(st.sampled_from([ber.OCTETS, ber.OPAQUE]), st.binary(max_size=300)),
    st.tuples(st.just(ber.OID), LONG_OIDS),
    st.tuples(st.just(ber.NULL), st.none()),
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (ber.number(0), "020100"),
        (ber.number(127), "02017f"),
        (ber.number(128), "02020080"),
        (ber.number(-1), "0201ff"),
        (ber.number(-128), "020180"),
        (ber.number(-129), "0202ff7f"),
        (ber.oid((1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)), "060a2b06010401893604" + "0201"),
        (ber.oid((2, 999, 3)), "0603883703"),
        (ber.tlv(ber.OCTETS, b"x" * 200)[:4], "0481c878"),
        (ber.value(ber.NULL, None), "0500"),
    ],
)
def test_values_are_written_as_the_standard_has_them(written: bytes, expected: str) -> None:
    assert written.hex() == expected


@given(VALUES)
def test_what_was_written_is_read(pair: tuple[int, ber.Value]) -> None:
    reader = Reader(ber.value(*pair))
    assert reader.value() == pair
    reader.finish()


@given(st.binary(max_size=80))
@example(b"\x30\x80\x00\x00")
@example(b"\x02\x00")
@example(b"\x06\x02\x81\x80")
@example(b"\x02\x85\x00\x00\x00\x00\x01\x00")
@example(b"\x06\x06\x90\x80\x80\x80\x80\x00")
def test_any_bytes_are_values_or_a_bad_message(data: bytes) -> None:
    reader = Reader(data)
    with suppress(BadMessage):
        while reader.more:
            reader.value()
        assert reader.at == len(data)


@pytest.mark.parametrize("arcs", [(), (1,), (3, 1), (1, 40), (1, 3, -1), (1, 3, 2**32), (1, 3, *[1] * 127)])
def test_what_is_no_identifier_is_not_written(arcs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        ber.oid(arcs)


@pytest.mark.parametrize(("tag", "content"), [(ber.INTEGER, b"1"), (ber.OCTETS, 1), (ber.OID, b"")])
def test_a_value_of_the_wrong_type_is_not_written(tag: int, content: ber.Value) -> None:
    with pytest.raises(TypeError):
        ber.value(tag, content)
