"""Which kinds of devices are there, and which of many devices report now?"""

from __future__ import annotations

import heapq
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from simulators import devices

Report = dict[str, object]


class Device(Protocol):
    """A thing on the street that reports by itself and has one value that outlives a restart."""

    @property
    def kind(self) -> str:
        """The kind of its readings."""

    @property
    def id(self) -> str:
        """Its name, unique in the city."""

    @property
    def kept(self) -> float:
        """The value that outlives a restart: a counter, a fill."""

    def resume(self, kept: float) -> None:
        """Go on from the value of an earlier run."""

    def report(self, t_ms: int, elapsed_s: float, day_s: float) -> Report:
        """What it sends at `t_ms`, `elapsed_s` after its last report, at second `day_s` of the day."""


class DeviceFile(Protocol):
    """What a file in simulators/devices offers; its name is the name of the option that counts them."""

    COUNT: int
    """How many there are unless told otherwise."""
    EVERY_MS: int
    """Simulated milliseconds between two reports of one device."""

    def create(self, count: int, seed: int) -> Sequence[Device]:
        """`count` devices; the same seed, the same devices."""


def device_files() -> dict[str, DeviceFile]:
    """Every file in simulators/devices, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(devices.__path__))
    return {name: cast(DeviceFile, importlib.import_module(f"{devices.__name__}.{name}")) for name in names}


def fleets(counts: Mapping[str, int], seed: int, start_ms: int) -> list[Fleet]:
    """A fleet per device file, of as many devices as `counts` says; none of those it does not name."""
    files = device_files()
    wanted = {name: count for name, count in counts.items() if count > 0}
    return [
        Fleet(files[name].create(count, seed), files[name].EVERY_MS, start_ms)
        for name, count in wanted.items()
    ]


class Fleet:
    """Devices that report in turn, spread evenly over `every_ms`."""

    def __init__(self, devices: Sequence[Device], every_ms: int, start_ms: int) -> None:
        self.devices = tuple(devices)
        self._every = every_ms
        self._due = [(start_ms + every_ms * (i + 1) // len(devices), i) for i in range(len(devices))]
        heapq.heapify(self._due)

    def due(self, now_ms: int, day_s: float) -> list[tuple[Device, Report]]:
        """Reports of all devices whose turn came up to `now_ms`, oldest first."""
        found = []
        while self._due and self._due[0][0] <= now_ms:
            t, index = self._due[0]
            heapq.heapreplace(self._due, (t + self._every, index))
            device = self.devices[index]
            found.append((device, device.report(t, self._every / 1000, day_s)))
        return found

    def replace(self, place: int, device: Device) -> None:
        """Let another device report in the turn of the one at `place`."""
        self.devices = (*self.devices[:place], device, *self.devices[place + 1 :])

    def kept(self) -> dict[str, float]:
        """What outlives a restart, by device."""
        return {device.id: device.kept for device in self.devices}

    def resume(self, kept: Mapping[str, float]) -> None:
        """Go on from the values of an earlier run; devices that are not named begin anew."""
        for device in self.devices:
            if device.id in kept:
                device.resume(kept[device.id])
