"""Where does it leak? Made by arterial from what meters counted; one reading for each hour of a leak."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "leak",
    {
        "flow_m3_h": Field(
            "float",
            "m3/h",
            low=0,
            high=1e9,
            doc="Least use in an hour since it last rested; 0: it has ended.",
        ),
        "hours": Field("int", "h", low=0, doc="Hours in a row with some use; 24 and more are a leak."),
    },
    tags=("of",),
)
