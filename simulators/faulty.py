"""What can be wrong with a device, whatever it measures and however it speaks?

A faulty device is sound for its first reports, so that one who listens knows what is usual; then its fault
begins and stays.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from simulators.fleet import Device, Fleet, Report
from simulators.foreign import Wire

SOUND: Final = 20
"""Reports before the fault begins."""
BURST: Final = 30
"""Reports that a bursting device holds back."""
SKEW_MS: Final = 600_000
COUNTERS: Final = ("volume_m3", "energy_kwh")


class Fault(Protocol):
    """What becomes of the reports and messages of one device once its fault has begun."""

    def measure(self, report: Report) -> Report:
        """What it says it measured."""

    def send(self, wires: list[Wire]) -> list[Wire]:
        """What goes out of what it has to say."""


class _Sound:
    """Nothing is wrong; the others change one thing."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def measure(self, report: Report) -> Report:
        return report

    def send(self, wires: list[Wire]) -> list[Wire]:
        return wires


class _Silence(_Sound):
    """Says nothing more."""

    def send(self, wires: list[Wire]) -> list[Wire]:
        return []


class _Stuck(_Sound):
    """Measures the same for ever, at new times."""

    last: Report | None = None

    def measure(self, report: Report) -> Report:
        self.last = self.last or report
        return {**self.last, "t": report["t"]}


class _Skew(_Sound):
    """Its clock is ten minutes off: every other such device is ahead."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.off_ms = SKEW_MS if rng.random() < 0.5 else -SKEW_MS

    def measure(self, report: Report) -> Report:
        return {**report, "t": int(_number(report["t"])) + self.off_ms}


class _Drift(_Sound):
    """What is no counter grows by two per cent of its first value with each report."""

    grown = 0.0

    def measure(self, report: Report) -> Report:
        self.grown += 0.02
        return {
            name: value if name == "t" or name in COUNTERS else self._off(name, _number(value))
            for name, value in report.items()
        }

    def _off(self, name: str, value: float) -> float:
        found = round(value * (1 + self.grown), 3)
        return min(1.0, found) if name == "fill" else found


class _Duplicates(_Sound):
    """Says everything two or three times."""

    def send(self, wires: list[Wire]) -> list[Wire]:
        return wires * self.rng.choice((2, 3))


class _Bursts(_Sound):
    """Keeps what it has to say, and says it all at once."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self._kept: list[list[Wire]] = []

    def send(self, wires: list[Wire]) -> list[Wire]:
        self._kept.append(wires)
        if len(self._kept) < BURST:
            return []
        found, self._kept = [wire for each in self._kept for wire in each], []
        return found


class _Garbage(_Sound):
    """One message in three is cut off or changed on its way."""

    def send(self, wires: list[Wire]) -> list[Wire]:
        return [self._garbled(wire) if self.rng.random() < 1 / 3 else wire for wire in wires]

    def _garbled(self, wire: Wire) -> Wire:
        if self.rng.random() < 0.5:
            return wire._replace(payload=wire.payload[: self.rng.randrange(len(wire.payload))])
        return wire._replace(payload=self.rng.randbytes(self.rng.randrange(1, 200)))


class _Reset(_Sound):
    """Its counter begins anew, as after an exchange."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self._before: dict[str, float] = {}

    def measure(self, report: Report) -> Report:
        found = dict(report)
        for name in COUNTERS:
            if name in report:
                value = _number(report[name])
                found[name] = round(value - self._before.setdefault(name, value), 3)
        return found


FAULTS: Final[Mapping[str, Callable[[random.Random], Fault]]] = {
    "silence": _Silence,
    "stuck": _Stuck,
    "skew": _Skew,
    "drift": _Drift,
    "duplicates": _Duplicates,
    "bursts": _Bursts,
    "garbage": _Garbage,
    "reset": _Reset,
}


class Faulty:
    """A device with a fault, which begins after `sound` reports."""

    def __init__(self, device: Device, fault: Fault, sound: int = SOUND) -> None:
        self.device, self._fault, self._sound = device, fault, sound

    @property
    def kind(self) -> str:
        """As the device's."""
        return self.device.kind

    @property
    def id(self) -> str:
        """As the device's."""
        return self.device.id

    @property
    def kept(self) -> float:
        """What the sound device would keep."""
        return self.device.kept

    def resume(self, kept: float) -> None:
        """As the device's."""
        self.device.resume(kept)

    def report(self, t_ms: int, elapsed_s: float, day_s: float) -> Report:
        """What it says it measured."""
        report = self.device.report(t_ms, elapsed_s, day_s)
        self._sound -= 1
        return report if self._sound >= 0 else self._fault.measure(report)

    def send(self, wires: list[Wire]) -> list[Wire]:
        """What goes out of what it has to say about its last report."""
        return wires if self._sound >= 0 else self._fault.send(wires)


def read_faults(text: str) -> dict[str, int]:
    """How many devices have each fault: `stuck=3,silence` or `all=2`. Raises ValueError with the choices."""
    found: dict[str, int] = {}
    for part in text.split(",") if text else ():
        name, _, count = part.strip().partition("=")
        if name != "all" and name not in FAULTS:
            raise ValueError(f"no fault '{name}'; there are: {', '.join(FAULTS)}, all")
        if count and not count.isdecimal():
            raise ValueError(f"'{part.strip()}': how many devices? for example {name}=3")
        for each in FAULTS if name == "all" else (name,):
            found[each] = int(count or 1)
    return found


def afflict(fleets: Sequence[Fleet], wanted: Mapping[str, int], seed: int) -> dict[str, str]:
    """Give devices of the fleets their faults; returns the fault of each that has one, by its id.

    Each fleet has its share; the same seed, the same devices. Raises ValueError when there are too few.
    """
    rng = random.Random(f"faults/{seed}")
    found: dict[str, str] = {}
    places = [(fleet, place) for fleet in fleets for place in range(len(fleet.devices))]
    faults = [fault for fault, count in wanted.items() for _ in range(count)]
    if len(faults) > len(places):
        raise ValueError(f"{len(faults)} faults for {len(places)} devices")
    for (fleet, place), fault in zip(rng.sample(places, len(faults)), faults, strict=True):
        device = fleet.devices[place]
        fleet.replace(place, Faulty(device, FAULTS[fault](random.Random(f"{seed}/{device.id}"))))
        found[device.id] = fault
    return found


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
