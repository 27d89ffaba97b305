"""What does a message cost from the broker to the database, beside the pipeline that most tutorials show?

Run as `make bench ARGS="..."` or `python tests/bench/bench_ingest.py ...`; `--help` lists the options.
Mosquitto, InfluxDB 1.x, a publisher and the pipeline share the machine; each message is about 120 B of JSON.
What is compared is CPU-seconds of the pipeline's process per million messages, until InfluxDB has them all:
arterial with full schema and range checks, duplicate check and a durable spool, and paho + json +
influxdb-client without any of them, in the same run. Every device has sent one message before the measurement
begins. Of several repeats the cheapest counts. Ratios travel between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.live.brokers import LiveBroker  # noqa: E402
from tests.live.influx_server import create_database, influxd, v2_writes  # noqa: E402

PARTS = Path(__file__).with_name("ingest_parts.py")
PUBLISHER = Path(__file__).with_name("ingest_publisher.py")
PATIENCE_S = 600


@dataclass(frozen=True)
class Case:
    """One pipeline under one load."""

    pipeline: str
    qos: int
    messages: int
    devices: int = 1000
    kinds: int = 1
    rate: int = 15_000
    client: str = "fast"

    @property
    def name(self) -> str:
        what = self.pipeline if self.client == "fast" else f"{self.pipeline} ({self.client})"
        kinds = f", {self.kinds} kinds" if self.kinds > 1 else ""
        return f"{what}, QoS {self.qos}, {self.devices:,} devices{kinds}"


@dataclass(frozen=True)
class Servers:
    """What the pipelines talk to; `v2` is InfluxDB with the write path of 2.x.

    A broker keeps the sessions of those who have gone and goes on queueing for them: every case has its own.
    """

    folder: Path
    broker: LiveBroker
    influx: str
    v2: str

    @contextmanager
    def anew(self, name: str) -> Iterator[Servers]:
        """The same with another broker."""
        folder = self.folder / f"broker-{name}"
        folder.mkdir()
        broker = LiveBroker("mosquitto", folder)
        broker.start()
        try:
            yield replace(self, broker=broker)
        finally:
            broker.stop()


@contextmanager
def servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory(prefix="arterial-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        broker = LiveBroker("mosquitto", folder)
        broker.start()
        stack.callback(broker.stop)
        influx = stack.enter_context(influxd(folder / "influx"))
        yield Servers(folder, broker, influx, stack.enter_context(v2_writes(influx)))


class Child:
    """A part in a process of its own."""

    def __init__(self, path: Path, *words: object) -> None:
        command = [sys.executable, str(path), *map(str, words)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def hear(self, wanted: str) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == f"{wanted}\n", f"instead of {wanted!r}: {line!r}"

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.process.communicate(timeout=PATIENCE_S)[0].splitlines()[-1])
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def started(case: Case, at: Servers, database: str) -> Child:
    """The pipeline of a case, subscribed."""
    create_database(at.influx, database)
    words = {
        **{
            name: getattr(case, name)
            for name in ("pipeline", "messages", "qos", "client", "devices", "kinds")
        },
        "port": at.broker.port,
        "influx": at.v2 if case.pipeline == "tutorial" else at.influx,
        "database": database,
        "var": str(at.folder / database),
    }
    if case.pipeline == "node-red":
        from tests.bench.node_red import NodeRed

        return NodeRed(at.folder / database, at.broker.port, at.influx, database, case)  # type: ignore[return-value]
    pipeline = Child(PARTS, json.dumps(words))
    pipeline.hear("ready")
    return pipeline


def measured(case: Case, at: Servers, number: int) -> dict[str, Any]:
    """Run one case."""
    database = f"bench{number}"
    pipeline = started(case, at, database)
    words = (at.broker.port, case.messages, case.qos, case.devices, case.rate, case.kinds)
    publisher = Child(PUBLISHER, *words)
    try:
        pipeline.hear("warm")
        publisher.tell()
        result = pipeline.result()
        publisher.process.communicate(timeout=PATIENCE_S)
    finally:
        pipeline.end()
        publisher.end()
    return {
        "case": case.name,
        **asdict(case),
        **result,
        "in_database": count(at.influx, database) - case.devices,
        "cpu_s_per_million": round(result["cpu_s"] / case.messages * 1e6, 2),
        "load": round(os.getloadavg()[0], 1),
    }


def count(influx: str, database: str) -> int:
    """Points in the database, by asking it."""
    query = "SELECT count(volume_m3) FROM /.*/"
    with urllib.request.urlopen(f"{influx}/query?db={database}&q={quote(query)}", timeout=60) as answer:
        series = json.load(answer)["results"][0].get("series", [])
    return sum(int(found["values"][0][1]) for found in series)


def cases(given: argparse.Namespace) -> list[Case]:
    """Both pipelines at QoS 0 and 1, and arterial with the devices and kinds that are asked for."""
    n, slow = given.messages, given.messages // 4
    found = [
        Case("arterial", 0, n, rate=given.rate),
        Case("tutorial", 0, slow, rate=3_000),
        Case("arterial", 1, n, rate=given.rate),
        Case("tutorial", 1, slow, rate=3_000),
    ]
    if given.node_red:
        found += [Case("node-red", qos, slow, rate=8_000) for qos in (0, 1)]
    if given.paho:
        found.append(Case("arterial", 1, n // 2, client="paho", rate=6_000))
    found += [Case("arterial", 1, max(n, 2 * d), devices=d, rate=given.rate) for d in given.devices]
    found += [Case("arterial", 1, n, kinds=k, rate=given.rate) for k in given.kinds]
    return [case for case in dict.fromkeys(found) if given.only in case.name]


def show(results: list[dict[str, Any]]) -> None:
    print(f"{'':<44}{'CPU-s/M':>9}{'msg/s':>9}{'RSS MiB':>9}{'stored':>11}{'of':>11}{'load':>6}")
    for r in results:
        print(
            f"{r['case']:<44}{r['cpu_s_per_million']:>9.2f}{r['messages'] / r['seconds']:>9,.0f}"
            f"{r['rss_mib']:>9.0f}{r['in_database']:>11,}{r['messages']:>11,}{r['load']:>6.1f}"
        )
    for line in comparisons(results):
        print(line)


def comparisons(results: list[dict[str, Any]]) -> list[str]:
    """What the bars are about: ratios to the other pipelines, and how the cost moves in the sweeps."""
    cost = {r["case"]: r["cpu_s_per_million"] for r in results}
    found = []
    for qos in (0, 1):
        ours = cost.get(f"arterial, QoS {qos}, 1,000 devices")
        for other in ("tutorial", "node-red"):
            theirs = cost.get(f"{other}, QoS {qos}, 1,000 devices")
            if ours and theirs:
                found.append(f"QoS {qos}: {theirs / ours:.1f} times less CPU than {other}")
    usual = cost.get("arterial, QoS 1, 1,000 devices")
    if usual:
        found += [
            f"{r['case']}: {r['cpu_s_per_million'] / usual - 1:+.0%} to 1,000 devices of one kind"
            for r in results
            if r["pipeline"] == "arterial" and (r["devices"] > 1000 or r["kinds"] > 1)
        ]
    return found


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--messages", type=int, default=300_000)
    options.add_argument("--rate", type=int, default=15_000, help="messages per second to arterial")
    options.add_argument("--devices", type=numbers, default=[], help="sweep, such as 1000,100000")
    options.add_argument("--kinds", type=numbers, default=[], help="sweep, such as 1,50")
    options.add_argument("--repeats", type=int, default=1)
    options.add_argument("--only", default="", help="run the cases whose name contains this")
    options.add_argument("--paho", action="store_true", help='also arterial with `[broker] client = "paho"`')
    options.add_argument("--node-red", action="store_true", help="also Node-RED, installed with npm")
    options.add_argument("--json", type=Path, default=ROOT / "var" / "bench" / "ingest.json")
    given = options.parse_args()
    best: dict[str, dict[str, Any]] = {}
    with servers() as at:
        runs = [case for _ in range(given.repeats) for case in cases(given)]
        for number, case in enumerate(runs):
            print(f"{case.name} ...", file=sys.stderr, flush=True)
            with at.anew(str(number)) as fresh:
                found = measured(case, fresh, number)
            before = best.get(case.name, found)
            best[case.name] = min(found, before, key=lambda r: float(r["cpu_s_per_million"]))
    results = list(best.values())
    show(results)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    whole = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count()}
    whole |= {"results": results, "comparisons": comparisons(results)}
    given.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    print(f"written to {given.json}")


if __name__ == "__main__":
    main()
