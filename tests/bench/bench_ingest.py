"""What does a message cost from the broker to the database, beside the pipeline that most tutorials show?

Run as `python tests/bench/bench_ingest.py` (or `make bench`). Mosquitto, InfluxDB 1.x, a publisher and the
pipeline share the machine; each message is about 120 B of JSON from one of 1000 devices. What is compared is
CPU-seconds of the pipeline's process per million messages, until InfluxDB has them all: arterial with full
schema and range checks, duplicate check and a durable spool, and paho + json + influxdb-client without any of
them, in the same run. Ratios travel between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.live.brokers import LiveBroker  # noqa: E402
from tests.live.influx_server import create_database, influxd_with_v2_writes  # noqa: E402

PARTS = Path(__file__).with_name("ingest_parts.py")
PATIENCE_S = 300


@dataclass(frozen=True)
class Case:
    """One pipeline under one load."""

    pipeline: str
    qos: int
    messages: int
    devices: int = 1000
    rate: int = 15_000
    client: str = "fast"

    @property
    def name(self) -> str:
        what = f"{self.pipeline} ({self.client})" if self.pipeline == "arterial" else self.pipeline
        return f"{what}, QoS {self.qos}, {self.devices:,} devices"


def child(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(PARTS), *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def measured(case: Case, broker: LiveBroker, influx: str, folder: Path, number: int) -> dict[str, Any]:
    """Run one case in processes of its own."""
    database = f"bench{number}"
    create_database(influx, database)
    pipeline = child(
        *(
            case.pipeline,
            broker.port,
            influx,
            database,
            case.messages,
            case.qos,
            folder / database,
            case.client,
        )
    )
    publisher = None
    try:
        assert pipeline.stdout is not None
        ready = pipeline.stdout.readline()
        assert ready == "ready\n", f"{case.name}: {ready!r}"
        publisher = child("publish", broker.port, case.messages, case.qos, case.devices, case.rate)
        result: dict[str, Any] = json.loads(pipeline.communicate(timeout=PATIENCE_S)[0].splitlines()[-1])
        publisher.communicate(timeout=PATIENCE_S)
    finally:
        for process in filter(None, (pipeline, publisher)):
            process.kill()
            process.wait()
    return {
        "case": case.name,
        **case.__dict__,
        **result,
        "in_database": count(influx, database),
        "cpu_s_per_million": round(result["cpu_s"] / case.messages * 1e6, 2),
    }


def count(influx: str, database: str) -> int:
    """Points in the database, by asking it."""
    where = f"{influx}/query?db={database}&q={quote('SELECT count(volume_m3) FROM water')}"
    with urllib.request.urlopen(where, timeout=60) as answer:
        series = json.load(answer)["results"][0].get("series")
    return int(series[0]["values"][0][1]) if series else 0


def cases(messages: int, only: str) -> list[Case]:
    """Both pipelines at QoS 0 and 1, the paho link for comparison, and arterial with ever more devices."""
    found = [
        Case("arterial", 0, messages),
        Case("arterial", 1, messages),
        Case("tutorial", 0, messages // 4, rate=3_000),
        Case("tutorial", 1, messages // 4, rate=3_000),
        Case("arterial", 1, messages // 2, client="paho", rate=6_000),
        Case("arterial", 1, messages, devices=10_000),
        Case("arterial", 1, messages, devices=100_000),
    ]
    return [case for case in found if only in case.name]


def show(results: list[dict[str, Any]]) -> None:
    print(f"{'':<44}{'CPU-s/M':>9}{'msg/s':>9}{'RSS MiB':>9}{'stored':>10}{'of':>10}")
    for r in results:
        print(
            f"{r['case']:<44}{r['cpu_s_per_million']:>9.2f}{r['messages'] / r['seconds']:>9,.0f}"
            f"{r['rss_mib']:>9.0f}{r['in_database']:>10,}{r['messages']:>10,}"
        )
    costs = {(r["pipeline"], r["client"], r["qos"], r["devices"]): r["cpu_s_per_million"] for r in results}
    for qos in (0, 1):
        ours, theirs = costs.get(("arterial", "fast", qos, 1000)), costs.get(("tutorial", "fast", qos, 1000))
        if ours and theirs:
            print(f"QoS {qos}: {theirs / ours:.1f} times less CPU than the tutorial pipeline")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=200_000)
    options.add_argument("--only", default="", help="run the cases whose name contains this")
    options.add_argument("--json", type=Path, default=ROOT / "var" / "bench" / "ingest.json")
    given = options.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="arterial-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        broker = LiveBroker("mosquitto", folder)
        broker.start()
        stack.callback(broker.stop)
        influx = stack.enter_context(influxd_with_v2_writes(folder / "influx"))
        for number, case in enumerate(cases(given.messages, given.only)):
            print(f"{case.name} ...", file=sys.stderr, flush=True)
            results.append(measured(case, broker, influx, folder, number))
    show(results)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"written to {given.json}")


if __name__ == "__main__":
    main()
