"""Are the listed devices let in, and no others?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.reading import BadPayload, Reason
from collectors.registry import Devices, checked_id

Look = Callable[[Callable[[], object]], BadPayload]


@pytest.mark.parametrize(
    "devices", [Devices(), Devices({}), Devices({"water": []}), Devices({"gas": ["g-1"]})]
)
def test_a_kind_without_rules_is_open(devices: Devices) -> None:
    devices.allow("water", "anything")


@pytest.mark.parametrize("device", ["w-0001", "w-9999", "yard", "north:7", "north:"])
def test_exact_ids_digits_and_runs_are_let_in(device: str) -> None:
    Devices({"water": ["w-####", "yard", "north:*"]}).allow("water", device)


@pytest.mark.parametrize(
    "device", ["w-1", "w-00001", "w-000a", "w-000\u0661", "yards", "Yard", "snorth:7", ""]
)
def test_others_are_refused_with_the_rules(device: str, refused: Look) -> None:
    refusal = refused(lambda: Devices({"water": ["w-####", "yard", "north:*"]}).allow("water", device))
    assert refusal.reason is Reason.UNKNOWN_DEVICE
    assert refusal.detail.endswith("allowed: w-####, yard, north:*")


def test_a_dot_in_a_rule_is_a_dot(refused: Look) -> None:
    assert refused(lambda: Devices({"gas": ["a.b"]}).allow("gas", "axb"))


@pytest.mark.parametrize("rule", ["", "w 1", "w/1", "[a-z]+"])
def test_a_rule_that_fits_no_device_stops_the_start(rule: str) -> None:
    with pytest.raises(ValueError, match=r"devices\.water"):
        Devices({"water": [rule]})


@pytest.mark.parametrize("value", ["x1", "w-0001", "ns=2.s:a", "A_b.c:d-e"])
def test_only_the_narrow_alphabet_makes_an_id(value: str) -> None:
    if "=" in value:
        with pytest.raises(BadPayload):
            checked_id(value, "device")
    else:
        assert checked_id(value, "device") == value


@pytest.mark.parametrize("value", [None, 5, "", "a\n", "a b", "x" * 65])
def test_what_is_no_id_is_an_unknown_device(value: object, refused: Look) -> None:
    assert refused(lambda: checked_id(value, "lane")).detail.startswith("lane: ")
