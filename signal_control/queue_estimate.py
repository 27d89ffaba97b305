"""What is known of the queue on a lane at one moment? (Plain values: whoever reads them compiles nothing.)"""

from __future__ import annotations

from typing import Literal

import msgspec

LaneHealth = Literal["ok", "substituted", "blind"]


class QueueEstimate(msgspec.Struct, frozen=True, gc=False):
    """Vehicles queued on a lane with standard deviation, and the age of the last word from the intersection.

    `moving` are vehicles on the lane that do not stand: about to arrive, or discharged and not over the line.
    `stalled` means that the lane did not let anybody go during its last green or this one.
    `arrivals` are the moving ones: seconds from now until they would be at the stop line if nothing held
    them up, and how many (a share of one where the lane is uncertain), in order of time; `sight_s` is how
    far ahead they can be known, 0 for not at all. `left_s` is how long ago somebody was last seen to cross
    the stop line (-1: unknown), `front_s` for how long somebody has been standing there without a break.
    `saturation_veh_h` is the learned discharge rate of a queue, 0 until enough was seen. `health` says
    whether all of the lane's detectors are trusted, some are replaced by what others say, or nothing is left
    but an assumed flow.
    """

    lane: str
    vehicles: float
    sd: float
    age_s: float
    moving: float = 0.0
    stalled: bool = False
    arrivals: tuple[tuple[float, float], ...] = ()
    sight_s: float = 0.0
    left_s: float = -1.0
    front_s: float = 0.0
    saturation_veh_h: float = 0.0
    health: LaneHealth = "ok"
