"""What does a gas meter report? A counter at metering conditions, and the flow of the moment."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original

KIND = keeping_original(
    flat_kind(
        "gas",
        {
            "volume_m3": Field(
                "float", "m3", low=0, high=1e9, doc="Cumulative volume, not temperature-corrected."
            ),
            "flow_m3_h": Field("float", "m3/h", low=-1e6, high=1e6, required=False, doc="Negative: feed-in."),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
