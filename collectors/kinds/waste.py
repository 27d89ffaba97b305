"""What does a waste bin report? How full it is, and whether it is on fire."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Plausible

KIND = keeping_original(
    flat_kind(
        "waste",
        {
            "fill": Field(
                "float",
                "",
                low=0,
                high=1,
                doc="Share of the volume: 0 empty, 1 full.",
                plausible=Plausible(rise=0.6, per_h=0.6, still=24, still_h=96),
            ),
            "temperature_c": Field(
                "float",
                "degC",
                low=-273.15,
                high=2000,
                required=False,
                doc="Inside the bin.",
                plausible=Plausible(low=-40, high=70, rise=15, fall=15, per_h=60, still=24, still_h=3),
            ),
            "tilt_deg": Field(
                "float", "deg", low=-360, high=360, required=False, doc="From upright; lying: 90."
            ),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
