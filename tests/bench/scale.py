"""How many brokers, workers, stores and disks does a city of so many devices need, by costs measured here?

Run as `python tests/bench/scale.py` it prints the tables of docs/scale.md; `--write` puts them there. The
costs are those of one machine: bench_ingest.py and bench_disk.py measure them on yours (`--costs file.json`).
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scale.md"
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
DAY_S, MONTH_D, YEAR_D = 86_400, 31, 365


@dataclass(frozen=True)
class Costs:
    """What one message or reading costs: CPU-seconds per million, bytes on disk."""

    broker_cpu: float = 23.5
    """mosquitto, QoS 1 in and out, per message."""
    worker_cpu: float = 9.5
    """arterial from broker to store, per message with one reading; a reading more is charged the same."""
    store_cpu: float = 7.4
    """InfluxDB 1.6.7 or VictoriaMetrics while it is written to, per reading of three numbers."""
    influx_bytes: float = 20.5
    victoria_bytes: float = 11.6
    duckdb_bytes: float = 18.4
    spool_bytes: float = 26.2
    """While it waits for a store that is away."""
    wire_bytes: float = 190.0
    """A message of 120 B with its topic, its headers and those of TCP/IP, one way."""


@dataclass(frozen=True)
class Class:
    """One sort of device."""

    name: str
    share: float
    """Of all devices."""
    every_s: float
    readings: float
    """In one message."""


CITY = (
    Class("meters", 0.90, 900, 1),
    Class("bins, air, parking, lamps", 0.099, 300, 1),
    Class("signalised intersections", 0.001, 1, 7.6),
)
"""7.6 events a second are those of three real intersections from 15 to 18 h (the log of the replay test)."""


@dataclass(frozen=True)
class Rules:
    """How full things may be."""

    peak: float = 4.0
    """The busiest minute against the mean: meters like full quarters of an hour."""
    core: float = 0.6
    """Of a core at the peak."""
    connections: int = 500_000
    """Devices on one node of a clustered broker."""
    broker_cores: int = 8
    """Cores that a node of a clustered broker has; mosquitto uses one."""
    spare: int = 1
    """Workers, and nodes of a cluster, more than needed: one may die at the peak."""


@dataclass(frozen=True)
class Load:
    """What a city of `devices` sends on average, each second."""

    devices: int
    messages: float
    readings: float
    events: float
    """Those of `readings` that intersections send."""


def load(devices: int) -> Load:
    """The mean load of a city whose devices are mixed as in CITY."""
    messages = sum(devices * c.share / c.every_s for c in CITY)
    readings = sum(devices * c.share / c.every_s * c.readings for c in CITY)
    events = sum(devices * c.share / c.every_s * c.readings for c in CITY if c.readings > 1)
    return Load(devices, messages, readings, events)


@dataclass(frozen=True)
class Need:
    """What the load asks for."""

    load: Load
    broker_cores: float
    worker_cores: float
    store_cores: float
    brokers: int
    workers: int
    influx_day_gb: float
    victoria_day_gb: float
    outage_gb: float
    """Of spool for one hour without a store, all workers together."""
    mbit_s: float
    """Into the brokers, and as much out of them to the workers, at the peak."""


def need(devices: int, costs: Costs, rules: Rules) -> Need:
    """Cores at the peak, processes and gigabytes for so many devices."""
    found = load(devices)
    broker = found.messages * rules.peak * costs.broker_cpu / 1e6
    worker = found.readings * rules.peak * costs.worker_cpu / 1e6
    store = found.readings * rules.peak * costs.store_cpu / 1e6
    alone = broker <= rules.core and devices <= rules.connections
    nodes = max(devices / rules.connections, broker / (rules.broker_cores * rules.core))
    brokers = 1 if alone else math.ceil(nodes) + rules.spare
    workers = math.ceil(worker / rules.core)
    day = found.readings * DAY_S / 1e9
    return Need(
        load=found,
        broker_cores=broker,
        worker_cores=worker,
        store_cores=store,
        brokers=brokers,
        workers=workers if alone else workers + rules.spare,
        influx_day_gb=day * costs.influx_bytes,
        victoria_day_gb=day * costs.victoria_bytes,
        outage_gb=found.readings * 3600 * costs.spool_bytes / 1e9,
        mbit_s=found.messages * rules.peak * costs.wire_bytes * 8 / 1e6,
    )


def tables(costs: Costs, rules: Rules) -> dict[str, str]:
    """The tables of the document by name, as Markdown."""
    needs = [need(devices, costs, rules) for devices in SIZES]
    return {
        "costs": _costs(costs),
        "load": _table(
            ("devices", "messages/s", "readings/s", "messages/s at the peak", "Mbit/s at the peak"),
            [
                (n.load.devices, n.load.messages, n.load.readings, n.load.messages * rules.peak, n.mbit_s)
                for n in needs
            ],
        ),
        "processes": _table(
            (
                *("devices", "broker cores", "worker cores", "store cores"),
                *("broker nodes", "workers", "series in InfluxDB", "series in VictoriaMetrics"),
            ),
            [
                (
                    *(n.load.devices, n.broker_cores, n.worker_cores, n.store_cores),
                    *(n.brokers, n.workers, n.load.devices, 4 * n.load.devices),
                )
                for n in needs
            ],
        ),
        "disk": _table(
            (
                *("devices", "InfluxDB GB/day", "VictoriaMetrics GB/day", "VictoriaMetrics, 31 days"),
                *("meters and sensors, a year", "spool for an hour"),
            ),
            [
                (
                    *(n.load.devices, n.influx_day_gb, n.victoria_day_gb, MONTH_D * n.victoria_day_gb),
                    YEAR_D * n.victoria_day_gb * (1 - n.load.events / n.load.readings),
                    n.outage_gb,
                )
                for n in needs
            ],
        ),
    }


def _costs(costs: Costs) -> str:
    return _table(
        ("", "CPU-s per million", "bytes"),
        [
            ("mosquitto, QoS 1 in and out, a message", costs.broker_cpu, costs.wire_bytes),
            ("arterial, broker to store, a reading", costs.worker_cpu, ""),
            ("its spool, while the store is away", "", costs.spool_bytes),
            ("InfluxDB 1.6.7", costs.store_cpu, costs.influx_bytes),
            ("VictoriaMetrics 1.79", costs.store_cpu, costs.victoria_bytes),
            ("DuckDB", "", costs.duckdb_bytes),
        ],
    )


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" if i == 0 else "---:" for i in range(len(head)))]
    lines += [tuple(_shown(value) for value in row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(value: object) -> str:
    """A number with three digits that count; words as they are."""
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, digits):,.{min(digits, 4)}f}"


def filled(text: str, made: dict[str, str]) -> str:
    """`text` with each table between its two marks. Raises ValueError for a mark that is missing."""
    for name, table in made.items():
        first, last = f"<!-- table: {name} -->\n", f"\n<!-- end: {name} -->"
        before, after = text.index(first) + len(first), text.index(last)
        text = f"{text[:before]}{table}{text[after:]}"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--costs", type=Path, help="JSON with any of the fields of Costs")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    given = parser.parse_args()
    costs = Costs(**json.loads(given.costs.read_text())) if given.costs else Costs()
    made = tables(costs, Rules())
    if given.write:
        DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), made), encoding="utf-8")
        return
    for name, table in made.items():
        print(f"\n{name}\n{table}")


if __name__ == "__main__":
    main()
