"""Records become the lines that their readings become."""

from __future__ import annotations

import pytest

from collectors.batch import Batch, Group
from storage.line import lines
from storage.schema import Shape, declared
from storage.store import Rejected
from tests.storage.typed_batch import records

SCHEMA = declared()


@pytest.mark.parametrize("kind", ["water", "power", "gas", "waste"])
@pytest.mark.parametrize("n", [1, 2, 50])
def test_a_group_is_written_as_its_readings_are(kind, n):
    batch = records(n, kind=kind)
    assert lines(batch, SCHEMA) == lines(list(batch), SCHEMA)
    assert lines(batch, SCHEMA).count(b"\n") == n - 1


def test_flags_stand_beside_the_values_of_those_that_carry_them():
    batch = records(4, flags=[0, 2, 0, 10])
    assert lines(batch, SCHEMA) == lines(list(batch), SCHEMA)
    assert lines(batch, SCHEMA).count(b",quality=") == 2


def test_readings_and_groups_of_one_batch_lie_in_its_order(hires):
    batch = Batch(hires(3), [*records(4).groups, *records(2, kind="gas").groups])
    assert lines(batch, SCHEMA) == lines(list(batch), SCHEMA)


@pytest.mark.parametrize("text", ["0", "-0.0", "1e4", "5e-324", "12345.678901234567", "0.1", "1E5", "-3"])
def test_numbers_of_every_size_are_written_as_readings_are(text):
    (group,) = records(1).groups
    record = group.typed.decode(b'{"t":1759999999000,"volume_m3":1,"flow_m3_h":%b}' % text.encode())
    batch = Batch((), [Group(group.typed, group.routes, group.received_ns, [record])])
    assert lines(batch, SCHEMA) == lines(list(batch), SCHEMA)


def test_where_the_store_has_another_schema_each_reading_is_looked_at():
    batch = records(2)
    schema = {**SCHEMA, "water": Shape({**SCHEMA["water"].fields, "volume_m3": "int"}, ())}
    with pytest.raises(Rejected, match="declared int"):
        lines(batch, schema)
