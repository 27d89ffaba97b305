"""What happens on the simulated street in the next half second?"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import libsumo

from signal_control.model import Intersection
from simulators.detectors import Channels, Passage, loops_of, loops_xml
from simulators.lights import Lights, Press, StreetStep
from simulators.network import NET, sumo_binary
from simulators.street_buttons import Buttons
from simulators.street_demand import Departures, Stroll, Trip, load_demand
from simulators.street_heads import crossing_phases, heads_of, state
from simulators.street_net import Net, StreetError, read_net
from simulators.street_plan import plan_lights
from simulators.street_queue import OnLane, queue_veh
from simulators.street_trips import WINDOW_S, Loss, Trips

log = logging.getLogger(__name__)

DAY_START_S = 24_300
"""06:45, the second of the demand day at which every street starts."""
WARM_UP_S = 240.0
JAM_S = 300
"""So long a vehicle has stood when SUMO lifts it out, for then it is in a jam. Shorter would take a fair wait
for one: 150 s by the safety rules, up to a minute more when several phases are due at once, and what it had
waited in the warm-up, which the controller does not know of."""
_OPTIONS = (
    *("--time-to-teleport", str(JAM_S), "--ignore-junction-blocker", "30", "--collision.action", "none"),
    *("--device.tripinfo.probability", "1", "--pedestrian.model", "striping"),
    *("--no-warnings", "true", "--no-step-log", "true", "--xml-validation", "never"),
)


class Street:
    """One corridor in SUMO, in this process (SUMO allows one at a time).

    `net_dir` is what `network.build` wrote. The demand day starts at 06:45 = `start_ms` (milliseconds since
    the epoch), after `warm_up_s` seconds under the local plans that nobody sees. The same arguments and the
    same lights give the same street. Raises StreetError when street and intersections do not fit together.
    """

    def __init__(
        self,
        net_dir: Path,
        intersections: Sequence[Intersection],
        seed: int,
        start_ms: int,
        step_s: float = 0.5,
        warm_up_s: float = WARM_UP_S,
        tripinfo: Path | None = None,
    ) -> None:
        self._intersections = {i.id: i for i in intersections}
        self._net = read_net(net_dir / NET)
        self._heads = {i.id: heads_of(i, self._net.signal_links) for i in intersections}
        self._loops = loops_of(intersections, self._net)
        self._channels = Channels(self._loops)
        self._origin_ms, self._step_s = start_ms - DAY_START_S * 1000, step_s
        self._steps, self._begin_s = 0, DAY_START_S - warm_up_s
        self.teleports = 0
        """Vehicles that SUMO lifted out of a deadlock so far; a sound street has none."""
        demand = load_demand(net_dir / "demand.toml")
        self._departures = Departures(demand, seed, self._begin_s, self._net.follow)
        self._exits = tuple(sorted({lane.edge for lane in self._net.lanes.values() if "_out_" in lane.edge}))
        self._trips, self._buttons = Trips(), Buttons(crossing_phases(self._net.signal_links))
        self._shown: dict[str, Lights] = {}
        self._walks: dict[tuple[str, str], list[Any]] = {}
        self._routes: set[str] = set()
        self._launch(net_dir, seed, _trips_told(tripinfo))
        self._warm_up(warm_up_s)

    @property
    def net(self) -> Net:
        """The network it runs on."""
        return self._net

    @property
    def now_s(self) -> float:
        """The second of the demand day."""
        return self._begin_s + self._steps * self._step_s

    @property
    def now_ms(self) -> int:
        """The street's clock, milliseconds since the epoch."""
        return self._origin_ms + round(self.now_s * 1000)

    def step(self) -> StreetStep:
        """Move the street one step on and tell what its detectors and push buttons saw."""
        start_s = self.now_s
        self._set_out(start_s)
        libsumo.simulationStep()
        self._steps += 1
        detections = self._channels.step(self._passages(), start_s, self.now_s, self._origin_ms)
        presses: list[Press] = []
        if self._steps % max(1, round(1 / self._step_s)) == 0:
            presses = self._buttons.poll(self._shown, self.now_ms)
            self._note_losses()
        self._note_teleports(libsumo.simulation.getStartingTeleportNumber())
        self._trips.arrive(libsumo.simulation.getArrivedIDList(), self.now_s)
        return StreetStep(self.now_ms, detections, presses)

    def _note_teleports(self, n: int) -> None:
        """A vehicle that SUMO had to lift out of a jam makes every figure of the run doubtful: say so."""
        if n:
            self.teleports += n
            log.warning("SUMO lifted %d jammed vehicles at %.0f s (%d so far)", n, self.now_s, self.teleports)

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Turn the heads of an intersection to `lights` until told otherwise; KeyError for an unknown one."""
        if self._shown.get(intersection_id) != lights:
            text = state(self._heads[intersection_id], lights)
            libsumo.trafficlight.setRedYellowGreenState(intersection_id, text)
            self._shown[intersection_id] = lights

    def truth(self) -> dict[str, dict[str, int]]:
        """Vehicles in the queue of every approach lane, by intersection and lane (see street_queue)."""
        return {
            name: {lane.id: queue_veh(self._on_lane(lane.id)) for lane in intersection.lanes}
            for name, intersection in self._intersections.items()
        }

    def summary(self) -> dict[str, Any]:
        """The street at a glance; delay and stops are means over trips finished in the last `window_s`."""
        delay_s, stops = self._trips.mean()
        return {
            "t": self.now_ms,
            "profile_s": int(self.now_s),
            "vehicles": libsumo.vehicle.getIDCount(),
            "waiting": len(libsumo.simulation.getPendingVehicles()),
            "trips": self._trips.finished,
            "delay_s": delay_s,
            "stops": stops,
            "window_s": WINDOW_S,
        }

    def close(self) -> None:
        """End the simulation; a next street may be opened in this process."""
        libsumo.close()

    def _launch(self, net_dir: Path, seed: int, told: tuple[str, ...]) -> None:
        if libsumo.isLoaded():
            raise StreetError("SUMO runs one street per process; close the other one first")
        os.environ.setdefault("SUMO_HOME", sumo_binary("sumo")[1]["SUMO_HOME"])
        with tempfile.TemporaryDirectory(prefix="arterial-street-") as folder:
            loops = Path(folder) / "loops.add.xml"
            loops.write_text(loops_xml(self._loops))
            extra = ",".join(str(p) for p in [*sorted(net_dir.glob("*.add.xml")), loops])
            where = ("-n", str(net_dir / NET), "-a", extra, "--seed", str(seed))
            when = ("--begin", str(self._begin_s), "--step-length", str(self._step_s))
            libsumo.start(["sumo", *where, *when, *_OPTIONS, *told])

    def _warm_up(self, warm_up_s: float) -> None:
        for _ in range(round(warm_up_s / self._step_s)):
            for intersection in self._intersections.values():
                self.show(intersection.id, plan_lights(intersection, self.now_ms))
            self.step()
        self._trips = Trips()
        self._channels = Channels(self._loops)

    def _set_out(self, now_s: float) -> None:
        for leaver in self._departures.due(now_s + self._step_s):
            if isinstance(leaver, Trip):
                self._add_vehicle(leaver)
            else:
                self._add_person(leaver)

    def _add_vehicle(self, trip: Trip) -> None:
        route = ">".join(trip.links)
        if route not in self._routes:
            libsumo.route.add(route, [edge for link in trip.links for edge in self._net.stretch(link)])
            self._routes.add(route)
        libsumo.vehicle.add(trip.id, route, trip.type, departLane="best", departSpeed="max")
        for stop in trip.stops:
            libsumo.vehicle.setBusStop(trip.id, stop, trip.dwell_s)

    def _add_person(self, stroll: Stroll) -> None:
        """People walk the shortest way; SUMO is asked for it once per pair of edges."""
        pair = (stroll.from_edge, stroll.to_edge)
        if pair not in self._walks:
            stages = libsumo.simulation.findIntermodalRoute(*pair, modes="", pType="person")
            self._walks[pair] = list(stages[0].edges) if stages else []
        if edges := self._walks[pair]:
            lengths = [libsumo.lane.getLength(f"{edge}_0") for edge in pair]
            libsumo.person.add(stroll.id, pair[0], stroll.start * lengths[0], typeID="person")
            libsumo.person.appendWalkingStage(stroll.id, edges, stroll.end * lengths[1])

    def _passages(self) -> dict[str, list[Passage]]:
        found = {}
        for loop in self._loops:
            if data := libsumo.inductionloop.getVehicleData(loop.id):
                found[loop.id] = [(entry, leave) for _, _, entry, leave, _ in data]
        return found

    def _on_lane(self, lane: str) -> list[OnLane]:
        """Vehicles of an approach lane and of the one that feeds it, nearest to the stop line first."""
        found = _vehicles(lane, 0.0)
        if lane in self._net.feeders:
            before, between_m = self._net.feeders[lane]
            found += _vehicles(before, self._net.lanes[lane].length_m + between_m)
        return found

    def _note_losses(self) -> None:
        """Losses are read on the exits, once a second: SUMO forgets a vehicle when it arrives."""
        vehicle = libsumo.vehicle
        for edge in self._exits:
            for name in libsumo.edge.getLastStepVehicleIDs(edge):
                delay_s = vehicle.getTimeLoss(name) + vehicle.getDepartDelay(name)
                stops = int(vehicle.getParameter(name, "device.tripinfo.waitingCount"))
                self._trips.note(name, Loss(delay_s, stops))


def _trips_told(tripinfo: Path | None) -> tuple[str, ...]:
    """SUMO's options for an account of every trip, also of those that end with the simulation."""
    if tripinfo is None:
        return ()
    told = ("--tripinfo-output", str(tripinfo), "--device.emissions.probability", "1")
    return (
        *told,
        *("--tripinfo-output.write-unfinished", "true", "--tripinfo-output.write-undeparted", "true"),
    )


def _vehicles(lane: str, beyond_m: float) -> list[OnLane]:
    length_m, vehicle = libsumo.lane.getLength(lane), libsumo.vehicle
    return [
        OnLane(beyond_m + length_m - vehicle.getLanePosition(v), vehicle.getLength(v), vehicle.getSpeed(v))
        for v in reversed(libsumo.lane.getLastStepVehicleIDs(lane))
    ]
