"""Does shadow mode decide all through a real log, explain it, and write nothing to any cabinet?

Asserted where it would arrive: at the broker, and at the socket of an NTCIP controller. The same city in
adaptive mode is the proof that both ears hear.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.app import App, running
from gateway.clock import SystemClock
from gateway.config.settings import BrokerSettings, Settings
from gateway.links.link import Message
from gateway.links.mqtt_link import MqttLink
from signal_control.operation.modes import Order
from simulators.cabinet import Cabinet
from simulators.ntcip_agent import Agent
from simulators.ntcip_ber import SET, Unreadable, question
from simulators.ntcip_unit import NtcipUnit
from tests.live.brokers import LiveBroker
from tests.simulators.conftest import build_crossroads

pytestmark = pytest.mark.live

LOG = "atspm/tests/hires_test_data.parquet"
DEVICE, PHASES = "454", (1, 2, 6, 8)
SECONDS = 240
GREEN, YELLOW, RED_CLEAR, OFF, WALK, CLEAR, DONT = 1, 8, 10, 12, 21, 22, 23


class ToldClock(SystemClock):
    """Shows what it is told."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def now_ns(self) -> int:
        return self.ms * 1_000_000


class Overheard(Agent):
    """A controller that counts what is written to it."""

    writes = 0

    def respond(self, data: bytes) -> bytes | None:
        with contextlib.suppress(Unreadable):
            self.writes += question(data).ask == SET
        return super().respond(data)


class Lights:
    """What the log says the cabinet shows."""

    def __init__(self) -> None:
        self.shown: dict[str, set[int]] = {
            name: set() for name in ("greens", "yellows", "red_clears", "walks", "ped_clears")
        }

    def take(self, code: int, phase: int) -> None:
        to = {GREEN: "greens", YELLOW: "yellows", RED_CLEAR: "red_clears", OFF: ""}.get(code)
        if to is not None:
            self._move(("greens", "yellows", "red_clears"), to, phase)
        to = {WALK: "walks", CLEAR: "ped_clears", DONT: ""}.get(code)
        if to is not None:
            self._move(("walks", "ped_clears"), to, phase)

    def _move(self, among: tuple[str, ...], to: str, phase: int) -> None:
        for name in among:
            self.shown[name].discard(phase)
        if to:
            self.shown[to].add(phase)

    def report(self, ms: int) -> bytes:
        lists = {name: sorted(phases) for name, phases in self.shown.items()}
        return json.dumps({"t": ms, "mode": "local", **lists, "plan": 1, "command": ""}).encode()


