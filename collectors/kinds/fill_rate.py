"""How fast does a bin fill? Made by arterial from its readings, once an hour."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "fill_rate",
    {
        "fill": Field("float", "", low=0, high=1, doc="Share of the volume: 0 empty, 1 full."),
        "per_day": Field("float", "", low=0, high=1e6, doc="Share of the volume that comes in a day."),
        "full_in_h": Field(
            "float", "h", low=0, high=1e6, required=False, doc="At this rate; absent beyond a year."
        ),
    },
)
