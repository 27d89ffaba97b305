"""How much was used in the time up to `t`? Made by arterial from the counters of meters; never negative."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "consumption",
    {
        "volume_m3": Field("float", "m3", low=0, high=1e9, required=False, doc="Volume used."),
        "energy_kwh": Field("float", "kWh", low=0, high=1e12, required=False, doc="Energy used."),
        "interval_s": Field("float", "s", low=0, doc="The time it was used in, up to `t`."),
    },
    tags=("of",),
)
