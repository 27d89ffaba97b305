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

from gateway.programs.broker_programs import free_port
from tests.live.city import City, Live, kill
from tests.live.numbered import Published, Verdict, verdict

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

    def settle(self, quiet_s: float = 2.5, patience_s: float = 60.0) -> Live:
        """Wait until nothing has come for `quiet_s` and the store has everything; the books balance then."""
        last: list[tuple[int, float]] = [(0, time.monotonic())]

        def quiet(live: Live) -> bool:
            books = live["pipeline"]
            if not (books["balanced"] and books["waiting"] == 0):
                return False
            if books["kinds"].get("water", 0) != last[0][0]:
                last[0] = (books["kinds"].get("water", 0), time.monotonic())
            return time.monotonic() - last[0][1] > quiet_s

        live = self.until("rest", quiet, patience_s)
        books = live["pipeline"]
        assert books["received"] == books["stored"] + books["refused"] + books["duplicate"]
        return live


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


def in_influx(url: str, database: str = "city") -> list[int]:
    """The numbers in an InfluxDB 1.x, one per row."""
    query = {"db": database, "q": "SELECT volume_m3 FROM water", "epoch": "ns"}
    answer = httpx.get(f"{url}/query", params=query, timeout=60).json()
    series = answer["results"][0].get("series", [{"values": []}])
    return [round(value) for _, value in series[0]["values"]]


def in_duckdb(folder: Path) -> list[int]:
    """The numbers in the DuckDB file of a plant that has ended, one per row."""
    with duckdb.connect(str(folder / "arterial.duckdb"), read_only=True) as db:
        return [round(row[0]) for row in db.execute("SELECT volume_m3 FROM water").fetchall()]


def held(published: Published, found: Callable[[], list[int]], patience_s: float = 10.0) -> Verdict:
    """The verdict once it is good, or the last one when it does not become so in time."""
    deadline_s = time.monotonic() + patience_s
    while True:
        said = verdict(published, found())
        if said == Verdict(0, 0) or time.monotonic() > deadline_s:
            return said
        time.sleep(0.5)
