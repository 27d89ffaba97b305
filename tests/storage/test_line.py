"""Is a line what InfluxDB reads back as the same reading, and what cannot be written refused?"""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import Reading
from storage.line import UnwritableError, line, lines
from storage.schema import Shape
from storage.store import Rejected

SHAPE = Shape({"f": "float", "i": "int", "s": "str", "b": "bool"}, ("tag",))


def reading(fields, **change):
    return Reading(**{"kind": "k", "site": "demo", "device": "d", "at_ns": 1000, "fields": fields, **change})


def test_types_are_the_declared_ones():
    written = line(reading({"f": 21, "i": 82.0, "s": 'say "a\\b"', "b": True}), SHAPE)
    assert written == 'k,device=d,site=demo f=21.0,i=82i,s="say \\"a\\\\b\\"",b=t,received_ns=0i 1000'


def test_ties_become_nanoseconds_so_that_no_two_events_merge():
    two = [line(reading({"i": 1}, tie=tie), SHAPE).rpartition(" ")[2] for tie in (0, 1)]
    assert two == ["1000", "1001"]


def test_names_are_escaped_and_empty_tags_left_out():
    written = line(reading({"i": 1}, device="a b,c=d", site="", tags={"tag": "é"}), SHAPE)
    assert written.startswith(r"k,device=a\ b\,c\=d,tag=é i=1i")


@pytest.mark.parametrize("device", ["ends in \\", "two\nlines", "tab\tbed"])
def test_a_tag_that_would_break_the_line_is_unwritable(device):
    with pytest.raises(UnwritableError, match="a tag may not"):
        line(reading({"i": 1}, device=device), SHAPE)


def test_a_text_that_influx_would_refuse_is_unwritable():
    line(reading({"s": "é" * 32_000}), SHAPE)
    with pytest.raises(UnwritableError, match="longer than 65535 bytes"):
        line(reading({"s": "é" * 33_000}), SHAPE)


def test_a_batch_names_every_reading_at_fault_and_nothing_else():
    good, nan, odd = reading({"f": 1.0}), reading({"f": math.nan}), reading({"f": 1.0}, device="x\\")
    with pytest.raises(Rejected) as caught:
        lines([good, nan, odd], {"k": SHAPE})
    assert [r for r, _ in caught.value.faults] == [nan, odd]
    assert lines([good, good], {"k": SHAPE}).count(b"\n") == 1


plain = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs"]), min_size=1, max_size=12)


@given(plain.filter(lambda text: not text.endswith("\\")), st.floats(allow_nan=False, allow_infinity=False))
def test_device_and_value_can_be_read_back(device, value):
    """Undo the escapes as 1.x does: a backslash counts only before a comma, an equals sign or a space."""
    written = line(reading({"f": value}, device=device), SHAPE)
    raw = re.match(r"k,device=((?:\\[,= ]|[^,= ])+),site=demo f=(\S+),received_ns=0i 1000$", written)
    assert raw is not None
    assert re.sub(r"\\([,= ])", r"\1", raw[1]) == device
    assert float(raw[2]) == value
