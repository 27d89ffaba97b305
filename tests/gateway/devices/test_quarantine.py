"""Strangers never reach the store, nothing of theirs is lost, and approval takes effect in a running city."""

from __future__ import annotations

import json

import pytest

from collectors.formats.sparkplug.schema import Payload
from collectors.quality import Flag
from gateway.devices.register import RegistryError
from tests.gateway.devices.conftest import NOW_MS, Bench

W1 = "arterial/demo/water/w-1"


def water(t_ms: int = NOW_MS, volume: float = 1.0) -> bytes:
    return json.dumps({"t": t_ms, "volume_m3": volume}).encode()


async def test_a_stranger_is_kept_counted_and_shown_but_never_a_reading(bench: Bench) -> None:
    await bench.say(W1, water())
    await bench.say(W1, water(NOW_MS + 1))
    assert bench.heard == []
    assert bench.refused.counts() == {"unregistered": 2}
    (view,) = bench.desk.every()
    assert (view["id"], view["state"], view["kinds"], view["waiting"]) == ("w-1", "quarantined", ["water"], 2)
    assert bench.books().refused == 2


async def test_after_approval_what_waited_arrives_with_its_own_times(bench: Bench) -> None:
    times = [NOW_MS - 3_600_000 * n for n in range(5, 0, -1)]
    for n, t_ms in enumerate(times):
        await bench.say(W1, water(t_ms, n))
    bench.desk.approve("w-1", "anna")
    await bench.until(lambda: len(bench.heard) == 5)
    assert [(r.at_ns // 1_000_000, r.fields["volume_m3"]) for r in bench.heard] == [
        (t_ms, float(n)) for n, t_ms in enumerate(times)
    ]
    assert all(r.quality & Flag.LATE for r in bench.heard)
    await bench.until(lambda: bench.refused.ledger().kept == 0)
    assert bench.refused.ledger().accepted == 5
    assert bench.refused.ledger().balanced
    (view,) = bench.desk.every()
    assert (view["state"], view["waiting"], view["readings"]) == ("approved", 0, 5)


async def test_an_approved_device_speaks_at_once_and_by_the_short_way(bench: Bench) -> None:
    await bench.say(W1, water())
    bench.desk.approve("w-1", "anna")
    await bench.until(lambda: len(bench.heard) == 1)
    for n in range(1, 4):
        await bench.say(W1, water(NOW_MS + n))
    assert len(bench.heard) == 4
    assert W1 in bench.ingest._routes


async def test_what_waited_without_a_time_of_its_own_keeps_that_of_its_arrival(bench: Bench) -> None:
    entity = {"id": "meter-7", "type": "WaterConsumptionObserved", "waterConsumption": 5.5}
    await bench.say("ngsi/all", json.dumps(entity).encode())
    bench.clock.ms += 7_200_000
    bench.desk.approve("meter-7", "anna")
    await bench.until(lambda: bool(bench.heard))
    assert bench.heard[0].device == "meter-7"
    assert bench.heard[0].at_ns == NOW_MS * 1_000_000


def sparkplug(value: float, seq: int, *, birth: bool = False, t_ms: int = NOW_MS) -> bytes:
    payload = Payload(timestamp=t_ms, seq=seq)
    named = {"name": b"volume", "datatype": 10} if birth else {}
    payload.metrics.add(alias=1, timestamp=t_ms, double_value=value, **named)
    return bytes(payload.SerializeToString())


async def test_a_format_that_remembers_is_heard_in_quarantine_and_its_readings_wait(bench: Bench) -> None:
    await bench.say("spBv1.0/G/NBIRTH/n", bytes(Payload(timestamp=NOW_MS, seq=0).SerializeToString()))
    await bench.say("spBv1.0/G/DBIRTH/n/d", sparkplug(1.0, 1, birth=True))
    for n in (2, 3):
        await bench.say("spBv1.0/G/DDATA/n/d", sparkplug(float(n), n, t_ms=NOW_MS + n))
    assert bench.heard == []
    bench.desk.approve("n:d", "anna")
    await bench.until(lambda: sum(r.kind == "water" for r in bench.heard) == 3)
    await bench.say("spBv1.0/G/DDATA/n/d", sparkplug(4.0, 4, t_ms=NOW_MS + 4))
    found = [(r.at_ns // 1_000_000 - NOW_MS, r.fields["volume_m3"]) for r in bench.heard if r.kind == "water"]
    assert sorted(found) == [(0, 1.0), (2, 2.0), (3, 3.0), (4, 4.0)]
    assert {r.device for r in bench.heard} == {"n:d"}, "the node itself is a stranger still"


async def test_a_retired_device_is_heard_no_more_and_comes_back_without_a_gap(bench: Bench) -> None:
    power = "arterial/demo/power/p-1"
    for n in range(3):
        await bench.say(power, json.dumps({"t": NOW_MS + n, "energy_kwh": float(n)}).encode())
    assert len(bench.heard) == 3
    bench.desk.retire("p-1", "anna", why="Exchanged.")
    await bench.until(lambda: len(bench.changes) == 2)
    await bench.say(power, json.dumps({"t": NOW_MS + 3, "energy_kwh": 3.0}).encode())
    assert len(bench.heard) == 3
    assert bench.desk.one("p-1")["state"] == "retired"
    bench.desk.approve("p-1", "anna")
    await bench.until(lambda: len(bench.heard) == 4)


async def test_a_device_that_speaks_as_something_else_is_refused(bench: Bench) -> None:
    bench.desk.add([{"id": "p-1", "kind": "water"}, {"id": "w-1", "kind": "water", "format": "ngsi"}], "anna")
    await bench.until(lambda: len(bench.changes) == 2)
    await bench.say("arterial/demo/power/p-1", json.dumps({"t": NOW_MS, "energy_kwh": 1.0}).encode())
    await bench.say(W1, water())
    details = [item.detail for item in bench.refused.recent()]
    assert bench.refused.counts() == {"unknown_device": 2}
    assert any("kind 'water', its source has 'power'" in detail for detail in details)
    assert any("format 'ngsi', its source has 'json'" in detail for detail in details)


async def test_every_change_is_told_once_also_those_made_while_the_city_was_away(bench: Bench) -> None:
    bench.desk.add([{"id": "w-1", "kind": "water"}], "anna")
    await bench.until(lambda: len(bench.changes) == 1)
    bench.desk.retire("w-1", "ben", why="Stolen.")
    await bench.until(lambda: len(bench.changes) == 2)
    assert [(c.who, c.what, c.id) for c in bench.changes] == [
        ("anna", "approve", "w-1"),
        ("ben", "retire", "w-1"),
    ]
    assert bench.changes[1].before.startswith("approved")
    assert bench.changes[1].why == "Stolen."
    again: list[str] = []
    later = type(bench.attendance)(bench.registry, bench.refused, bench.ingest)
    later.hear = lambda change: again.append(change.what)
    await later.look()
    assert again == []


async def test_the_corrections_of_a_device_take_effect_at_once(bench: Bench) -> None:
    raw = {"id": "w-1", "kind": "water", "units": {"volume_m3": "L"}, "calibrate": {"volume_m3": {"gain": 2}}}
    bench.desk.add([raw], "anna")
    await bench.until(lambda: len(bench.changes) == 1)
    await bench.say(W1, water(volume=1500))
    assert bench.heard[0].fields["volume_m3"] == 3.0
    assert bench.heard[0].fields["original"] == "volume_m3=1500 L; volume_m3=1.5 uncalibrated"


async def test_who_approves_what_is_not_there_is_told_what_is(bench: Bench) -> None:
    await bench.say(W1, water())
    with pytest.raises(
        RegistryError, match=r"no device named 'w-2' \(did you mean 'w-1'\?\); there are: w-1"
    ):
        bench.desk.approve("w-2", "anna")
    with pytest.raises(RegistryError, match="w-1: kind: no kind named 'wter'; there are: .*water"):
        bench.desk.approve("w-1", "anna", more={"kind": "wter"})


async def test_a_device_that_promises_to_speak_again_is_expected_to(bench: Bench) -> None:
    pack = json.dumps([{"bn": "s-1", "bt": NOW_MS / 1000, "n": "", "u": "Cel", "v": 21.5, "ut": 900}])
    await bench.say("senml/s-1", pack.encode())
    assert bench.desk.one("s-1")["expected_s"] == 900