def seconds(log: Path) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """Four minutes of the log, second by second."""
    query = (
        "SELECT epoch_ms(TimeStamp::TIMESTAMP), EventId, Parameter FROM read_parquet(?) "
        f"WHERE DeviceId::VARCHAR = '{DEVICE}' ORDER BY 1 LIMIT 60000"
    )
    rows = duckdb.execute(query, [str(log)]).fetchall()
    first = rows[0][0] // 1000 + 60
    for second in range(first, first + SECONDS):
        yield second * 1000 + 1000, [row for row in rows if row[0] // 1000 == second]


def city(broker: LiveBroker, port: int) -> Settings:
    """The log's intersection over MQTT and a simulated one over NTCIP, both in shadow mode."""
    node = build_crossroads().model_dump(exclude_defaults=True)
    phases = [p for p in node["phases"] if p["number"] in PHASES]
    lanes = [lane | {"id": f"r{lane['phases'][0]}"} for lane in node["lanes"] if lane["phases"][0] in PHASES]
    stages = [[1, 6], [2, 6], [8]]
    plan = {"cycle_s": 90, "stages": [{"phases": s, "split_s": 30} for s in stages]}
    logged = {"id": DEVICE, "name": "Log", "phases": phases, "lanes": lanes, "plan": plan}
    return Settings.model_validate(
        {
            "city": {"site": "riverside"},
            "broker": {"url": broker.url},
            "store": {"kind": "duckdb"},
            "control": {"strategy": "actuated", "mode": "shadow"},
            "intersections": [logged | {"declared_stages": stages}, node],
            "cabinets": {"x1": {"protocol": "ntcip", "host": "127.0.0.1", "port": port, "community": "word"}},
            "sources": [
                {"topic": f"arterial/{{site}}/{kind}/{{device}}", "kind": kind}
                for kind in ("hires", "signal")
            ],
        }
    )


class Street:
    """The log and the simulated controller, led on second by second beside a running city."""

    def __init__(self, app: App, clock: ToldClock, unit: NtcipUnit, log: Path) -> None:
        self.app, self.clock, self.unit = app, clock, unit
        self.log, self.lights, self.seq = seconds(log), Lights(), 0
        self.decisions: list[Any] = []

    async def run(self, count: int) -> None:
        for _ in range(count):
            now_ms, events = next(self.log)
            for _, code, phase in events:
                self.lights.take(code, phase)
            told = json.dumps({"seq": self.seq, "events": events}).encode()
            self.seq += len(events)
            self._say("hires", told)
            self._say("signal", self.lights.report(now_ms))
            self.clock.ms = now_ms
            self.unit.step(now_ms)
            self.app.tick(self.clock.now_ns())
            self.decisions += self.app._signals.last.values()
            await asyncio.sleep(0.02)

    def _say(self, kind: str, payload: bytes) -> None:
        self.app.receive(Message(f"arterial/riverside/{kind}/{DEVICE}", payload, 0, False, 0, 0))


async def test_shadow_mode_leaves_a_trail_of_decisions_and_never_writes(
    shared_data: Callable[[str], Path], tmp_path: Path, mosquitto: LiveBroker
) -> None:
    log = shared_data(LOG)
    start_ms = next(seconds(log))[0] - 1000
    clock, unit = ToldClock(start_ms), NtcipUnit(Cabinet(build_crossroads(), start_ms), start_ms)
    agent = await Overheard.listen(unit, 0, "word")
    assert isinstance(agent, Overheard)
    settings = city(mosquitto, agent.port)
    link = MqttLink(BrokerSettings(url=mosquitto.url), (), client_id="city")
    ear = MqttLink(BrokerSettings(url=mosquitto.url), ("arterial/#",), client_id="ear")
    heard: list[str] = []

    async def listen() -> None:
        async for batch in ear.batches():
            heard.extend(message.topic for message in batch)

    tasks = [asyncio.create_task(ear.run()), asyncio.create_task(listen())]
    try:
        async with (
            running(settings, link, tmp_path, clock=clock, drive=False) as app,
            asyncio.TaskGroup() as group,
        ):
            polls = app._cabinets.start(group)
            street = Street(app, clock, unit, log)
            while not (link.connected and ear.connected):
                await asyncio.sleep(0.05)
            await street.run(120)
            shadow = [d for d in street.decisions if d.mode == "shadow"]
            assert len([d for d in shadow if d.intersection == DEVICE]) > 100
            assert len([d for d in shadow if d.intersection == "x1"]) > 60
            assert all(d.reason.endswith(".") and d.command is None and d.inputs for d in shadow)
            assert len({d.verdict.serve for d in shadow if d.intersection == DEVICE}) > 1
            assert [topic for topic in heard if "/command/" in topic] == []
            assert agent.writes == 0
            for name in (DEVICE, "x1"):
                order = Order("mode", "anna", clock.now_ns() + 10**12, mode="adaptive")
                app._signals.operation.order(name, order)
            await street.run(40)
            await asyncio.sleep(1.0)
            for poll in polls:
                poll.cancel()
        assert f"arterial/riverside/command/{DEVICE}" in heard, "the ear is deaf"
        assert agent.writes > 0, "the socket is deaf"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        agent.close()
