"""What does a heat or cooling meter report? A counter of energy, and the flow and temperatures behind it."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original

KIND = keeping_original(
    flat_kind(
        "heat",
        {
            "energy_kwh": Field("float", "kWh", low=0, high=1e12, doc="Cumulative thermal energy."),
            "volume_m3": Field(
                "float", "m3", low=0, high=1e9, required=False, doc="Cumulative volume of the medium."
            ),
            "power_kw": Field("float", "kW", low=-1e7, high=1e7, required=False, doc="Negative: cooling."),
            "flow_m3_h": Field(
                "float", "m3/h", low=-1e5, high=1e5, required=False, doc="Flow of the medium."
            ),
            "supply_c": Field("float", "degC", low=-100, high=500, required=False, doc="Flow temperature."),
            "return_c": Field("float", "degC", low=-100, high=500, required=False, doc="Return temperature."),
            "battery_v": Field(
                "float", "V", low=0, high=100, required=False, doc="Absent when mains-powered."
            ),
        },
    )
)
