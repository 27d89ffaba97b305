"""How do the simulated street and its twin start, keep running, and remember how late it is?"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.clock import FollowedClock
from gateway.programs.processes import Child

log = logging.getLogger(__name__)

ROOT: Final = Path(__file__).resolve().parents[2]
DRAWING: Final = ROOT / "configs" / "streets" / "corridor"
NOTE_S: Final = 2.0
"""Wall seconds between two notes of the city's time."""
HOPELESS: Final = 3
"""Starts in a row that end before the street told its time even once."""
_FIRST_PAUSE_S: Final = 0.5
_LAST_PAUSE_S: Final = 30.0


class StreetError(Exception):
    """The street cannot be built or does not live; the text ends with its last words."""


@dataclass(frozen=True, slots=True)
class StreetOptions:
    """What the simulators are told. `seconds` is none of it: they run until they are stopped."""

    config: Path
    folder: Path
    """The street's own folder: network, geometry, and how late it is."""
    logs: Path
    broker: str
    speed: float = 1.0
    seed: int = 1
    meters: int = 300
    bins: int = 120
    twin: bool = True
    faults: str = ""
    """Which faults how many of the devices have, as the simulator's --faults."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the street is told beside its command line: where its cabinets listen, if not at the broker."""


async def build(options: StreetOptions) -> dict[str, object]:
    """Build the network and return its geometry. Raises StreetError."""
    command = [*_simulators("build"), "--street", DRAWING, "--out", options.folder]
    child = await Child.start("build", command, log=options.logs / "build.log")
    try:
        code = await child.wait()
    finally:
        await child.stop()
    if code != 0:
        raise StreetError(f"the street cannot be built (code {code}):\n{child.tail()}")
    geometry: dict[str, object] = json.loads((options.folder / "geometry.json").read_text(encoding="utf-8"))
    return geometry


class Street:
    """The street and its twin, as a pair: when one dies, both start again.

    A twin that starts at another time sees another part of the morning, and a comparison of the two would be
    a lie. City time goes on where it was, in this run and in the next.
    """

    def __init__(
        self, options: StreetOptions, clock: FollowedClock, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._options, self._clock = options, clock
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._children: list[Child] = []
        self._note = CityTime(options.folder / "clock.json")
        self._noted_ms = self._note.read()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {child.name: child.pid for child in self._children if child.running}

    async def keep(self) -> None:
        """Start the pair, again whenever one ends, and note the time. Raises StreetError when hopeless."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_time(), name="city time")
                group.create_task(self._keep_running(), name="street")
        except* StreetError as errors:
            raise errors.exceptions[0] from None

    async def stop(self) -> None:
        """End both, and note how late it is exactly."""
        await asyncio.gather(*(child.stop() for child in self._children))
        self._children.clear()
        if self._clock.heard:
            self._note.write(self._clock.now_ns() // 1_000_000)

    def start_ms(self) -> int:
        """When the city goes on: now, but always after everything that has been told already."""
        heard_ms = self._clock.now_ns() // 1_000_000
        return max(self._now_ms(), heard_ms + 1000, self._noted_ms + 1000)

    async def _start(self) -> None:
        start_ms = self.start_ms()
        for role in ("street", "twin") if self._options.twin else ("street",):
            command = [*_simulators(role), *self._arguments(start_ms)]
            logs = self._options.logs / f"{role}.log"
            self._children.append(await Child.start(role, command, log=logs, env=self._options.environment))

    async def _keep_running(self) -> None:
        pause_s, silent = _FIRST_PAUSE_S, 0
        while True:
            await self._start()
            began_s = time.monotonic()
            dead = await self._first_death()
            heard = (age_s := self._clock.age_s) is not None and age_s < time.monotonic() - began_s
            silent = 0 if heard else silent + 1
            if silent >= HOPELESS:
                raise StreetError(f"the {dead.name} does not start:\n{dead.tail()}")
            pause_s = min(2 * pause_s, _LAST_PAUSE_S) if not heard else _FIRST_PAUSE_S
            log.warning("%s ended by itself (code %s): %s", dead.name, dead.returncode, _again(pause_s))
            await asyncio.gather(*(child.stop() for child in self._children))
            self._children.clear()
            await asyncio.sleep(pause_s)

    async def _first_death(self) -> Child:
        waits = {asyncio.create_task(child.wait()): child for child in self._children}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return waits[done.pop()]

    async def _keep_time(self) -> None:
        """Note a little more than the present, so that what happens before the next note is earlier, too."""
        while True:
            await asyncio.sleep(NOTE_S)
            if self._clock.heard:
                ahead_ms = int(2 * NOTE_S * 1000 * self._clock.speed)
                self._note.write(self._clock.now_ns() // 1_000_000 + ahead_ms)

    def _arguments(self, start_ms: int) -> list[str | Path]:
        options = self._options
        told: dict[str, object] = {
            "--config": options.config,
            "--street": options.folder,
            "--broker": options.broker,
            "--speed": options.speed,
            "--seed": options.seed,
            "--start-ms": start_ms,
            "--meters": options.meters,
            "--bins": options.bins,
            **({"--faults": options.faults} if options.faults else {}),
        }
        return [*(str(word) for pair in told.items() for word in pair), "--watch-stdin"]


class CityTime:
    """A file that says before which instant the city has lived already, so that no later run repeats it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """Milliseconds since the epoch; 0 when nothing, or nothing legible, is noted."""
        try:
            noted = json.loads(self._path.read_text(encoding="utf-8"))["t"]
            return int(noted)
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def write(self, t_ms: int) -> None:
        """Note `t_ms`, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"t": t_ms}), encoding="utf-8")
        os.replace(fresh, self._path)


def _simulators(role: str) -> list[str | Path]:
    return [sys.executable, "-m", "simulators", role]


def _again(pause_s: float) -> str:
    return f"street and twin start again in {pause_s:g} s"
