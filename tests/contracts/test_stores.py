"""Does every store in storage/backends keep the promises of storage.store.Store?"""

from __future__ import annotations

import os
import shutil

import pytest
from msgspec.structs import replace

from collectors.plugins import load_folder
from collectors.reading import Reading
from storage.connect import backends, check, connect
from storage.store import Rejected, StoreUnavailable
from tests.live import influx_server as servers

T0_NS = 1_700_000_000_000_000_000
NEEDS = {"influx": "influxd", "influx2": "influxd", "victoria": "victoria-metrics"}
"""Backends that need a server, and which program that is."""


def _backend_params():
    return [
        pytest.param(name, marks=[pytest.mark.live] if name in NEEDS else []) for name in sorted(backends())
    ]


@pytest.fixture(scope="module", params=_backend_params())
def place(request, tmp_path_factory):
    """(name, settings, folder) of a backend and its server, if it needs one."""
    name, folder = request.param, tmp_path_factory.mktemp("store")
    if name not in NEEDS:
        yield name, {}, folder
        return
    if shutil.which(NEEDS[name], path=f"{os.environ['PATH']}:/usr/sbin") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{NEEDS[name]} is not installed")
        pytest.skip(f"{NEEDS[name]} is not installed; make test installs it")
    if name == "influx":
        with servers.influxd(folder) as url:
            yield name, {"url": url, "database": "contract"}, folder
    elif name == "victoria":
        with servers.victoria(folder) as url:
            yield name, {"url": url, "database": "contract", "retention_days": 36_500}, folder
    else:
        with servers.influxd_with_v2_writes(folder) as url:
            servers.create_database(url, "contract")
            yield name, {"url": url, "bucket": "contract", "token": "t"}, folder


@pytest.fixture
async def store(place):
    made = await connect(*place)
    yield made
    await made.close()


def event(device, tie, at_ns=T0_NS, code=82, param=5, **change):
    fields = {"code": code, "param": param}
    return Reading(
        **{
            "kind": "hires",
            "site": "s",
            "device": device,
            "at_ns": at_ns,
            "fields": fields,
            "tie": tie,
            **change,
        }
    )


def water(device, volume_m3, at_ns=T0_NS):
    fields = {"volume_m3": volume_m3, "flow_m3_h": 0.1, "battery_v": 3.6}
    return Reading("water", "s", device, at_ns, fields, {}, 0, T0_NS)


def test_every_file_declares_a_name_a_sentence_and_its_settings():
    for module in load_folder("storage.backends").values():
        assert module.NAME in backends()
        assert module.DOC.endswith(".")
        check(module.NAME, {})
        with pytest.raises(ValueError, match="colour"):
            check(module.NAME, {"colour": "red"})


def test_an_unknown_store_is_answered_with_the_choices():
    with pytest.raises(ValueError, match="no store named 'oracle'; there are: duckdb, influx, influx2"):
        check("oracle", {})


async def test_events_with_one_time_survive_and_come_back_in_order(store):
    await store.write([event("ties", tie, param=9 - tie) for tie in (2, 0, 1)], 1)
    await store.write([event("ties", 0, at_ns=T0_NS + 100_000_000, code=81)], 2)
    events = await store.events("ties", T0_NS, T0_NS + 10**9)
    assert events.at_ns.tolist() == [T0_NS, T0_NS, T0_NS, T0_NS + 100_000_000]
    assert events.code.tolist() == [82, 82, 82, 81]
    assert events.param.tolist() == [9, 8, 7, 5]
    assert (events.at_ns.dtype, events.code.dtype, events.param.dtype) == ("int64", "int64", "int64")


async def test_the_end_of_a_span_is_out_and_the_start_is_in_whatever_the_tie(store):
    await store.write(
        [event("span", tie, at_ns=T0_NS + s * 10**9) for s in range(3) for tie in (0, 999_999)], 3
    )
    assert len(await store.events("span", T0_NS, T0_NS + 10**9)) == 2
    assert len(await store.events("span", T0_NS + 1, T0_NS + 2 * 10**9 + 1)) == 4
    assert len(await store.events("span", T0_NS + 10**9, T0_NS + 10**9)) == 0
    assert len(await store.events("nobody", 0, T0_NS * 2)) == 0


async def test_the_same_reading_again_is_kept_once(store):
    batch = [event("again", tie) for tie in range(5)]
    before = await store.count("hires")
    for position in (4, 5):
        await store.write(batch + batch[:2], position)
    assert await store.count("hires") == before + 5


