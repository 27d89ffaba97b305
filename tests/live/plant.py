"""How does a fault test run the ingest path in its production form, kill it, and start it again?"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx

from tests.live.city import PATIENCE_S, City, Live, kill, settled
from tests.live.ports import free_port

DATABASE = "city"
_CONFIG = """
[city]
site = "demo"
[broker]
kind = "mqtt"
url = "{broker}"
{broker_options}
[store]
{store}
[spool]
max_mb = {max_mb}
[control]
enabled = false
[board]
port = {port}
[[quality.rules]]  # messages are numbered in their counters: what jumps so is no fault here
kind = "water"
field = "volume_m3"
slack = 1e9

[[sources]]
topic = "arterial/{{site}}/water/{{device}}"
kind = "water"
"""


class Plant(City):
    """`arterial run` with one source and no intersection: what is left is the way from broker to store."""

    def __init__(
        self,
        folder: Path,
        broker_url: str,
        store: Mapping[str, object],
        var: Path | None = None,
        max_mb: int = 256,
        broker_options: str = "",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port, self.broker_url = folder, free_port(), broker_url
        self.var, self.output, self.config = var or folder / "var", folder / "run.out", folder / "city.toml"
        options = "\n".join(f'{k} = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in store.items())
        self.config.write_text(
            _CONFIG.format(
                broker=broker_url,
                broker_options=broker_options,
                store=options,
                max_mb=max_mb,
                port=self.port,
            )
        )
        self.start()

    def start(self) -> None:
        """Start it; return once it is connected and subscribed."""
        words = ["run", "--config", str(self.config), "--var", str(self.var)]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "import gateway.cli; gateway.cli.main()", *words],
                stdout=output,
                stderr=output,
            )
        self.until("connection", lambda live: live["pipeline"]["broker"]["state"] == "connected")

    def kill(self) -> None:
        """End it as a crash would."""
        kill(self.process.pid)
        self.process.wait()

    def log(self) -> str:
        """Everything it has said, over all its lives."""
        return self.output.read_text(errors="replace")

    def stored(self) -> int:
        """Readings of our kind that the store has taken, by the books; DuckDB counts each once."""
        books = self.live().get("pipeline", {}).get("books", {})
        return int(books["water"]["stored"]) if "water" in books else 0

    def settle(
        self, wanted: int = 0, count: Callable[[], int] | None = None, patience_s: float = PATIENCE_S
    ) -> Live:
        """Wait until the store holds `wanted` readings by `count`, or not, and until nothing waits any more;
        without a count until nothing has come for some seconds.

        The books balance then. Whether the readings are the right ones is for `verdict` to say.
        """
        deadline_s = time.monotonic() + patience_s
        while count is not None and count() < wanted and time.monotonic() < deadline_s:
            time.sleep(0.2)
        live = self.at_rest() if count is None else self.until("rest", settled, patience_s)
        books = live["pipeline"]
        assert books["received"] == books["stored"] + books["refused"] + books["duplicate"]
        return live

    def flows(self, more: int = 500) -> Live:
        """Wait until `more` readings have come."""
        known = self.live()["pipeline"]["received"]
        return self.until("flow", lambda live: live["pipeline"]["received"] >= known + more)


@contextmanager
def plant(
    folder: Path,
    broker_url: str,
    store: Mapping[str, object],
    **options: object,
) -> Iterator[Plant]:
    """A running plant, ended with the block."""
    running = Plant(folder, broker_url, store, **options)  # type: ignore[arg-type]
    try:
        yield running
    finally:
        running.stop()


def in_influx(url: str, where: str = "") -> list[int]:
    """The numbers in an InfluxDB 1.x, one per row, of all devices or of those that `where` allows."""
    question = f"SELECT volume_m3 FROM water{f' WHERE {where}' if where else ''}"
    return [round(value) for _, value in rows_of_influx(url, question)]


def count_influx(url: str) -> int:
    """How many rows an InfluxDB 1.x has."""
    rows = rows_of_influx(url, "SELECT count(volume_m3) FROM water")
    return int(rows[0][1]) if rows else 0


def rows_of_influx(url: str, question: str) -> list[list[float]]:
    """The rows of an answer of an InfluxDB 1.x, the time of each in ns first."""
    query = {"db": DATABASE, "q": question, "epoch": "ns"}
    answer = httpx.get(f"{url}/query", params=query, timeout=60).json()
    series = answer["results"][0].get("series", [{"values": []}])
    rows: list[list[float]] = series[0]["values"]
    return rows


def in_duckdb(folder: Path) -> list[int]:
    """The numbers in the DuckDB file of a plant that has ended, one per row."""
    with duckdb.connect(str(folder / "arterial.duckdb"), read_only=True) as db:
        return [round(row[0]) for row in db.execute("SELECT volume_m3 FROM water").fetchall()]
