"""How does a simulated city live in a process of its own: paced, on MQTT, and remembered?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import signal
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from signal_control.model import Intersection, intersections_in
from simulators.cabinet import Cabinet
from simulators.city import City
from simulators.faulty import afflict
from simulators.fleet import fleets
from simulators.line import Broker, Line
from simulators.ntcip_street import NtcipLine, NtcipStreet
from simulators.pace import Pace
from simulators.street import Street

log = logging.getLogger(__name__)

SAVE_EVERY_MS = 600_000
_LAG_ALLOWED = 0.5
"""Below this share of the wanted speed the log gets one warning."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is told on its command line."""

    config: Path
    street: Path
    broker: Broker
    speed: float
    seed: int
    start_ms: int
    seconds: float | None
    """Simulated seconds to run; None is until told to stop."""
    devices: Mapping[str, int]
    """How many of each file in simulators/devices."""
    twin: bool
    watch_stdin: bool
    faults: Mapping[str, int] = field(default_factory=dict)
    """How many devices have each fault of simulators.faulty."""


async def run(options: RunOptions) -> None:
    """Run a city until its time is up, a signal or the end of stdin; a twin keeps to the street's clock."""
    site, intersections = read_config(options.config)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    if options.watch_stdin:
        _stop_on_eof(stop)
    street = Street(options.street, intersections, options.seed, options.start_ms)
    line = None if options.twin else NtcipLine.told(os.environ)
    cabinets = NtcipStreet(street, intersections, options.start_ms) if line else None
    try:
        if cabinets is not None and line is not None:
            await cabinets.listen(line)
        city = build_city(options, site, intersections, street, cabinets)
        await _live(options, city, site, stop, cabinets)
    finally:
        if cabinets is not None:
            cabinets.close()
        street.close()


def read_config(path: Path) -> tuple[str, list[Intersection]]:
    """Site and intersections of a city file; KeyError or ValueError when they are not there or unsound."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return data["city"]["site"], list(intersections_in(data))


def build_city(
    options: RunOptions,
    site: str,
    intersections: list[Intersection],
    street: Street,
    ntcip: NtcipStreet | None = None,
) -> City:
    """The city on `street`, with its devices where an earlier run left them; `ntcip` has its own cabinets."""
    start = options.start_ms
    cabinets = {} if ntcip else {node.id: Cabinet(node, start) for node in intersections}
    found = [] if options.twin else fleets(options.devices, options.seed, start)
    kept = load_kept(options.street / "devices.json")
    for fleet in found:
        fleet.resume(kept)
    for device, fault in afflict(found, {} if options.twin else options.faults, options.seed).items():
        log.warning("%s has a fault: %s", device, fault)
    return City(ntcip or street, cabinets, found, site, twin=options.twin)


def load_kept(path: Path) -> dict[str, float]:
    """The devices' values of an earlier run; nothing when there was none or its file is illegible."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as fault:
        log.warning("%s is illegible, meters begin anew: %s", path, fault)
        return {}
    pairs = kept.items() if isinstance(kept, dict) else ()
    numbers = {str(name): float(value) for name, value in pairs if isinstance(value, int | float)}
    return {name: value for name, value in numbers.items() if 0 <= value < math.inf}


def save_kept(path: Path, kept: dict[str, float]) -> None:
    """Write the devices' values, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(fresh, path)


async def _live(
    options: RunOptions, city: City, site: str, stop: asyncio.Event, ntcip: NtcipStreet | None
) -> None:
    line = Line(options.broker, f"arterial-{'twin' if options.twin else 'street'}-{site}")
    leash = Leash(f"arterial/{site}/clock/street")
    if options.twin:
        line.on(leash.topic, 0, leash.hear)
    else:
        line.on(city.commands, 1, city.receive)
        line.on("spBv1.0/+/NCMD/+", 0, city.hear)
    carrying = asyncio.create_task(line.run(), name="broker line")
    try:
        await _walk(options, city, line, leash, stop, carrying, ntcip)
        await line.flush(2.0)
    finally:
        if not options.twin:
            save_kept(options.street / "devices.json", city.kept())
        carrying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await carrying


async def _walk(
    options: RunOptions,
    city: City,
    line: Line,
    leash: Leash,
    stop: asyncio.Event,
    carrying: asyncio.Task[None],
    ntcip: NtcipStreet | None,
) -> None:
    """Step after step at the pace that is wanted, or the one that is possible."""
    pace, before_ms, warned = Pace(options.speed, time.monotonic()), options.start_ms, False
    end_ms = options.start_ms + options.seconds * 1000 if options.seconds else None
    saved_ms = options.start_ms
    while not stop.is_set() and not carrying.done() and (end_ms is None or city.now_ms < end_ms):
        for message in city.step():
            line.send(message)
        wait_s = pace.wait_s((city.now_ms - before_ms) / 1000, time.monotonic())
        before_ms, city.speed = city.now_ms, pace.true_speed
        if city.speed < _LAG_ALLOWED * options.speed and not (warned or options.twin):
            warned = True
            log.warning("this machine runs the city at %.1f x, not %g x", city.speed, options.speed)
        if city.now_ms - saved_ms >= SAVE_EVERY_MS and not options.twin:
            saved_ms = city.now_ms
            save_kept(options.street / "devices.json", city.kept())
        await (asyncio.sleep(wait_s) if ntcip is None else ntcip.catch_up(city.now_ms, wait_s))
        await leash.wait(city.now_ms)


class Leash:
    """Keeps a twin from running ahead of the street's clock while that clock is heard."""

    AHEAD_MS = 2000
    _DEAF_S = 5.0

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._street_ms, self._heard_s = 0, -1e9
        self._news = asyncio.Event()

    def hear(self, topic: str, payload: bytes) -> None:
        """A clock message."""
        try:
            self._street_ms = int(json.loads(payload)["t"])
        except (ValueError, KeyError, TypeError):
            return
        self._heard_s = time.monotonic()
        self._news.set()

    async def wait(self, now_ms: int) -> None:
        """Wait until a twin whose clock shows `now_ms` may go on; at most as long as the street is heard."""
        while now_ms > self._street_ms + self.AHEAD_MS and time.monotonic() - self._heard_s < self._DEAF_S:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), 1.0)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: KeyboardInterrupt ends the run instead
            return


def _stop_on_eof(stop: asyncio.Event, read: Callable[[int], bytes] | None = None) -> None:
    """Stop when whoever holds the other end of stdin is gone."""
    loop, source = asyncio.get_running_loop(), read or (lambda size: os.read(0, size))

    def wait() -> None:
        while source(1024):
            pass
        with contextlib.suppress(RuntimeError):  # the loop has ended first
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()
