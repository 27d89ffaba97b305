"""How many vehicles really queue in each lane? What a simulated street knows and a real one never tells."""

from __future__ import annotations

from typing import Annotated

import msgspec

from collectors.field import Field
from collectors.kind import Kind, Record
from collectors.reading import BadPayload, Reading, Reason, shown
from collectors.registry import checked_id
from collectors.times import instant_ns

QUEUE = Field("int", "veh", low=0, high=100_000, doc="Vehicles halted or creeping in the lane's queue.")

_LANES = dict[str, Annotated[int, msgspec.Meta(ge=0, le=100_000)]]


def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
    """One reading per lane: the device is the lane, the tag the intersection. Raises BadPayload."""
    at_ns = instant_ns(record.get("t"), received_ns)
    try:
        lanes = msgspec.convert(record.get("lanes"), _LANES)
    except msgspec.ValidationError as fault:
        _refuse(record.get("lanes"))
        raise BadPayload(Reason.WRONG_SHAPE, str(fault)) from fault
    return [
        Reading(
            "truth",
            site,
            checked_id(lane, "lanes"),
            at_ns,
            {"queue_veh": queue},
            {"intersection": device},
            0,
            received_ns,
        )
        for lane, queue in lanes.items()
    ]


def _refuse(lanes: object) -> None:
    """Find the first fault in words; off the fast path."""
    if not isinstance(lanes, dict):
        detail = f"lanes: {shown(lanes)}; allowed: an object of lane ids and queues"
        raise BadPayload(Reason.WRONG_SHAPE, detail)
    for lane, queue in lanes.items():
        QUEUE.check(f"lanes.{checked_id(lane, 'lanes')}"[:80], queue)


KIND = Kind(
    "truth",
    {"queue_veh": QUEUE},
    readings,
    tags=("intersection",),
    example={"t": 1_754_000_000_000, "lanes": {"x1_eb_0": 5, "x1_eb_1": 0}},
)
