"""Does a host follow births, data and deaths, know when it missed something, and ask for it politely?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.declare import declared
from collectors.formats.sparkplug.schema import Payload
from collectors.reading import BadPayload, Reading
from collectors.source import Sources
from collectors.terms import Terms

T = 1_789_999_990_000
NOW_NS = 1_790_000_000_000_000_000
SECOND_NS = 1_000_000_000
PLACES = {
    **dict.fromkeys((1, 2, 3, 5, 6, 7), "int_value"),
    **dict.fromkeys((4, 8, 13), "long_value"),
    9: "float_value",
    10: "double_value",
    11: "boolean_value",
    12: "string_value",
}

Measured = Callable[[list[Reading]], dict[str, Any]]


class Plant:
    """A group of edge nodes as a broker would bring them; every message one number further unless told."""

    def __init__(self, kind: str = "measurement", topic: str = "spBv1.0/G/#", **terms: Any) -> None:
        self.sources = Sources([declared(topic, "sparkplug", kind, "", Terms(**terms), "demo")])
        self.seq = 0
        self.now_ns = NOW_NS

    def send(
        self, kind: str, *metrics: Any, seq: int | None = None, at: str = "n", t: int = T
    ) -> list[Reading]:
        """One message; `at` is the node, or node/device."""
        self.seq = (0 if kind == "NBIRTH" else self.seq + 1) % 256 if seq is None else seq
        payload = Payload(timestamp=t)
        if kind != "NDEATH":
            payload.seq = self.seq
        payload.metrics.extend(metrics)
        node, _, device = at.partition("/")
        topic = f"spBv1.0/G/{kind}/{node}" + (f"/{device}" if device else "")
        return self.sources.read(topic, payload.SerializeToString(), self.now_ns)

    def birth(self, bd_seq: int = 0) -> None:
        """A node with one metric, and its device with the metrics of a meter."""
        self.send("NBIRTH", declare("bdSeq", 4, bd_seq), rebirth(), declare("load", 10, 0.5, alias=1))
        self.send("DBIRTH", declare("volume", 10, 100.0, alias=2), declare("flow", 9, 1.5, alias=3), at="n/d")

    def asks(self, after_s: float = 0.0) -> list[str]:
        """The topics it wants to send on, so much later."""
        self.now_ns += round(after_s * SECOND_NS)
        return [topic for topic, _ in self.sources.outgoing(self.now_ns)]


def rebirth() -> Any:
    return declare("Node Control/Rebirth", 11, False)


def declare(name: str, datatype: int, value: Any, alias: int | None = None, **more: Any) -> Any:
    """A metric as in a birth."""
    metric = Payload().metrics.add(name=name.encode(), timestamp=T, datatype=datatype, **more)
    if alias is not None:
        metric.alias = alias
    setattr(metric, PLACES[datatype], value)
    return metric


def say(alias: int, t: int = T + 1000, **value: Any) -> Any:
    """A metric as in data: its alias and a value."""
    return Payload().metrics.add(alias=alias, timestamp=t, **value)


@pytest.fixture
def plant() -> Plant:
    made = Plant()
    made.birth()
    return made


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(BadPayload) as caught:
        call()
    return caught.value.detail


def test_data_names_only_aliases_and_becomes_readings_of_the_device(plant: Plant, measured: Measured) -> None:
    found = plant.send("DDATA", say(2, double_value=101.5), say(3, float_value=2.5), at="n/d")
    assert {r.device for r in found} == {"n:d"}
    assert measured(found) == {"volume": 101.5, "flow": 2.5}
    assert {r.at_ns for r in found} == {(T + 1000) * 1_000_000}


def test_a_birth_is_data_too_and_says_who_is_online(measured: Measured) -> None:
    found = Plant().send("NBIRTH", declare("bdSeq", 4, 0), rebirth(), declare("load", 10, 0.5, alias=1))
    assert measured(found) == {"online": True, "load": 0.5}
    assert {r.device for r in found} == {"n"}


@pytest.mark.parametrize(
    ("datatype", "place", "raw", "value"),
    [
        (1, "int_value", 0xFF, -1),
        (1, "int_value", 0xFFFFFFFF, -1),
        (1, "int_value", 127, 127),
        (2, "int_value", 0x8000, -32768),
        (3, "int_value", 2**32 - 5, -5),
        (4, "long_value", 2**64 - 7, -7),
        (5, "int_value", 255, 255),
        (7, "int_value", 2**32 - 1, 2**32 - 1),
        (7, "long_value", 2**32 - 1, 2**32 - 1),
        (8, "long_value", 2**63, float(2**63)),
        (9, "float_value", 0.5, 0.5),
        (10, "double_value", -1e9, -1e9),
        (11, "boolean_value", True, True),
        (12, "string_value", b"on", "on"),
        (13, "long_value", T, T),
        (17, "bytes_value", b"\x00\xff", "AP8="),
    ],
)
def test_bits_are_read_by_the_datatype_of_the_birth(
    datatype: int, place: str, raw: Any, value: Any, measured: Measured
) -> None:
    plant = Plant()
    born = Payload().metrics.add(name=b"x", alias=9, timestamp=T, datatype=datatype, **{place: raw})
    plant.send("NBIRTH", declare("bdSeq", 4, 0), born)
    assert measured(plant.send("NDATA", say(9, **{place: raw}))) == {"x": value}


@pytest.mark.parametrize(
    ("datatype", "place", "zero"),
    [(10, "double_value", 0.0), (3, "int_value", 0), (11, "boolean_value", False)],
)
def test_a_zero_is_a_value_and_null_is_none(datatype: int, place: str, zero: Any, measured: Measured) -> None:
    plant = Plant()
    plant.send("NBIRTH", declare("bdSeq", 4, 0), declare("x", datatype, zero, alias=9))
    assert measured(plant.send("NDATA", say(9, **{place: zero}))) == {"x": zero}
    assert plant.send("NDATA", say(9, is_null=True)) == []
    assert "no value, and not null" in refused(lambda: plant.send("NDATA", say(9)))


@pytest.mark.parametrize(("datatype", "name"), [(16, "DataSet"), (19, "Template"), (22, "type 22")])
def test_data_sets_templates_and_arrays_are_refused_by_name_and_do_not_spoil_a_birth(
    datatype: int, name: str, measured: Measured
) -> None:
    plant = Plant()
    odd = Payload().metrics.add(
        name=b"odd", alias=8, timestamp=T, datatype=datatype, dataset_value=b"\x08\x01"
    )
    found = plant.send("NBIRTH", declare("bdSeq", 4, 0), odd, declare("x", 10, 1.0, alias=9))
    assert measured(found) == {"online": True, "x": 1.0}
    detail = refused(lambda: plant.send("NDATA", say(8, dataset_value=b"\x08\x01")))
    assert detail == f"metric 'odd': {name} values are not taken"


def test_a_reading_is_completed_by_what_was_said_before() -> None:
    plant = Plant("water", fields={"volume_m3": "volume", "flow_m3_h": "flow"})
    plant.birth()
    (found,) = plant.send("DDATA", say(3, float_value=2.5), at="n/d")
    assert (found.kind, found.fields) == ("water", {"volume_m3": 100.0, "flow_m3_h": 2.5})
    (found,) = plant.send("DDATA", say(2, double_value=101.5), at="n/d")
    assert found.fields == {"volume_m3": 101.5, "flow_m3_h": 2.5}


def test_a_historical_value_keeps_its_time_and_is_not_the_last_one() -> None:
    plant = Plant("water", fields={"volume_m3": "volume", "flow_m3_h": "flow"})
    plant.birth()
    late = say(2, t=T - 60_000, double_value=90.0, is_historical=True)
    (found,) = plant.send("DDATA", late, at="n/d")
    assert found.at_ns == (T - 60_000) * 1_000_000
    assert found.fields["volume_m3"] == 90.0
    (found,) = plant.send("DDATA", say(3, float_value=2.5), at="n/d")
    assert found.fields["volume_m3"] == 100.0


def test_a_value_of_bad_quality_is_none(plant: Plant, measured: Measured) -> None:
    bad = say(2, double_value=0.0)
    bad.properties.keys.append(b"Quality")
    bad.properties.values.add(type=3, int_value=500)
    assert measured(plant.send("DDATA", bad, say(3, float_value=1.0), at="n/d")) == {
        "volume.quality": 500,
        "flow": 1.0,
    }


def test_the_engineering_unit_of_the_birth_is_converted() -> None:
    plant = Plant("water", fields={"volume_m3": "volume"})
    metric = declare("volume", 10, 812374.0, alias=2)
    metric.properties.keys.append(b"engUnit")
    metric.properties.values.add(type=12, string_value=b"L")
    plant.send("NBIRTH", declare("bdSeq", 4, 0))
    found = plant.send("DBIRTH", metric, at="n/d")
    (water,) = [r for r in found if r.kind == "water"]
    assert water.fields == {"volume_m3": 812.374, "original": "volume_m3=812374.0 L"}


def test_the_death_of_a_node_takes_its_devices_along_and_makes_their_metrics_stale(plant: Plant) -> None:
    found = plant.send("NDEATH", declare("bdSeq", 4, 0))
    said = {(r.device, r.tags["name"]): r.fields for r in found}
    assert said == {
        ("n", "online"): {"state": False},
        ("n", "stale"): {"value": 3.0},
        ("n:d", "online"): {"state": False},
        ("n:d", "stale"): {"value": 2.0},
    }
    assert {r.at_ns for r in found} == {NOW_NS}
    assert "has sent no birth yet" in refused(lambda: plant.send("DDATA", say(2, double_value=1.0), at="n/d"))


def test_a_death_of_an_earlier_session_is_ignored(plant: Plant, measured: Measured) -> None:
    plant.birth(bd_seq=1)
    assert plant.send("NDEATH", declare("bdSeq", 4, 0)) == []
    plant.seq = 1
    assert measured(plant.send("DDATA", say(2, double_value=7.0), at="n/d")) == {"volume": 7.0}


def test_the_death_of_a_device_leaves_the_node_alive(plant: Plant, measured: Measured) -> None:
    assert measured(plant.send("DDEATH", at="n/d")) == {"online": False, "stale": 2}
    assert measured(plant.send("NDATA", say(1, double_value=0.7))) == {"load": 0.7}
    assert "has sent no birth yet" in refused(lambda: plant.send("DDATA", say(2, double_value=1.0), at="n/d"))
    assert plant.asks() == ["spBv1.0/G/NCMD/n"]


def test_data_of_an_unknown_node_asks_for_its_birth_once_in_a_while() -> None:
    plant = Plant()
    for _ in range(5):
        refused(lambda: plant.send("DDATA", say(2, double_value=1.0), at="n/d"))
    assert plant.asks() == ["spBv1.0/G/NCMD/n"]
    refused(lambda: plant.send("NDATA", say(2, double_value=1.0)))
    assert plant.asks(after_s=29) == []
    assert plant.asks(after_s=2) == ["spBv1.0/G/NCMD/n"]
    assert plant.asks(after_s=60) == []


def test_what_is_asked_for_is_a_rebirth() -> None:
    plant = Plant()
    refused(lambda: plant.send("NDATA", say(2, double_value=1.0)))
    ((_, raw),) = plant.sources.outgoing(NOW_NS)
    (metric,) = Payload.FromString(raw).metrics
    assert (metric.name, metric.datatype, metric.boolean_value) == (b"Node Control/Rebirth", 11, True)
    assert plant.sources.read("spBv1.0/G/NCMD/n", raw, NOW_NS) == []


def test_a_birth_answers_what_was_asked_for() -> None:
    plant = Plant()
    refused(lambda: plant.send("NDATA", say(2, double_value=1.0)))
    plant.birth()
    assert plant.asks(after_s=60) == []


def test_an_unknown_alias_is_refused_and_asked_about(plant: Plant) -> None:
    detail = refused(
        lambda: plant.send("DDATA", say(2, double_value=1.0), say(77, double_value=1.0), at="n/d")
    )
    assert detail == "alias 77 was in no birth; the edge node is asked for one"
    assert plant.asks() == ["spBv1.0/G/NCMD/n"]


def test_an_alias_of_another_device_is_unknown(plant: Plant) -> None:
    assert "alias 1 was in no birth" in refused(
        lambda: plant.send("DDATA", say(1, double_value=1.0), at="n/d")
    )


def test_a_missing_number_is_asked_about_after_two_seconds(plant: Plant) -> None:
    plant.send("NDATA", say(1, double_value=0.6), seq=4)  # 2 and 3 are missing
    assert plant.asks(after_s=1.9) == []
    assert plant.asks(after_s=0.2) == ["spBv1.0/G/NCMD/n"]


def test_a_message_that_was_only_overtaken_is_not_asked_about(plant: Plant) -> None:
    plant.send("NDATA", say(1, double_value=0.6), seq=3)
    plant.send("NDATA", say(1, double_value=0.5), seq=2)
    plant.send("NDATA", say(1, double_value=0.7), seq=4)
    assert plant.asks(after_s=60) == []


def test_numbers_begin_again_after_255(plant: Plant) -> None:
    for _ in range(300):
        plant.send("NDATA", say(1, double_value=0.6))
    assert plant.asks(after_s=60) == []


def test_a_birth_may_have_any_number() -> None:
    plant = Plant()
    plant.send("NBIRTH", declare("bdSeq", 4, 0), declare("x", 10, 1.0, alias=9), seq=200)
    plant.send("NDATA", say(9, double_value=1.0), seq=201)
    assert plant.asks(after_s=60) == []


def test_state_messages_of_hosts_and_commands_of_others_say_nothing(plant: Plant) -> None:
    assert plant.send("DCMD", say(2, double_value=1.0), at="n/d") == []
    wide = Plant(topic="spBv1.0/+/#").sources
    with pytest.raises(BadPayload, match="no source reads this topic"):
        wide.read("spBv1.0/STATE/scada", b'{"online":true,"timestamp":1}', NOW_NS)


def test_a_source_of_all_groups_names_the_group_in_its_devices() -> None:
    plant = Plant(topic="spBv1.0/+/#")
    (online,) = plant.send("NBIRTH", declare("bdSeq", 4, 0))
    assert online.device == "G:n"
    assert plant.sources.subscriptions == ("spBv1.0/+/+/+", "spBv1.0/+/+/+/+")


def test_a_source_of_a_site_takes_the_group_for_it() -> None:
    (online,) = Plant(topic="spBv1.0/{site}/#").send("NBIRTH", declare("bdSeq", 4, 0))
    assert (online.site, online.device) == ("G", "n")


@pytest.mark.parametrize(
    ("metrics", "detail"),
    [
        ([declare("a", 10, 1.0, alias=1), declare("b", 10, 1.0, alias=1)], "declared twice"),
        ([declare("a", 10, 1.0), declare("a", 10, 1.0)], "declared twice"),
        ([Payload().metrics.add(name=b"a", timestamp=T)], "both are required"),
        ([Payload().metrics.add(datatype=10, timestamp=T)], "both are required"),
        ([Payload().metrics.add(name=b"\xff", datatype=10)], "is not UTF-8"),
    ],
)
def test_a_birth_at_fault_is_refused_and_changes_nothing(
    metrics: list[Any], detail: str, plant: Plant, measured: Measured
) -> None:
    assert detail in refused(lambda: plant.send("DBIRTH", *metrics, at="n/d"))
    plant.seq = 1
    assert measured(plant.send("DDATA", say(2, double_value=9.0), at="n/d")) == {"volume": 9.0}


def test_a_message_that_comes_twice_is_no_gap(plant: Plant) -> None:
    plant.send("NDATA", say(1, double_value=0.6))
    plant.send("NDATA", say(1, double_value=0.6), seq=plant.seq)
    assert plant.asks(after_s=60) == []
