"""What does a monitoring system see of several ingest workers? One page for all, from their disks.

The workers have no board; whoever looks after them answers `GET /metrics` on the board's address.
"""

from __future__ import annotations

import logging
import platform
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from storage.books import Books, on_disk

log = logging.getLogger(__name__)

UNKNOWN: Final = "unknown"
_COLUMNS: Final = ("received", "stored", "refused", "duplicate")

Running = Callable[[], Mapping[str, bool]]
"""Which workers there are by name (`worker-1`), and whether each runs."""


def books_of_each(var: Path, store: str) -> dict[str, Books]:
    """The books of every worker under `var` by its name, as `store` sees them; reads their disks."""
    found: dict[str, Books] = {}
    for path in sorted(var.glob("worker-*/spool.sqlite")):
        try:
            found[path.parent.name] = on_disk(path, store)
        except sqlite3.Error as error:  # it is about to be made
            log.info("%s: %s", path, error)
    return found


class CrewCollector(Collector):
    """Reads everything when it is scraped; no label takes a value that a device can choose."""

    def __init__(self, var: Path, store: str, running: Running) -> None:
        self._var, self._store, self._running = var, store, running

    def collect(self) -> Iterator[Metric]:
        """The books of every worker and kind, and who runs."""
        books = books_of_each(self._var, self._store)
        for column in _COLUMNS:
            counter = CounterMetricFamily(
                f"arterial_readings_{column}",
                f"Readings {column}, a refused payload counting as one; since ever.",
                labels=("worker", "store", "kind"),
            )
            for worker, found in books.items():
                for kind, account in found.kinds.items():
                    counter.add_metric((worker, self._store, kind or UNKNOWN), getattr(account, column))
            yield counter
        waiting = {worker: float(found.waiting) for worker, found in books.items()}
        balanced = {worker: float(found.balanced) for worker, found in books.items()}
        running = {worker: float(runs) for worker, runs in self._running().items()}
        yield self._gauge("arterial_spool_readings", "Readings that wait in the spool.", waiting)
        yield self._gauge(
            "arterial_books_balanced", "1 when received = stored + refused + duplicate + waiting.", balanced
        )
        yield self._gauge("arterial_worker_running", "1 while the worker's process runs.", running)
        build = {"version": version("arterial"), "python": platform.python_version()}
        yield InfoMetricFamily("arterial_build", "Which program this is.", build)

    def _gauge(self, name: str, doc: str, values: Mapping[str, float]) -> Metric:
        gauge = GaugeMetricFamily(name, doc, labels=("worker",))
        for worker, value in sorted(values.items()):
            gauge.add_metric((worker,), value)
        return gauge


@contextmanager
def answering(collector: Collector, host: str, port: int) -> Iterator[None]:
    """Answer scrapes while the block runs; where the port is taken the log says so, and the work goes on."""
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        log.warning("no metrics at %s:%d: %s", host, port, error)
        yield
        return
    log.info("metrics at http://%s:%d/metrics", host, port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
