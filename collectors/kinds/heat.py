"""What does a heat or cooling meter report? A counter of energy, and the flow and temperatures behind it."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Counter, Plausible

KIND = keeping_original(
    flat_kind(
        "heat",
        {
            "energy_kwh": Field(
                "float",
                "kWh",
                low=0,
                high=1e12,
                doc="Cumulative thermal energy.",
                plausible=Counter(per_h=100_000, usual_per_h=200, slack=5, still_h=0),
            ),
            "volume_m3": Field(
                "float",
                "m3",
                low=0,
                high=1e9,
                required=False,
                doc="Cumulative volume of the medium.",
                plausible=Counter(per_h=10_000, usual_per_h=50, slack=1, still_h=0),
            ),
            "power_kw": Field("float", "kW", low=-1e7, high=1e7, required=False, doc="Negative: cooling."),
            "flow_m3_h": Field(
                "float",
                "m3/h",
                low=-1e5,
                high=1e5,
                required=False,
                doc="Flow of the medium.",
                plausible=Plausible(
                    low=-1_000, high=10_000, still=24, still_h=1, zero_rests=True, moves="volume_m3"
                ),
            ),
            "supply_c": Field(
                "float",
                "degC",
                low=-100,
                high=500,
                required=False,
                doc="Flow temperature.",
                plausible=Plausible(low=-10, high=200, rise=40, fall=40, per_h=120, still=24, still_h=24),
            ),
            "return_c": Field(
                "float",
                "degC",
                low=-100,
                high=500,
                required=False,
                doc="Return temperature.",
                plausible=Plausible(low=-10, high=180, rise=40, fall=40, per_h=120, still=24, still_h=24),
            ),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
