"""What does a water meter send that speaks a format of its own?"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast

from simulators import tongues
from simulators.devices.meters import Meter
from simulators.fleet import Report


class Wire(NamedTuple):
    """A message as the device publishes it."""

    topic: str
    payload: bytes
    retain: bool = False


class Speaker(Protocol):
    """One device's way of speaking; it may remember what it said."""

    @property
    def id(self) -> str:
        """The name under which its readings arrive."""

    def say(self, report: Report) -> list[Wire]:
        """A report (`t` in ms, volume_m3, flow_m3_h, battery_v) in messages, now and then a faulty one."""

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a command; most devices take none."""


class Tongue(Protocol):
    """What a file in simulators/tongues offers."""

    SOURCE: str
    """The [[sources]] entry of a city file that understands it."""

    def speaker(self, number: int, rng: random.Random) -> Speaker:
        """The speaker of device `number`."""


def tongues_by_name() -> dict[str, Tongue]:
    """Every file in simulators/tongues, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(tongues.__path__))
    return {name: cast(Tongue, importlib.import_module(f"{tongues.__name__}.{name}")) for name in names}


class ForeignMeter:
    """A water meter with a tongue: the same water, said differently."""

    def __init__(self, meter: Meter, speaker: Speaker) -> None:
        self._meter, self._speaker = meter, speaker

    @property
    def kind(self) -> str:
        """water."""
        return self._meter.kind

    @property
    def id(self) -> str:
        """As its readings will be called."""
        return self._speaker.id

    @property
    def kept(self) -> float:
        """The counter."""
        return self._meter.kept

    def resume(self, kept: float) -> None:
        """Set the counter."""
        self._meter.resume(kept)

    def report(self, t_ms: int, elapsed_s: float, day_s: float) -> Report:
        """What it measured."""
        return self._meter.report(t_ms, elapsed_s, day_s)

    def wire(self, report: Report) -> Sequence[Wire]:
        """What it publishes about a report of its own."""
        return self._speaker.say(report)

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a command of the format."""
        self._speaker.hear(topic, payload)
