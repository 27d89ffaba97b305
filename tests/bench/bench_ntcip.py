"""What do fifty NTCIP controllers, read ten times a second, cost, and how soon does a command show?

The controllers run in a process of their own; the figures are of arterial's side alone.

    python tests/bench/bench_ntcip.py [--controllers 50] [--seconds 30] [--commands 200]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.reading import Reading
from gateway.cabinet import Outside, Reply
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from gateway.ntcip.keeper import Address, Keeper
from gateway.snmp.message import Community
from signal_control.model import Intersection
from signal_control.status import Command
from tests.simulators.conftest import build_crossroads

WORD = "bench"
SETTLE_S = 8.0
STAGES = ((2, 6), (4, 8), (1, 5), (3, 7))
MIN_GREEN_S = 9.0


def crossroads(number: int) -> Intersection:
    """Eight phases, thirty detector channels."""
    node = build_crossroads(name=f"x{number}")
    lanes = [lane.id for lane in node.lanes]
    more = [
        {"channel": n, "lane": lanes[n % len(lanes)], "role": "advance", "distance_m": 60}
        for n in range(9, 31)
    ]
    told = node.model_dump()
    told["detectors"] = [*told["detectors"], *more]
    return Intersection.model_validate(told)


async def controllers(count: int) -> None:
    """Serve `count` controllers with traffic on their detectors until stdin ends; print their ports."""
    from simulators.cabinet import Cabinet
    from simulators.ntcip_agent import Agent
    from simulators.ntcip_unit import NtcipUnit

    now_ms, chance = time.time_ns() // 1_000_000, random.Random(1)
    units = [NtcipUnit(Cabinet(crossroads(n), now_ms, actuated=True), now_ms) for n in range(count)]
    agents = [await Agent.listen(unit, 0, WORD) for unit in units]
    print(json.dumps([agent.port for agent in agents]), flush=True)
    gone = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not gone.done():
        now_ms = time.time_ns() // 1_000_000
        for unit in units:
            for _ in range(2):
                channel = chance.randint(1, 30)
                unit.cabinet.detection(channel, now_ms, channel not in unit.detectors)
            unit.step(now_ms)
        await asyncio.sleep(0.1 - time.time() % 0.1)


class Watcher:
    """Notes when a controller's lights change after a command."""

    def __init__(self) -> None:
        self.readings = 0
        self.greens: dict[str, tuple[int, float]] = {}
        self.asked_s: dict[str, float] = {}
        self.latencies_s: list[float] = []
        self.refused: list[str] = []

    def offer(self, readings: Sequence[Reading]) -> None:
        self.readings += len(readings)
        for reading in readings:
            if reading.kind != "signal":
                continue
            name, greens = reading.device, int(reading.fields["greens"])
            if self.greens.get(name, (-1, 0.0))[0] != greens:
                self.greens[name] = (greens, time.monotonic())
            if int(reading.fields["yellows"]) and name in self.asked_s:
                self.latencies_s.append(time.monotonic() - self.asked_s.pop(name))

    def reply(self, name: str, reply: Reply) -> None:
        if not reply.accepted:
            self.refused.append(reply.reason)


async def measure(ports: Sequence[int], seconds: float, commands: int) -> None:
    """Watch for `seconds`, then command until so many changes were seen; print the figures."""
    watcher = Watcher()
    outside = Outside("bench", SystemClock(), MemoryLink(), watcher.offer, watcher.reply)
    keepers = {
        f"x{n}": Keeper(crossroads(n), Address("127.0.0.1", port, Community(WORD.encode()), 0.1, 30), outside)
        for n, port in enumerate(ports)
    }
    tasks = [asyncio.create_task(keeper.run()) for keeper in keepers.values()]
    await asyncio.sleep(SETTLE_S)
    for keeper in keepers.values():
        keeper.durations_s.clear()
    before_s, began_s, read = time.process_time(), time.monotonic(), watcher.readings
    await asyncio.sleep(seconds)
    cpu_s, wall_s = time.process_time() - before_s, time.monotonic() - began_s
    polls = [took for keeper in keepers.values() for took in keeper.durations_s]
    print(f"controllers            {len(ports)}")
    print(f"readings per second    {sum(len(k.durations_s) for k in keepers.values()) / wall_s:.0f} polls")
    print(f"events and reports     {(watcher.readings - read) / wall_s:.0f} per second")
    print(f"CPU                    {100 * cpu_s / wall_s:.1f} % of one core")
    print(f"poll                   p50 {_share(polls, 0.5):.1f} ms, p99 {_share(polls, 0.99):.1f} ms")
    await _command(keepers, watcher, commands)
    found = watcher.latencies_s
    print(
        f"command to changed     p50 {_share(found, 0.5):.0f} ms, p99 {_share(found, 0.99):.0f} ms, "
        f"max {1000 * max(found):.0f} ms of {len(found)}"
    )
    print(f"refused                {len(watcher.refused)} {set(watcher.refused) or ''}")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _command(keepers: dict[str, Keeper], watcher: Watcher, wanted: int) -> None:
    """Ask each controller for the other stage once its greens have had their minimum."""
    issued, deadline_s = 0, time.monotonic() + 120
    while len(watcher.latencies_s) < wanted and time.monotonic() < deadline_s:
        for name, keeper in keepers.items():
            greens, since_s = watcher.greens.get(name, (0, 0.0))
            if name in watcher.asked_s or not greens or time.monotonic() - since_s < MIN_GREEN_S:
                continue
            serve = next(s for s in STAGES if not any(greens >> (p - 1) & 1 for p in s))
            now_ns, issued = time.time_ns(), issued + 1
            watcher.asked_s[name] = time.monotonic()
            keeper.send(Command(f"b{issued}", name, serve, now_ns, now_ns + 15 * 10**9, "bench", ""))
        await asyncio.sleep(0.013)


def _share(values: Sequence[float], share: float) -> float:
    """A quantile, in milliseconds."""
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--controllers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(controllers(options.controllers))
        return
    command = [sys.executable, __file__, "--serve", "--controllers", str(options.controllers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        try:
            asyncio.run(measure(json.loads(child.stdout.readline()), options.seconds, options.commands))
        finally:
            child.stdin.close()


if __name__ == "__main__":
    main()
