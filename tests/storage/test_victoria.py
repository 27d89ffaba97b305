"""Is what VictoriaMetrics cannot keep refused aloud, and is the rest written as it wants it?"""

from __future__ import annotations

import zlib

import httpx
import pytest

from collectors.reading import Reading
from storage.backends.victoria import Settings, VictoriaStore
from storage.schema import declared
from storage.store import Rejected, StoreUnavailable
from storage.victoria_line import SLOTS, lines

MS = 1_000_000
DAY_NS = 86_400_000 * MS
ANY_TIME = range(2**62)
SCHEMA = declared()


def written(*readings: Reading) -> list[str]:
    return lines(readings, SCHEMA, ANY_TIME).decode().splitlines()


def test_numbers_are_kept_and_texts_are_left_out(water):
    signal = Reading("signal", "s", "x1", 5 * MS, {"mode": "remote", "greens": 6}, {}, 0, 7 * MS)
    assert written(signal) == ["signal,device=x1,site=s greens=6,received_ms=7 5"]
    assert written(water(21, 5 * MS))[0].startswith("water,device=w-0001,site=demo volume_m3=21.0,")


def test_names_are_escaped(water):
    (line,) = written(water(1, device="a b,c=d\\", tags={}))
    assert line.startswith("water,device=a\\ b\\,c\\=d\\\\,site=demo ")


def test_events_of_one_millisecond_get_slots_that_a_repetition_gets_again(hires):
    events = [
        Reading("hires", "s", "x1", 5 * MS, {"code": 1, "param": n}, {}, tie, 0)
        for n, tie in enumerate((999_998, 999_999, 0, 1))
    ]
    found = written(*events)
    assert [line.split(" ")[0].partition("slot=")[2] for line in found] == ["62", "63", "", "1"]
    assert written(*reversed(events)) == found[::-1]
    assert "tie=999999" in found[1]


def test_as_many_events_as_there_are_slots_share_a_millisecond_and_one_more_is_refused_not_lost():
    events = [
        Reading("hires", "s", "x1", 5 * MS, {"code": 1, "param": 1}, {}, tie, 0) for tie in range(SLOTS + 1)
    ]
    assert len(written(*events[:SLOTS])) == SLOTS
    with pytest.raises(Rejected) as caught:
        written(*events)
    assert [reading for reading, _ in caught.value.faults] == [events[-1]]
    assert "one sample per series and millisecond" in caught.value.why


def test_two_readings_of_a_meter_within_a_millisecond_are_one_too_many(water):
    with pytest.raises(Rejected) as caught:
        written(water(1, 5 * MS), water(2, 5 * MS + 1))
    assert len(caught.value.faults) == 1
    assert len(written(water(1, 5 * MS), water(1, 5 * MS))) == 2


@pytest.mark.parametrize("days", [-32, 3])
async def test_what_the_server_would_drop_without_a_word_is_refused(water, days, monkeypatch):
    now_ns = 1_790_000_000_000 * MS
    monkeypatch.setattr("storage.backends.victoria.time.time_ns", lambda: now_ns)
    store = VictoriaStore(Settings(), httpx.MockTransport(lambda request: httpx.Response(204)))
    await store.write([water(1, now_ns)], 1)
    with pytest.raises(Rejected, match="outside what the server keeps"):
        await store.write([water(1, now_ns + days * DAY_NS)], 1)
    await store.close()


async def test_a_cluster_has_two_addresses(water, monkeypatch):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.host, request.url.path, request.url.params.get("db")))
        if request.url.path.endswith("/write"):
            assert zlib.decompress(request.content, 31).startswith(b"water,")
            return httpx.Response(204)
        return httpx.Response(200)

    settings = Settings.model_validate(
        {
            "url": "http://vminsert:8480/insert/0/influx",
            "read_url": "http://vmselect:8481/select/0/prometheus/",
            "retention_days": 36_500,
        }
    )
    store = VictoriaStore(settings, httpx.MockTransport(answer))
    await store.write([water()], 1)
    assert await store.count("water") == 0
    assert asked[0] == ("vminsert", "/insert/0/influx/write", "arterial")
    assert asked[-1][:2] == ("vmselect", "/select/0/prometheus/api/v1/export")
    await store.close()


async def test_an_answer_of_something_else_is_unavailable():
    page = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>welcome</html>"))
    store = VictoriaStore(Settings(), page)
    with pytest.raises(StoreUnavailable, match="not an export"):
        await store.count("water")
    with pytest.raises(StoreUnavailable, match="not VictoriaMetrics"):
        await store.devices("water")
    await store.close()
