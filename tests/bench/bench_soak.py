"""Does ingest keep its pace for minutes, losing nothing, in memory that does not grow?

Run as `make soak ARGS="--seconds 60"` or `python tests/bench/bench_soak.py`. Meters publish 20,000 messages
a second at QoS 1 through mosquitto; arterial keeps them in InfluxDB 1.x. Meanwhile a probe publishes one
message a second and asks the database until it is there: that is the time from publish to queryable. At the
end every message that was published must be in the database; otherwise it ends with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gateway.links import fast_packets as packets  # noqa: E402
from tests.bench.bench_ingest import PUBLISHER, Case, Child, count, servers, started  # noqa: E402

DATABASE = "soak"
PROBE_S = 1.0
ASK_S = 0.02
SAMPLE_S = 5.0
GIVE_UP_S = 60.0
DRAIN_S = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """What is noted about one process every SAMPLE_S seconds."""

    pid: int
    rss_mib: list[float] = field(default_factory=list)
    began_cpu_s: float = 0.0

    def __post_init__(self) -> None:
        self.began_cpu_s = self.cpu_s()

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def sample(self) -> None:
        text = Path(f"/proc/{self.pid}/status").read_text()
        self.rss_mib.append(round(int(text.partition("VmRSS:")[2].split()[0]) / 1024, 1))


class Probe(threading.Thread):
    """Publishes a message a second and waits until the database has it."""

    def __init__(self, port: int, influx: str) -> None:
        super().__init__(name="probe")
        self.delays_s: list[float] = []
        self.missing = 0
        self.sent = 0
        self._over = threading.Event()
        self._influx = influx
        self._sock = socket.create_connection(("127.0.0.1", port))
        self._sock.sendall(packets.connect("soak-probe", 0, None, None))
        self._sock.recv(4)

    def run(self) -> None:
        while not self._over.wait(PROBE_S):
            self._once()

    def stop(self) -> None:
        self._over.set()
        self.join()
        self._sock.close()

    def _once(self) -> None:
        self.sent += 1
        began_s, at_ms = time.monotonic(), time.time_ns() // 1_000_000
        body = b'{"t":%d,"volume_m3":%d}' % (at_ms, self.sent)
        mid = self.sent % 60_000 + 1
        self._sock.sendall(packets.publish("arterial/bench/water/probe", body, 1, False, mid, False))
        while time.monotonic() - began_s < GIVE_UP_S:
            if self._there():
                self.delays_s.append(time.monotonic() - began_s)
                return
            time.sleep(ASK_S)
        self.missing += 1

    def _there(self) -> bool:
        query = "SELECT last(volume_m3) FROM water WHERE device = 'probe'"
        where = f"{self._influx}/query?db={DATABASE}&q={quote(query)}"
        with urllib.request.urlopen(where, timeout=60) as answer:
            series = json.load(answer)["results"][0].get("series")
        return bool(series) and int(series[0]["values"][0][1]) >= self.sent


def soak(seconds: int, rate: int, devices: int) -> dict[str, Any]:
    """Run it; returns the figures."""
    n = seconds * rate
    with servers() as at:
        pipeline = started(Case("arterial", 1, 0, devices), at, DATABASE)
        publisher = Child(PUBLISHER, at.broker.port, n, 1, devices, rate, 1)
        try:
            pipeline.hear("warm")
            ours, brokers = Watch(pipeline.process.pid), Watch(at.broker.pid)
            probe = Probe(at.broker.port, at.influx)
            probe.start()
            began_s = time.monotonic()
            publisher.tell()
            while publisher.process.poll() is None:
                ours.sample()
                brokers.sample()
                time.sleep(SAMPLE_S)
            published_s = time.monotonic() - began_s
            probe.stop()
            there = _drained(at.influx, n + devices + probe.sent)
            cpu_s, broker_s = ours.cpu_s() - ours.began_cpu_s, brokers.cpu_s() - brokers.began_cpu_s
            pipeline.tell()
            books = pipeline.result()["books"]
        finally:
            pipeline.end()
            publisher.end()
    return {
        "published": n + probe.sent,
        "lost": n + devices + probe.sent - there,
        "messages_per_s": round(n / published_s),
        "publish_to_queryable_s": _spread(probe.delays_s),
        "probes": probe.sent,
        "probes_missing": probe.missing,
        "cpu_s_per_million": round(cpu_s / n * 1e6, 2),
        "broker_cpu_s_per_million": round(broker_s / n * 1e6, 2),
        "rss_mib": ours.rss_mib,
        "books": books,
        "load": round(os.getloadavg()[0], 1),
    }


def _drained(influx: str, n: int) -> int:
    """Points in the database once all are there, or no more have come for too long."""
    deadline_s = time.monotonic() + DRAIN_S
    while (there := count(influx, DATABASE)) < n and time.monotonic() < deadline_s:
        time.sleep(1)
    return there


def _spread(delays_s: list[float]) -> dict[str, float]:
    if len(delays_s) < 2:
        return {}
    cuts = quantiles(delays_s, n=100, method="inclusive")
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(delays_s), 3)}


def show(found: dict[str, Any]) -> None:
    books = found["books"]
    rest = books["received"] - books["stored"] - books["refused"] - books["duplicate"] - books["waiting"]
    rss = found["rss_mib"]
    print(f"published {found['published']:,} at {found['messages_per_s']:,}/s, lost={found['lost']}")
    print(f"publish -> queryable, s: {found['publish_to_queryable_s']} over {found['probes']} probes")
    print(
        f"CPU-s per million: ingest {found['cpu_s_per_million']}, broker {found['broker_cpu_s_per_million']}"
        f" (load {found['load']})"
    )
    print(f"RSS MiB: {' '.join(f'{value:.0f}' for value in rss[:: max(1, len(rss) // 20)])}")
    print(f"books: {books}, open {rest}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--seconds", type=int, default=300)
    options.add_argument("--rate", type=int, default=20_000)
    options.add_argument("--devices", type=int, default=1000)
    options.add_argument("--json", type=Path, default=ROOT / "var" / "bench" / "soak.json")
    given = options.parse_args()
    found = soak(given.seconds, given.rate, given.devices)
    show(found)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if found["lost"] or found["probes_missing"] else 0)


if __name__ == "__main__":
    main()
