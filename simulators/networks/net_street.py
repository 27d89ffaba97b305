"""How does a SUMO scenario run under cabinets of ours, or under SUMO's own signal programs?"""

from __future__ import annotations

import os
import shutil
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import libsumo

from simulators.detectors import Channels, Passage
from simulators.lights import Count, Detection, Lights, StreetStep
from simulators.network import sumo_binary
from simulators.networks.heads import Heads, LinkConflicts
from simulators.networks.importer import Imported
from simulators.networks.layouts import Zone, detectors_xml
from simulators.networks.netfile import NetFile
from simulators.networks.scenario import Scenario
from simulators.street_buttons import Buttons
from simulators.street_net import StreetError

LIFE_SIGN_MS = 10_000
"""A zone tells its numbers at every change, and after so long at the latest."""
_SECTIONS_LEFT_OUT = ("output", "report")
_OPTIONS = (
    *("--time-to-teleport", "-1", "--no-step-log", "true", "--no-warnings", "true"),
    *("--duration-log.disable", "true", "--xml-validation", "never", "--xml-validation.net", "never"),
    *("--tripinfo-output.write-unfinished", "true", "--tripinfo-output.write-undeparted", "true"),
)


class NetStreet:
    """A scenario in SUMO, in this process (SUMO allows one at a time); `origin_ms` is its second 0.

    With `programs` (an additional file's text) these replace the signal programs of the network; `show` then
    is not to be called. What SUMO knows of each trip is written to `tripinfo` by `close`.
    """

    def __init__(
        self,
        scenario: Scenario,
        net: NetFile,
        imported: Sequence[Imported],
        seed: int,
        origin_ms: int,
        tripinfo: Path,
        programs: str = "",
    ) -> None:
        self.scenario, self._origin_ms, self._steps = scenario, origin_ms, 0
        self._loops = [loop for x in imported for loop in x.laid.loops]
        self._zones = [zone for x in imported for zone in x.laid.zones]
        self._channels, self._counts = Channels(self._loops), _Counts(self._zones)
        self._signals = {x.intersection.id: x.signal for x in imported}
        self._heads = {x.intersection.id: Heads(x) for x in imported}
        self._buttons, self._shown = Buttons(_crossings(imported)), dict[str, Lights]()
        self._audit = {x.intersection.id: LinkConflicts(net, x) for x in imported}
        self.conflicts = 0
        """How often lights were shown in which two foes both had the right of way."""
        self._launch(seed, tripinfo, programs)

    @property
    def now_s(self) -> float:
        """SUMO's time."""
        return self.scenario.begin_s + self._steps * self.scenario.step_s

    @property
    def now_ms(self) -> int:
        """The street's clock, milliseconds since the epoch."""
        return self._origin_ms + round(self.now_s * 1000)

    def step(self) -> StreetStep:
        """Move on by one step and tell what the detectors saw."""
        start_s = self.now_s
        libsumo.simulationStep()
        self._steps += 1
        detections = self._channels.step(self._passages(), start_s, self.now_s, self._origin_ms)
        changed, counts = self._counts.look(self.now_ms)
        presses = self._buttons.poll(self._shown, self.now_ms)
        return StreetStep(self.now_ms, detections + changed, presses, tuple(counts))

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Turn the heads of an intersection to `lights` until told otherwise."""
        self._shown[intersection_id] = lights
        state = self._heads[intersection_id].state(lights)
        self.conflicts += self._audit[intersection_id].count(state)
        libsumo.trafficlight.setRedYellowGreenState(self._signals[intersection_id], state)

    def truth(self) -> dict[str, dict[str, int]]:
        """True queues are the probe's business here."""
        return {}

    def summary(self) -> dict[str, Any]:
        """Second of the day and vehicles under way."""
        return {"t": self.now_ms, "profile_s": int(self.now_s), "vehicles": libsumo.vehicle.getIDCount()}

    def close(self) -> None:
        """End the simulation; SUMO writes its trips."""
        libsumo.close()

    def _launch(self, seed: int, tripinfo: Path, programs: str) -> None:
        if libsumo.isLoaded():
            raise StreetError("SUMO runs one street per process; close the other one first")
        os.environ.setdefault("SUMO_HOME", sumo_binary("sumo")[1]["SUMO_HOME"])
        with tempfile.TemporaryDirectory(prefix="arterial-net-") as folder:
            try:
                libsumo.start(["sumo", *self._arguments(Path(folder), seed, tripinfo, programs)])
            except (libsumo.TraCIException, libsumo.FatalTraCIError):
                libsumo.close()  # what did not start is loaded all the same
                raise

    def _arguments(self, folder: Path, seed: int, tripinfo: Path, programs: str) -> list[str]:
        """Everything that writes is moved into `folder`, so that a scenario's own files stay as they are."""
        scenario, extra = self.scenario, []
        for number, file in enumerate(scenario.additional):
            extra.append(folder / f"{number}-{file.name}")
            shutil.copyfile(file, extra[-1])
        for name, text in (("detectors", detectors_xml(self._loops, self._zones)), ("programs", programs)):
            if text:
                extra.append(folder / f"{name}.add.xml")
                extra[-1].write_text(text)
        config = folder / "run.sumocfg"
        config.write_bytes(_without_output(scenario))
        demand = ["-r", ",".join(map(str, scenario.routes))] if scenario.routes else []
        if scenario.scale != 1.0:
            demand += ["--scale", str(scenario.scale)]
        if scenario.jitter_s > 0:
            demand += ["--random-depart-offset", str(scenario.jitter_s)]
        return [
            *("-c", str(config), *demand),
            *("-a", ",".join(map(str, extra)), "--seed", str(seed)),
            *("--begin", str(scenario.begin_s), "--end", str(scenario.end_s + 10 * scenario.step_s)),
            *("--tripinfo-output", str(tripinfo), "--device.emissions.probability", "1", *_OPTIONS),
        ]

    def _passages(self) -> dict[str, list[Passage]]:
        found = {}
        for loop in self._loops:
            if data := libsumo.inductionloop.getVehicleData(loop.id):
                found[loop.id] = [(entry, leave) for _, _, entry, leave, _ in data]
        return found


