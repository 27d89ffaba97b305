"""Does every reading that no store can keep get a reason, and only those?"""

import math

import pytest

from storage.schema import declared, fault, fits

SCHEMA = declared()


def test_the_kinds_of_the_house_have_a_schema():
    assert SCHEMA["hires"].fields == {"code": "int", "param": "int"}
    assert SCHEMA["water"].fields["volume_m3"] == "float"
    assert "intersection" in SCHEMA["truth"].tags


def test_sound_readings_have_no_fault(water, hires):
    assert fault(water(), SCHEMA) == ""
    assert fault(hires(1)[0], SCHEMA) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "wather"}, "no kind named 'wather'; there are: alarm, "),
        ({"fields": {}}, "no fields"),
        ({"fields": {"volume_m3": 1.0, "colour": 3}}, "no field 'colour'; there are: battery_v, "),
        ({"fields": {"volume_m3": "full"}}, "declared float, the reading has 'full'"),
        ({"fields": {"volume_m3": math.nan}}, "declared float, the reading has nan"),
        ({"fields": {"volume_m3": 10**400}}, "declared float"),
        ({"fields": {"volume_m3": True}}, "declared float, the reading has True"),
        ({"tags": {"colour": "red"}}, "no tag 'colour'"),
        ({"device": ""}, "no device"),
        ({"at_ns": 2**63}, "time does not fit"),
        ({"received_ns": -(2**70)}, "time does not fit"),
    ],
)
def test_a_reading_at_fault_gets_its_reason(water, change, why):
    assert why in fault(water(**change), SCHEMA)


@pytest.mark.parametrize(
    ("value", "declared_as", "yes"),
    [
        (21, "float", True),
        (21.0, "int", True),
        (21.5, "int", False),
        (2**63, "int", False),
        (math.inf, "int", False),
        (1, "bool", False),
        (True, "int", False),
        (True, "bool", True),
        ("1", "int", False),
        (1, "str", False),
        ("", "str", True),
    ],
)
def test_types_are_declared_and_not_guessed(value, declared_as, yes):
    assert fits(value, declared_as) is yes
