"""What does an electricity meter report? A counter of energy, and the power of the moment."""

from collectors.kind import Field, flat_kind
from collectors.original import keeping_original
from collectors.plausible import Counter, Plausible

KIND = keeping_original(
    flat_kind(
        "power",
        {
            "energy_kwh": Field(
                "float",
                "kWh",
                low=0,
                high=1e12,
                doc="Cumulative active energy, import register.",
                plausible=Counter(per_h=50_000, usual_per_h=60, slack=2),
            ),
            "power_kw": Field(
                "float",
                "kW",
                low=-1e7,
                high=1e7,
                required=False,
                doc="Negative: feed-in.",
                plausible=Plausible(
                    low=-50_000, high=50_000, still=24, still_h=1, zero_rests=True, moves="energy_kwh"
                ),
            ),
            "voltage_v": Field(
                "float",
                "V",
                low=0,
                high=1.2e6,
                required=False,
                doc="Mean over the phases.",
                plausible=Plausible(band=0.15, still=24),
            ),
        },
    )
)
