"""What does a waste bin report? How full it is, and whether it is on fire."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "waste",
    {
        "fill": Field("float", "", low=0, high=1, doc="Share of the volume: 0 empty, 1 full."),
        "temperature_c": Field(
            "float", "degC", low=-273.15, high=2000, required=False, doc="Inside the bin."
        ),
        "battery_v": Field("float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."),
    },
)
