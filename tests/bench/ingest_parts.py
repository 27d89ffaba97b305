"""Which pipelines does the ingest benchmark measure? Each runs in a process of its own.

A pipeline says `ready` once it is subscribed, `warm` once it has the first message of every device, and at
the end what it cost since then, as JSON; a line on stdin ends one that has no number of messages.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gateway.links.fast_memory import settled
from tests.bench.ingest_publisher import kind

QUIET_S = 20.0
"""A pipeline that makes no progress for so long has all it will get."""


class Given(msgspec.Struct, frozen=True):
    """What a pipeline is told."""

    pipeline: str
    port: int
    influx: str
    database: str
    messages: int
    qos: int
    var: str
    client: str = "fast"
    devices: int = 1000
    kinds: int = 1


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_mib(field: str = "VmRSS") -> float:
    """Memory now, or `VmHWM`: the most so far."""
    text = Path("/proc/self/status").read_text()
    return round(int(text.partition(f"{field}:")[2].split()[0]) / 1024, 1)


class Meter:
    """Waits for the first messages, then measures the rest; `done` says how many are through."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._began_cpu = self._began_s = 0.0

    def warm(self) -> None:
        self._began_cpu, self._began_s = cpu_s(), time.monotonic()
        print("warm", flush=True)

    def report(self, stored: int, **more: object) -> None:
        found = {
            "stored": stored,
            "cpu_s": round(cpu_s() - self._began_cpu, 4),
            "seconds": round(time.monotonic() - self._began_s, 3),
            "rss_mib": rss_mib("VmHWM"),
        }
        print(json.dumps({**found, **more}), flush=True)


def install_kinds(n: int) -> None:
    """As many kinds of meter as files in collectors/kinds would make."""
    from collectors.kind import flat_kind
    from collectors.plugins import kinds

    fields = {name: field for name, field in kinds()["water"].fields.items() if field.type == "float"}
    for number in range(n if n > 1 else 0):
        name = kind(number, n)
        kinds()[name] = flat_kind(name, fields)


async def arterial(given: Given) -> None:
    """The ingest path of `arterial run`: link, checks, spool, writer, InfluxDB."""
    from gateway.config.settings import Settings
    from gateway.intake.ingest_only import ingest_only
    from gateway.links.mqtt_link import MqttLink

    names = [kind(number, given.kinds) for number in range(given.kinds)]
    settings = Settings.model_validate(
        {
            "city": {"site": "bench"},
            "broker": {"url": f"mqtt://127.0.0.1:{given.port}", "client": given.client},
            "store": {"kind": "influx", "url": given.influx, "database": given.database},
            "sources": [{"topic": f"arterial/{{site}}/{name}/{{device}}", "kind": name} for name in names],
        }
    )
    link = MqttLink(settings.broker, ["arterial/bench/#"], client_id=given.database)
    meter = Meter(given)
    async with ingest_only(settings, link, Path(given.var)) as running:
        await link.ready()
        await asyncio.to_thread(running.pipeline.ingest.quality.compile)  # once a start, else within seconds
        print("ready", flush=True)
        writer = running.pipeline.writer

        async def until(n: int) -> None:
            seen, seen_s = -1, time.monotonic()
            while writer.stored + writer.duplicate < n and time.monotonic() - seen_s < QUIET_S:
                if writer.stored != seen:
                    seen, seen_s = writer.stored, time.monotonic()
                await asyncio.sleep(0.05)

        await until(given.devices)
        meter.warm()
        if given.messages:
            await until(given.devices + given.messages)
        else:
            await asyncio.to_thread(sys.stdin.readline)
            await asyncio.sleep(1)
        books = await asyncio.to_thread(running.books)
        meter.report(writer.stored, overflow=link.overflow, books=books)


def tutorial(given: Given) -> None:
    """paho, json, Point and a batching WriteApi, as in most tutorials."""
    import paho.mqtt.client as paho
    from influxdb_client import InfluxDBClient, Point, WriteOptions, WritePrecision

    database_client = InfluxDBClient(url=given.influx, token="none", org="none")
    write_api = database_client.write_api(write_options=WriteOptions(batch_size=5_000, flush_interval=1_000))
    seen = 0

    def on_message(_: Any, __: Any, message: paho.MQTTMessage) -> None:
        nonlocal seen
        record = json.loads(message.payload)
        _, site, kind, device = message.topic.split("/")
        point = Point(kind).tag("site", site).tag("device", device)
        for name, value in record.items():
            if name != "t":
                point = point.field(name, float(value))
        write_api.write(given.database, record=point.time(record["t"], WritePrecision.MS))
        seen += 1

    def until(n: int) -> None:
        last, last_s = -1, time.monotonic()
        while seen < n and time.monotonic() - last_s < QUIET_S:
            if seen != last:
                last, last_s = seen, time.monotonic()
            time.sleep(0.05)

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=given.database, clean_session=False)
    subscribed = threading.Event()
    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", given.port)
    client.subscribe("arterial/bench/#", given.qos)
    client.loop_start()
    subscribed.wait()
    print("ready", flush=True)
    meter = Meter(given)
    until(given.devices)
    meter.warm()
    until(given.devices + given.messages)
    write_api.close()
    meter.report(seen)
    client.disconnect()
    client.loop_stop()


def main() -> None:
    given = msgspec.json.decode(sys.argv[1], type=Given)
    install_kinds(given.kinds)
    if given.pipeline == "tutorial":
        tutorial(given)
        return
    with settled():  # as `arterial run` does
        asyncio.run(arterial(given))


if __name__ == "__main__":
    main()
