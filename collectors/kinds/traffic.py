"""What does a loop, radar or camera count? Vehicles in the time up to `t`, by lane or class."""

from __future__ import annotations

import re
from functools import lru_cache
from zlib import crc32

from msgspec.structs import replace

from collectors.field import Field
from collectors.kind import Kind, Record, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Plausible
from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason, shown

_NS_PER_MS = 1_000_000
_UNFIT = re.compile(r"[^A-Za-z0-9_.:-]")
_FLAT = flat_kind(
    "traffic",
    {
        "count_veh": Field(
            "int", "veh", low=0, high=100_000, required=False, doc="Vehicles in the interval."
        ),
        "occupancy": Field(
            "float",
            low=0,
            high=1,
            required=False,
            doc="Share of the interval with a vehicle above.",
            plausible=Plausible(still=24, still_h=0.5, zero_rests=True),
        ),
        "speed_km_h": Field(
            "float",
            "km/h",
            low=0,
            high=400,
            required=False,
            doc="Mean over the vehicles.",
            plausible=Plausible(high=180, still=24, still_h=0.5, zero_rests=True),
        ),
        "interval_s": Field("float", "s", low=0, high=86_400, required=False, doc="Length of the interval."),
        "length_m": Field("float", "m", low=0, high=100, required=False, doc="Mean length of the vehicles."),
        "headway_s": Field(
            "float", "s", low=0, high=86_400, required=False, doc="Mean time between vehicles."
        ),
        "gap_m": Field(
            "float", "m", low=0, high=100_000, required=False, doc="Mean distance between vehicles."
        ),
        "congested": Field("bool", required=False, doc="What the detector itself calls congested."),
    },
)


def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
    """One reading; lane and class are tags, and set its tie, so that those of one instant stay apart."""
    tags, tie = _place(_text(record, "lane"), _text(record, "vehicle_class"))
    (found,) = _FLAT.readings(record, site, device, received_ns)
    at_ns = found.at_ns // _NS_PER_MS * _NS_PER_MS if tie else found.at_ns
    return [replace(found, at_ns=at_ns, tags=tags, tie=tie)]


def _text(record: Record, name: str) -> str:
    value = record.get(name, "")
    if value is None or type(value) in (str, int):
        return "" if value is None else str(value)[:64]
    raise BadPayload(Reason.WRONG_SHAPE, f"{name}: {shown(value)}; allowed: a text or a whole number")


@lru_cache(maxsize=4096)
def _place(lane: str, vehicle_class: str) -> tuple[dict[str, str], int]:
    tags = {"lane": _UNFIT.sub("_", lane), "vehicle_class": _UNFIT.sub("_", vehicle_class)}
    tie = crc32(f"{lane}/{vehicle_class}".encode("utf-8", "replace")) % TIE_LIMIT
    return tags, tie if lane or vehicle_class else 0


KIND = keeping_original(
    Kind(
        "traffic",
        _FLAT.fields,
        readings,
        tags=("lane", "vehicle_class"),
        example={
            "t": 1_754_000_000_000,
            "count_veh": 14,
            "occupancy": 0.12,
            "speed_km_h": 47.5,
            "interval_s": 60.0,
            "lane": "1",
            "vehicle_class": "truck",
        },
    )
)
