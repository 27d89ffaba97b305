"""Which programs does the ingest benchmark measure? Each runs in a process of its own."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gateway.links import fast_packets as packets
from gateway.links.fast_memory import settled

TOPIC = "arterial/bench/water/w-{:06d}"
QUIET_S = 15.0
"""A pipeline that makes no progress for so long has all it will get."""
CHUNK = 50


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def report(stored: int, cpu: float, seconds: float, **more: object) -> None:
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"stored": stored, "cpu_s": round(cpu, 4), "seconds": round(seconds, 3), "rss_mib": round(rss, 1)}
    print(json.dumps({**found, **more}), flush=True)


def payload(at_ms: int, volume: float, flow: float) -> bytes:
    """About 120 bytes, numbers as devices send them that compute in doubles."""
    record = {"t": at_ms, "volume_m3": volume, "flow_m3_h": flow, "battery_v": 3.4 + flow / 10}
    return json.dumps(record).encode()


def publish(port: int, n: int, qos: int, devices: int, rate: int) -> None:
    """Send `n` messages at `rate` per second, ready-made chunk by chunk; wait for every confirmation."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(packets.connect(f"bench-publisher-{time.time_ns()}", 0, None, None))
    sock.recv(4)
    reader = threading.Thread(target=_confirmations, args=(sock, n if qos else 0))
    reader.start()
    chance, base_ms, began_s = random.Random(1), time.time_ns() // 1_000_000, time.monotonic()
    for first in range(0, n, CHUNK):
        parts = []
        for i in range(first, min(n, first + CHUNK)):
            at_ms = base_ms + max(i * 1000 // rate, i // devices)  # as sent, and none twice of a device
            body = payload(at_ms, 500 + i * 0.001 + chance.random(), chance.random())
            parts.append(packets.publish(TOPIC.format(i % devices), body, qos, False, i % 65_000 + 1, False))
        ahead_s = first / rate - (time.monotonic() - began_s)
        if ahead_s > 0:
            time.sleep(ahead_s)
        sock.sendall(b"".join(parts))
    reader.join()
    sock.sendall(packets.GOODBYE)
    sock.close()


def _confirmations(sock: socket.socket, n: int) -> None:
    left = 4 * n
    while left:
        left -= len(sock.recv(65_536)) or left


async def arterial(port: int, influx: str, database: str, n: int, _: int, var: Path, client: str) -> None:
    """The ingest path of `arterial run`: link, checks, spool, writer, InfluxDB."""
    from gateway.config.settings import Settings
    from gateway.intake.ingest_only import ingest_only
    from gateway.links.mqtt_link import MqttLink

    settings = Settings.model_validate(
        {
            "city": {"site": "bench"},
            "broker": {"url": f"mqtt://127.0.0.1:{port}", "client": client},
            "store": {"kind": "influx", "url": influx, "database": database},
            "sources": [{"topic": "arterial/{site}/water/{device}", "kind": "water"}],
        }
    )
    link = MqttLink(settings.broker, ["arterial/bench/#"], client_id=database)
    async with ingest_only(settings, link, var) as running:
        await link.ready()
        print("ready", flush=True)
        writer, began_cpu, began_s = running.pipeline.writer, cpu_s(), time.monotonic()
        seen, seen_s = 0, began_s
        while writer.stored + writer.duplicate < n and time.monotonic() - seen_s < QUIET_S:
            if writer.stored != seen:
                seen, seen_s = writer.stored, time.monotonic()
            await asyncio.sleep(0.02)
        report(writer.stored, cpu_s() - began_cpu, time.monotonic() - began_s, overflow=link.overflow)


def tutorial(port: int, influx: str, database: str, n: int, qos: int, _: Path, __: str) -> None:
    """paho, json, Point and a batching WriteApi, as in most tutorials."""
    import paho.mqtt.client as paho
    from influxdb_client import InfluxDBClient, Point, WriteOptions, WritePrecision

    database_client = InfluxDBClient(url=influx, token="none", org="none")
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
        write_api.write(database, record=point.time(record["t"], WritePrecision.MS))
        seen += 1

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=database, clean_session=False)
    subscribed = threading.Event()
    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.subscribe("arterial/bench/#", qos)
    client.loop_start()
    subscribed.wait()
    print("ready", flush=True)
    began_cpu, began_s, last, last_s = cpu_s(), time.monotonic(), 0, time.monotonic()
    while seen < n and time.monotonic() - last_s < QUIET_S:
        if seen != last:
            last, last_s = seen, time.monotonic()
        time.sleep(0.02)
    write_api.close()
    report(seen, cpu_s() - began_cpu, time.monotonic() - began_s)
    client.disconnect()
    client.loop_stop()


def main() -> None:
    what, *words = sys.argv[1:]
    if what == "publish":
        publish(*map(int, words))
        return
    port, influx, database, n, qos, var, client = words
    given = (int(port), influx, database, int(n), int(qos), Path(var), client)
    if what == "arterial":
        with settled():  # as `arterial run` does
            asyncio.run(arterial(*given))
    else:
        tutorial(*given)


if __name__ == "__main__":
    main()
