"""What did the trips of a run cost, by SUMO's own account of each?

Delay is RESCO's: time lost and departure delay of every trip, finished or not; vehicles that were never let
in count with their waiting. Needs `--tripinfo-output` with unfinished and undeparted trips.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TripSums:
    """Means over trips: delay in seconds over all; stops and waits (s) over those who set out.

    `co2_kg` and `fuel_l` are totals over the run; petrol of 0.745 kg/l. `ped_wait_s` is NaN without people.
    """

    trips: int
    finished: int
    never_in: int
    delay_s: float
    stops: float
    wait_s: float
    co2_kg: float
    fuel_l: float
    people: int
    ped_wait_s: float


PETROL_KG_L = 0.745


def read_trips(path: Path, from_s: float = -math.inf) -> TripSums:
    """Sum up a tripinfo file over trips that wanted to set out from `from_s` on."""
    n = finished = never_in = out = people = 0
    delay_s = stops = wait_s = co2_mg = fuel_mg = walked_s = 0.0
    for _, element in ET.iterparse(path):
        if element.tag == "personinfo":
            people += 1
            walked_s += sum(float(w.get("waitingTime", 0)) for w in element.iter("walk"))
            element.clear()
        if element.tag != "tripinfo":
            continue
        a = element.attrib
        waited_s, depart_s = float(a["departDelay"]), float(a["depart"])
        wanted_s = depart_s - waited_s if depart_s >= 0 else math.inf
        if wanted_s < from_s or (depart_s < 0 and waited_s < 0):
            element.clear()
            continue
        n += 1
        delay_s += waited_s
        if depart_s < 0:
            never_in += 1
        else:
            out += 1
            delay_s += float(a["timeLoss"])
            stops += float(a["waitingCount"])
            wait_s += float(a["waitingTime"])
            finished += float(a["arrival"]) >= 0
            emissions = element.find("emissions")
            if emissions is not None:
                co2_mg += float(emissions.get("CO2_abs", 0))
                fuel_mg += float(emissions.get("fuel_abs", 0))
        element.clear()
    return TripSums(
        trips=n,
        finished=finished,
        never_in=never_in,
        delay_s=delay_s / n if n else math.nan,
        stops=stops / out if out else math.nan,
        wait_s=wait_s / out if out else math.nan,
        co2_kg=co2_mg / 1e6,
        fuel_l=fuel_mg / 1e6 / PETROL_KG_L,
        people=people,
        ped_wait_s=walked_s / people if people else math.nan,
    )
