"""What does a SUMO configuration run: which network, which demand, from when to when?"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulators.street_net import StreetError

WINDOW_S: Final = 3600.0
"""Scenarios that do not say when they end run for an hour."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A SUMO configuration as far as an evaluation keeps it; times in simulated seconds.

    `scale` multiplies the demand, `jitter_s` shifts each departure by up to so many seconds.
    """

    config: Path
    net: Path
    routes: tuple[Path, ...]
    additional: tuple[Path, ...]
    begin_s: float
    end_s: float
    step_s: float
    scale: float = 1.0
    jitter_s: float = 0.0

    @property
    def name(self) -> str:
        """The configuration's own name, or its folder's when it has a common one."""
        plain = self.config.stem in ("run", "sim", "simulation", "config", "scenario")
        return self.config.parent.name if plain else self.config.stem

    def demand_files(self) -> tuple[Path, ...]:
        """Every file but the network that shapes the run."""
        return (*self.routes, *self.additional)

    def digests(self) -> tuple[str, str]:
        """Digests of the network, and of demand and everything else that is loaded."""
        return digest_of((self.net,)), digest_of(self.demand_files())


def read_scenario(path: Path, seconds: float | None = None) -> Scenario:
    """Read a .sumocfg; `seconds` shortens or lengthens its window.

    Raises StreetError when it is not there or names no network.
    """
    try:
        root = ET.parse(path).getroot()
    except (OSError, ET.ParseError) as error:
        raise StreetError(f"{path}: {error}") from error
    options = {e.tag: e.get("value", "") for e in root.iter() if e.get("value") is not None}
    net = options.get("net-file") or options.get("n") or options.get("net")
    if not net:
        raise StreetError(f"{path}: it names no net-file")
    begin_s = _seconds(path, options.get("begin", options.get("b", "0")))
    end_text = options.get("end", options.get("e", ""))
    end_s = _seconds(path, end_text) if end_text and not end_text.startswith("-") else begin_s + WINDOW_S
    found = Scenario(
        config=path,
        net=_beside(path, net)[0],
        routes=_beside(path, options.get("route-files", options.get("r", ""))),
        additional=_beside(path, options.get("additional-files", options.get("a", ""))),
        begin_s=begin_s,
        end_s=begin_s + seconds if seconds else end_s,
        step_s=_seconds(path, options.get("step-length", "1")),
    )
    for file in (found.net, *found.demand_files()):
        if not file.exists():
            raise StreetError(f"{path}: {file} does not exist")
    return found


def _beside(path: Path, names: str) -> tuple[Path, ...]:
    return tuple(path.parent / name.strip() for name in names.replace(";", ",").split(",") if name.strip())


def _seconds(path: Path, text: str) -> float:
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise StreetError(f"{path}: {text!r} is no time in seconds or h:m:s") from error
    return sum(n * unit for n, unit in zip(reversed(numbers), (1, 60, 3600, 86400), strict=False))


def digest_of(files: tuple[Path, ...]) -> str:
    """A short digest of names and contents."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
