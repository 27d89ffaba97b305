"""What does a water meter report? A counter that only grows, and the flow of the moment."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Counter, Plausible

KIND = keeping_original(
    flat_kind(
        "water",
        {
            "volume_m3": Field(
                "float",
                "m3",
                low=0,
                high=1e9,
                doc="Cumulative volume; restarts after an exchange.",
                plausible=Counter(per_h=1_000, usual_per_h=10, slack=0.5),
            ),
            "flow_m3_h": Field(
                "float",
                "m3/h",
                low=-1e5,
                high=1e5,
                required=False,
                doc="Negative: backflow.",
                plausible=Plausible(
                    low=-100, high=1_000, still=24, still_h=1, zero_rests=True, moves="volume_m3"
                ),
            ),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
