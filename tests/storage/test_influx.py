"""Does the InfluxDB store send, create, read and report as it should? (Against canned answers.)"""

import gzip
import json

import httpx
import pytest
from pydantic import ValidationError

from storage.backends.influx import InfluxStore, Settings, connect
from storage.store import Rejected, StoreUnavailable


def store_that(answer, **settings):
    return InfluxStore(Settings(**settings), httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("more", "zipped"),
    [
        ({"url": "http://influx.city.example:8086"}, True),
        ({"url": "http://127.0.0.1:8086"}, False),
        ({"url": "http://[::1]:8086"}, False),
        ({"url": "http://localhost:8086"}, False),
        ({"url": "http://localhost:8086", "gzip": True}, True),
        ({"url": "http://10.0.0.1:8086", "gzip": False}, False),
    ],
)
async def test_a_batch_is_compressed_for_other_machines(hires, more, zipped):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(204)

    store = store_that(answer, **more)
    await store.write(hires(3), 7)
    assert (seen[0].headers.get("Content-Encoding") == "gzip") is zipped
    body = gzip.decompress(seen[0].content) if zipped else seen[0].content
    assert body.startswith(b"hires,device=x1,site=demo ")
    await store.close()


async def test_a_batch_is_one_request_with_nanoseconds(hires):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(204)

    store = store_that(answer, database="city", retention_policy="year", token="secret")
    assert await store.write(hires(3), 7) == {}
    assert dict(seen[0].url.params) == {"db": "city", "precision": "ns", "rp": "year"}
    assert seen[0].headers["Authorization"] == "Token secret"
    sent = seen[0].content.decode().split("\n")
    assert len({row.rpartition(" ")[2] for row in sent}) == 3
    await store.write([], 8)
    assert len(seen) == 1
    await store.close()


async def test_a_missing_database_is_created_and_the_batch_sent_again(hires):
    there = False

    def answer(request):
        nonlocal there
        if request.url.path == "/query":
            there = b"CREATE+DATABASE+%22arterial%22" in request.content
            return httpx.Response(200, json={"results": [{"statement_id": 0}]})
        missing = {"error": 'database not found: "arterial"'}
        return httpx.Response(204) if there else httpx.Response(404, json=missing)

    store = store_that(answer)
    await store.write(hires(1), 1)
    assert there
    await store.close()


async def test_a_database_that_may_not_be_created_is_said_so(hires):
    def answer(request):
        if request.url.path == "/query":
            return httpx.Response(403, json={"error": "create not allowed"})
        return httpx.Response(404, json={"error": 'database not found: "arterial"'})

    store = store_that(answer)
    with pytest.raises(
        StoreUnavailable, match="no database 'arterial', and creating it failed: create not allowed"
    ):
        await store.write(hires(1), 1)
    await store.close()


async def test_nan_never_reaches_the_wire(water):
    store = store_that(lambda request: pytest.fail("something was sent"))
    with pytest.raises(Rejected):
        await store.write([water(volume_m3=float("nan"))], 1)
    await store.close()


async def test_a_server_that_is_away_is_unavailable_for_all_questions(hires):
    def answer(request):
        raise httpx.ConnectError("refused")

    store = store_that(answer)
    for call in (
        store.write(hires(1), 1),
        store.count("hires"),
        store.events("x1", 0, 1),
        store.devices("hires"),
    ):
        with pytest.raises(StoreUnavailable, match="ConnectError: refused"):
            await call
    await store.close()


async def test_chunks_are_put_together_in_order_and_ties_removed():
    rows = [[1_000_000_007 + i, 82, i] for i in range(3)]
    chunks = [
        {"results": [{"series": [{"values": rows[:2]}], "partial": True}]},
        {"results": [{"series": [{"values": rows[2:]}]}]},
    ]

    def answer(request):
        assert request.url.params["q"].endswith(
            """WHERE "device" = 'o\\'x' AND time >= 0 AND time < 2000000000"""
        )
        return httpx.Response(200, text="\n".join(json.dumps(chunk) for chunk in chunks))

    store = store_that(answer)
    events = await store.events("o'x", 0, 2_000_000_000)
    assert events.at_ns.tolist() == [1_000_000_000] * 3
    assert events.param.tolist() == [0, 1, 2]
    await store.close()


@pytest.mark.parametrize(
    "body", ["<html>", '{"results":[{"error":"database not found: x"}]}', "[1]", '{"series":1}']
)
async def test_an_answer_that_is_none_is_unavailable(body):
    store = store_that(lambda request: httpx.Response(200, text=body))
    with pytest.raises(StoreUnavailable):
        await store.count("hires")
    await store.close()


async def test_settings_name_what_is_wrong(tmp_path):
    with pytest.raises(ValidationError, match="not both"):
        await connect({"token": "a", "username": "b"}, tmp_path)
    with pytest.raises(ValidationError, match="databse"):
        await connect({"databse": "b"}, tmp_path)
