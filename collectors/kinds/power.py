"""What does an electricity meter report? A counter of energy, and the power of the moment."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original

KIND = keeping_original(
    flat_kind(
        "power",
        {
            "energy_kwh": Field(
                "float", "kWh", low=0, high=1e12, doc="Cumulative active energy, import register."
            ),
            "power_kw": Field("float", "kW", low=-1e7, high=1e7, required=False, doc="Negative: feed-in."),
            "voltage_v": Field("float", "V", low=0, high=1.2e6, required=False, doc="Mean over the phases."),
        },
    )
)
