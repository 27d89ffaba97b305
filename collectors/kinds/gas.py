"""What does a gas meter report? A counter at metering conditions, and the flow of the moment."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Counter, Plausible

KIND = keeping_original(
    flat_kind(
        "gas",
        {
            "volume_m3": Field(
                "float",
                "m3",
                low=0,
                high=1e9,
                doc="Cumulative volume, not temperature-corrected.",
                plausible=Counter(per_h=10_000, usual_per_h=25, slack=1, still_h=0),
            ),
            "flow_m3_h": Field(
                "float",
                "m3/h",
                low=-1e6,
                high=1e6,
                required=False,
                doc="Negative: feed-in.",
                plausible=Plausible(
                    low=-10_000, high=10_000, still=24, still_h=1, zero_rests=True, moves="volume_m3"
                ),
            ),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
