"""How does a simulated city with scripted incidents run under the rules of alarms, without any wall clock?

Devices, detectors, cabinets and their messages are the simulators'; what reads, decides and raises is what
production runs. Only the stores are a script's: a table of their health.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collectors.reading import BadPayload, Reading
from collectors.skew import Clocks
from gateway.alarms.alarm import Happening
from gateway.alarms.health import Health, StoreHealth
from gateway.alarms.looking import cabinets
from gateway.alarms.rule import Known
from gateway.alarms.settings import AlarmTables
from gateway.alarms.watching import Watching
from gateway.cabinet_messages import decode_reply, encode
from gateway.config.settings import Settings, load
from gateway.devices.facts import DeviceFacts
from gateway.intake.pipeline import read_sources
from gateway.quality.feeds import Feeds
from gateway.quality.health import DeviceHealth
from gateway.signals import Signals
from gateway.topics import control, of
from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.city import City, Outgoing
from simulators.fleet import Fleet, device_files
from simulators.plain_street import PlainStreet

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
START_MS = 1_772_323_200_000
"""2026-03-01, midnight."""

Distort = Callable[[str, str, dict[str, Any]], dict[str, Any] | None]
"""(kind, device, what it sends) -> what arrives; None: nothing."""


@dataclass
class Drill:
    """A city that incidents may be staged in; `distortions` come between devices and broker, by name."""

    city_file: str = "demo.toml"
    intersections: int = 1
    meters: int = 30
    bins: int = 12
    veh_h: float = 150.0
    strategy: str = "max_pressure"
    tables: AlarmTables = field(default_factory=AlarmTables)
    distortions: dict[str, Distort] = field(default_factory=dict)
    health: Health = field(default_factory=lambda: Health(stores=(StoreHealth("store"),), refused=0))

    def __post_init__(self) -> None:
        self.settings: Settings = load(CONFIGS / self.city_file)
        self.nodes = tuple(_suited(x) for x in self.settings.intersections[: self.intersections])
        self.site = self.settings.city.site
        self.street = PlainStreet(self.nodes, 1, START_MS, self.veh_h)
        self.cabinets = {node.id: Cabinet(node, START_MS) for node in self.nodes}
        wanted = {"meters": self.meters, "bins": self.bins}
        files = device_files()
        fleets = [
            Fleet(files[name].create(n, 1), files[name].EVERY_MS, START_MS) for name, n in wanted.items() if n
        ]
        self.city = City(self.street, self.cabinets, fleets, self.site, terse=True)
        self.signals = Signals(self.site, self.nodes, self.strategy)
        self.watching = Watching(self.tables, Known(self.nodes))
        self.sources = read_sources(self.settings)
        self.clocks = Clocks()
        self.facts = DeviceFacts({})
        self.device_health = DeviceHealth(Feeds())
        self.extra: list[Outgoing] = []
        self.happened: list[Happening] = []
        self.commanded = True
        self.now_ms = START_MS
        self.refused = 0
        self.ahead: tuple[tuple[str, float], ...] = ()

    def run(self, seconds: int, every_s: int = 1) -> None:
        """So many simulated seconds more; rules and controllers are asked every `every_s` of them."""
        for _ in range(seconds):
            extra, self.extra = self.extra, []
            for message in [*self.city.step(), *extra]:
                self._arrive(message)
            self.now_ms = self.city.now_ms
            if self.now_ms // 1000 % every_s == 0:
                self._tick()

    def send(self, kind: str, device: str, record: dict[str, Any]) -> None:
        """Something more arrives with the next step."""
        topic = f"arterial/{self.site}/{kind}/{device}"
        self.extra.append(Outgoing(topic, json.dumps(record).encode(), 1, False))

    def log(self, device: str, code: int, param: int) -> None:
        """The cabinet logs a high-resolution event."""
        self.cabinets[device]._log.append((self.now_ms + 500, code, param))

    def told(self, what: str) -> list[Happening]:
        """What happened of one kind."""
        return [h for h in self.happened if h.what == what]

    def _arrive(self, message: Outgoing) -> None:
        now_ns = self.city.now_ms * 1_000_000
        found = control(message.topic, self.site)
        if found is not None:
            if found.plane == "reply":
                self.signals.reply(found.device, decode_reply(message.payload))
            return
        payload = self._distorted(message)
        if payload is None:
            return
        try:
            readings = self.clocks.marked(self.sources.read(message.topic, payload, now_ns))
        except BadPayload:
            self.refused += 1
            return
        self.facts.readings(readings)
        self._hear(readings)

    def _distorted(self, message: Outgoing) -> bytes | None:
        if not self.distortions:
            return message.payload
        _, _, kind, device = message.topic.split("/")
        record: dict[str, Any] | None = json.loads(message.payload)
        for distort in list(self.distortions.values()):
            record = distort(kind, device, record) if record is not None else None
        return None if record is None else json.dumps(record).encode()

    def _hear(self, readings: Iterable[Reading]) -> None:
        for reading in readings:
            self.signals.observe(reading)
            self.watching.observe(reading)

    def _tick(self) -> None:
        now_ns = self.now_ms * 1_000_000
        ticked = self.signals.tick(now_ns) if self.nodes else None
        if ticked is not None:
            self._hear(ticked.readings)
            for command in ticked.commands if self.commanded else ():
                self.city.receive(of(self.site, "command", command.intersection), encode(command))
        if self.now_ms // 1000 % 30 == 0:
            self.ahead = tuple((skew.device, skew.ahead_ms / 1000) for skew in self.clocks.worst(5))
        if self.now_ms // 1000 % 10 == 0:
            fault = "" if self.health.broker_up else "refused"
            self.device_health.look(list(self.facts.every()), now_ns, fault, self.site)
        health = self.health._replace(
            refused=(self.health.refused or 0) + self.refused,
            clocks=self.ahead,
            findings=self.device_health.open,
            cabinets=cabinets(self.signals, {}, now_ns),
        )
        self.happened += self.watching.tick(now_ns, health)


def _suited(node: Intersection) -> Intersection:
    """With a narrow lane and a longer loop (by short loops and quick vehicles no split ever fails, for the
    loop is free between two of them), and with advance loops at the far ends of lanes, so that spillback is
    seen."""
    slow, lengths = node.lanes[1].id, {lane.id: lane.length_m for lane in node.lanes}
    lanes = [x.model_copy(update={"speed_mps": 5.0}) if x.id == slow else x for x in node.lanes]
    loops = []
    for d in node.detectors:
        if (d.lane, d.role) == (slow, "stop"):
            d = d.model_copy(update={"length_m": 8.0})
        elif d.role == "advance" and d.lane != slow:
            d = d.model_copy(update={"distance_m": lengths[d.lane] - 15.0})
        loops.append(d)
    return node.model_copy(update={"lanes": tuple(lanes), "detectors": tuple(loops)})