class _Counts:
    """What the zones count: told when it changes, and as a sign of life."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._zones = tuple(zones)
        self._told: dict[str, tuple[int, int]] = {}
        self._told_ms: dict[str, int] = {}

    def look(self, now_ms: int) -> tuple[list[Detection], list[Count]]:
        """Zones that turned occupied or free, and numbers to tell."""
        changed, counts, area = [], [], libsumo.lanearea
        for zone in self._zones:
            vehicles = area.getLastStepVehicleNumber(zone.id)
            there = (vehicles, min(vehicles, area.getLastStepHaltingNumber(zone.id)))
            told = self._told.get(zone.id, (0, -1))
            if bool(vehicles) != bool(told[0]):
                changed.append(Detection(zone.intersection, zone.channel, now_ms, bool(vehicles)))
            if there != told or now_ms - self._told_ms.get(zone.id, 0) >= LIFE_SIGN_MS:
                self._told[zone.id], self._told_ms[zone.id] = there, now_ms
                counts.append(Count(zone.intersection, zone.channel, now_ms, *there))
        return changed, counts


def _crossings(imported: Sequence[Imported]) -> dict[str, tuple[str, int]]:
    """The intersection and phase of each crossing that a signal controls."""
    return {
        c.crossing: (x.intersection.id, group)
        for x in imported
        for link, group in x.staged.group_of().items()
        for c in x.links.get(link, ())
        if c.crossing
    }


def _without_output(scenario: Scenario) -> bytes:
    """The configuration without files to write and without what is given on the command line."""
    root = ET.parse(scenario.config).getroot()
    for parent in [root, *root]:
        for child in list(parent):
            given = child.tag in ("net-file", "route-files", "additional-files", "begin", "end")
            if child.tag in _SECTIONS_LEFT_OUT or given or child.tag.endswith("-output"):
                parent.remove(child)
    for section in list(root):
        if not len(section) and section.get("value") is None:
            root.remove(section)
    ET.SubElement(ET.SubElement(root, "input"), "net-file", {"value": str(scenario.net)})
    return ET.tostring(root)
