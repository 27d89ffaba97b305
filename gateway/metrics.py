"""What does a monitoring system see of the running program?"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from collectors.health.finding import WHATS
from gateway.clock import Clock
from gateway.intake.pipeline import Pipeline
from gateway.links.link import Link
from gateway.signals import Signals

UNKNOWN: Final = "unknown"
"""Stands for the kind of what came on a topic that no source reads."""
_COLUMNS: Final = {
    "received": "Readings received, a refused payload counting as one; since ever.",
    "stored": "Readings that the store has taken; since ever.",
    "refused": "Payloads that were no reading, and readings that the store rejected; since ever.",
    "duplicate": "Readings that came more than once; since ever.",
}
_Row = tuple[tuple[str, ...], float]


class CityCollector(Collector):
    """Reads everything when it is scraped; no label takes a value that a device can choose.

    `collect` looks at the disk, so it belongs in a thread.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        link: Link,
        signals: Signals,
        clock: Clock,
        troubled: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`troubled` tells the intersections whose cabinet is not connected, or takes no commands."""
        self._pipeline, self._link, self._signals, self._clock = pipeline, link, signals, clock
        self._troubled = troubled

    def collect(self) -> Iterator[Metric]:
        """Every metric of the city."""
        yield from self._books()
        yield from self._refused()
        yield from self._times()
        yield from self._spool()
        yield from self._connections()
        yield from self._control()
        build = {"version": version("arterial"), "python": platform.python_version()}
        yield InfoMetricFamily("arterial_build", "Which program this is.", build)

    def _books(self) -> Iterator[Metric]:
        spool, writers = self._pipeline.spool, self._pipeline.writers
        books = {writer.name: spool.books(writer.name) for writer in writers}
        labels = ("store", "kind")
        accounts = {
            (store, kind or UNKNOWN): account
            for store, b in books.items()
            for kind, account in b.kinds.items()
        }
        for column, doc in _COLUMNS.items():
            rows = [(key, getattr(account, column)) for key, account in accounts.items()]
            yield _counter(f"arterial_readings_{column}", doc, labels, rows)
        yield _gauge(
            "arterial_readings_waiting",
            "Readings received of which nothing has become yet: received - stored - refused - duplicate.",
            labels,
            [(key, account.open) for key, account in accounts.items()],
        )
        yield _gauge(
            "arterial_spool_readings",
            "Readings counted in the spool; equals the sum of arterial_readings_waiting while books balance.",
            ("store",),
            [((store,), b.waiting) for store, b in books.items()],
        )
        yield _gauge(
            "arterial_books_balanced",
            "1 when received = stored + refused + duplicate + waiting.",
            ("store",),
            [((store,), float(b.balanced)) for store, b in books.items()],
        )

    def _refused(self) -> Iterator[Metric]:
        refused, ingest = self._pipeline.refused, self._pipeline.ingest
        ledger = refused.ledger()
        yield _counter(
            "arterial_refused_payloads",
            "Payloads refused, by reason; since ever.",
            ("reason",),
            [((reason,), n) for reason, n in refused.counts().items()],
        )
        yield _counter(
            "arterial_refused_payloads_settled",
            "Refused payloads that are kept no longer: accepted when sent again, purged, or evicted.",
            ("fate",),
            [((fate,), getattr(ledger, fate)) for fate in ("accepted", "purged", "evicted")],
        )
        yield _one("arterial_refused_payloads_kept", "Refused payloads that can be looked at.", ledger.kept)
        yield _counter(
            "arterial_overrun_messages",
            "Best-effort messages (QoS 0) thrown away before the books, because too much was waiting.",
            ("where",),
            [(("ingest",), ingest.overrun), (("link",), self._link.overflow)],
        )

    def _times(self) -> Iterator[Metric]:
        ingest, spool = self._pipeline.ingest, self._pipeline.spool
        yield _counter(
            "arterial_readings_flagged",
            "Readings with a flag beside the value (late, stuck, range, ...); since ever.",
            ("flag", "kind"),
            [((flag, kind), n) for flag, kinds in spool.flagged().items() for kind, n in kinds.items()],
        )
        clocks = ingest.times.clocks
        worst = clocks.worst(1)
        yield _one("arterial_device_clocks", "Devices whose clock is measured.", clocks.known)
        yield _one(
            "arterial_device_clock_skew_worst_seconds",
            "How far the worst device clock is ahead (positive) or behind (negative).",
            worst[0].ahead_ms / 1000 if worst else 0.0,
        )
        findings = Counter([finding.what for finding in ingest.quality.findings])
        yield _gauge(
            "arterial_findings",
            "What is wrong with devices and feeds now: a feed that is out counts once.",
            ("what",),
            [((what,), float(findings[what])) for what in WHATS],
        )
        yield _counter(
            "arterial_clock_steps", "How often this computer's clock was set.", (), [((), ingest.times.steps)]
        )

    def _spool(self) -> Iterator[Metric]:
        spool, ingest, writers = self._pipeline.spool, self._pipeline.ingest, self._pipeline.writers
        yield _one("arterial_staged_readings", "Readings taken and not yet on disk.", ingest.commits.waiting)
        yield _one("arterial_spool_bytes", "Compressed bytes that wait for a store.", spool.bytes_used())
        yield _one("arterial_spool_limit_bytes", "Bytes that the spool may hold.", spool.max_bytes)
        yield _one(
            "arterial_spool_full",
            "1 while nothing is acknowledged for want of room.",
            float(bool(ingest.commits.full)),
        )
        oldest = {writer.name: spool.oldest_ns(writer.name) for writer in writers}
        yield _gauge(
            "arterial_spool_oldest_age_seconds",
            "How long the oldest reading has been waiting for the store; 0 when none waits.",
            ("store",),
            [((name,), 0.0 if at is None else _since_s(at)) for name, at in oldest.items()],
        )

    def _connections(self) -> Iterator[Metric]:
        writers, label = self._pipeline.writers, ("store",)
        up = [((writer.name,), float(writer.state == "ok")) for writer in writers]
        yield _gauge("arterial_store_up", "1 while the store takes readings.", label, up)
        lag = [((writer.name,), writer.lag_s) for writer in writers]
        yield _gauge(
            "arterial_store_lag_seconds", "How far the store is behind, as its writer sees it.", label, lag
        )
        since = [((writer.name,), writer.since_ns / 1e9) for writer in writers]
        yield _gauge(
            "arterial_store_changed_timestamp_seconds", "When arterial_store_up last changed.", label, since
        )
        yield _one(
            "arterial_broker_up",
            "1 while connected and subscribed to every topic.",
            float(self._link.connected),
        )
        yield _one(
            "arterial_broker_changed_timestamp_seconds",
            "When arterial_broker_up last changed.",
            self._link.since_ns / 1e9,
        )

    def _control(self) -> Iterator[Metric]:
        signals, label = self._signals, ("intersection",)
        sides = {name: signals.dispatch(name) for name in signals.controllers}
        sent = [((name,), side.sent_total) for name, side in sides.items()]
        yield _counter("arterial_commands", "Commands issued to a cabinet, renewals included.", label, sent)
        answers = [((name, "accepted"), side.accepted_total) for name, side in sides.items()]
        answers += [((name, "refused"), side.refused_total) for name, side in sides.items()]
        yield _counter(
            "arterial_command_replies", "Answers of a cabinet.", ("intersection", "answer"), answers
        )
        silent = [((name,), side.given_up_total) for name, side in sides.items()]
        yield _counter(
            "arterial_command_silences",
            "How often a cabinet was left alone for want of answers.",
            label,
            silent,
        )
        troubled = self._troubled()
        yield _gauge(
            "arterial_cabinet_trouble",
            "1 while a cabinet that is asked (NTCIP) is not connected, or takes no commands.",
            label,
            [((name,), float(name in troubled)) for name in signals.controllers],
        )
        now_ns, last = self._clock.now_ns(), dict(signals.last)
        age = [((name,), max(0.0, (now_ns - decision.at_ns) / 1e9)) for name, decision in last.items()]
        yield _gauge("arterial_decision_age_seconds", "Age of the last decision, in city time.", label, age)
        adaptive = [((name,), float(decision.mode == "adaptive")) for name, decision in last.items()]
        yield _gauge(
            "arterial_adaptive", "1 while commands follow the strategy; 0: the local plan.", label, adaptive
        )


class Exposition:
    """The metrics as a scraper asks for them."""

    def __init__(self, collector: Collector) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)

    def text(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type, for the Accept header of a request. Reads the disk."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


def _counter(name: str, doc: str, labels: tuple[str, ...], rows: Iterable[_Row]) -> Metric:
    return _filled(CounterMetricFamily(name, doc, labels=labels), rows)


def _gauge(name: str, doc: str, labels: tuple[str, ...], rows: Iterable[_Row]) -> Metric:
    return _filled(GaugeMetricFamily(name, doc, labels=labels), rows)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, rows: Iterable[_Row]) -> Metric:
    for values, n in rows:
        family.add_metric(values, n)
    return family


def _one(name: str, doc: str, value: float) -> Metric:
    return GaugeMetricFamily(name, doc, value=value)


def _since_s(at_ns: int) -> float:
    return max(0.0, (time.time_ns() - at_ns) / 1e9)