async def test_a_bad_reading_is_named_and_the_others_can_be_kept(store):
    good, nan, text, alien = (
        event("bad", 0),
        water("w-bad", float("nan")),
        event("bad", 1, code="x"),
        event("bad", 2, kind="gaz"),
    )
    with pytest.raises(Rejected) as caught:
        await store.write([good, nan, text, alien], 6)
    assert [reading for reading, _ in caught.value.faults] == [nan, text, alien]
    assert all(why for _, why in caught.value.faults)
    await store.write([good], 6)
    assert len(await store.events("bad", 0, T0_NS * 2)) == 1


async def test_whole_numbers_and_fractions_of_one_field_get_along(store):
    await store.write([water("w-1", 21), water("w-1", 21.5, T0_NS + 10**9)], 7)
    series = await store.series("water", "w-1", "volume_m3", 0, T0_NS * 2)
    assert series.at_ns.tolist() == [T0_NS, T0_NS + 10**9]
    assert series.value.tolist() == [21.0, 21.5]


async def test_flags_are_kept_beside_the_value_and_only_where_there_are_any(store):
    flagged = replace(water("w-flag", 2.0, T0_NS + 1_000_000), quality=6)
    await store.write([water("w-flag", 1.0), flagged, water("w-flag", 3.0, T0_NS + 2_000_000)], 7)
    values = await store.series("water", "w-flag", "volume_m3", T0_NS, T0_NS + 10**9)
    flags = await store.series("water", "w-flag", "quality", T0_NS, T0_NS + 10**9)
    assert values.value.tolist() == [1.0, 2.0, 3.0]
    assert (flags.at_ns.tolist(), flags.value.tolist()) == ([T0_NS + 1_000_000], [6.0])


async def test_texts_come_back_with_their_numbers(store):
    fields = {
        "strategy": "x",
        "serve": "2,6",
        "reason": 'He said "go" — 5 m³',
        "binding": "",
        "changed": True,
    }
    fields |= {"inputs": '{"a":[1,2]}', "candidates": "[]"}
    made = [Reading("decision", "s", "x-rows", T0_NS + i * 10**9, fields) for i in range(4)]
    await store.write(made, 8)
    rows = await store.rows("decision", "x-rows", ["reason", "changed"], T0_NS, T0_NS + 3 * 10**9, limit=2)
    times = [T0_NS + 10**9, T0_NS + 2 * 10**9]
    if store.name == "victoria":  # keeps no texts
        assert [row[:2] for row in rows] == [(t, None) for t in times]
    else:
        assert rows == [(t, fields["reason"], True) for t in times]
    assert await store.rows("decision", "nobody", ["reason"], 0, T0_NS * 2) == []
    assert await store.rows("nothing", "x-rows", ["reason"], 0, T0_NS * 2) == []


async def test_questions_about_what_is_not_there_are_answered_with_nothing(store):
    assert len(await store.series("water", "nobody", "volume_m3", 0, 10**18)) == 0
    assert len(await store.series("water", "w-1", "colour", 0, T0_NS * 2)) == 0
    assert await store.devices("nothing") == []
    assert await store.count("nothing") == 0


async def test_odd_names_are_kept_as_they_are(store):
    odd = ["a b,c=d", 'quo"te', "it's", "ü", "back\\slash", "per%cent"]
    await store.write([water(name, 1.0) for name in odd], 8)
    assert set(odd) <= set(await store.devices("water"))
    for name in odd:
        assert len(await store.series("water", name, "volume_m3", 0, T0_NS * 2)) == 1


async def test_a_second_connection_finds_everything_and_the_position(place):
    first = await connect(*place)
    await first.write([event("later", 0)], 41)
    await first.close()
    second = await connect(*place)
    assert len(await second.events("later", 0, T0_NS * 2)) == 1
    assert await second.position() in {None, 41}
    await second.write([], 42)
    assert await second.position() in {None, 42}
    await second.close()


async def test_a_closed_or_absent_store_is_unavailable_and_connecting_does_not_raise(place):
    name, settings, folder = place
    gone = {**settings, "url": "http://127.0.0.1:9"} if "url" in settings else {"path": str(folder)}
    store = await connect(name, gone, folder)
    with pytest.raises(StoreUnavailable):
        await store.write([event("x", 0)], 1)
    with pytest.raises(StoreUnavailable):
        await store.count("hires")
    await store.close()
