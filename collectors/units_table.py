"""What is one of each unit worth in the unit that arterial keeps its quantity in?

Codes of UCUM, SenML (RFC 8428 section 12.1, RFC 8798) and UN/CEFACT Recommendation 20, and what
devices print.
Each row: value in the kept unit = value * factor + offset. Factors: NIST SP 811, appendix B.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Unit(NamedTuple):
    """What a unit measures, the unit in which that is kept, and how to get there."""

    quantity: str
    kept: str
    factor: float
    offset: float = 0.0


_Row = tuple[float, str]
"""Factor, and the spellings of one unit, blanks between them; letter case counts."""

_QUANTITIES: Final[dict[tuple[str, str], tuple[_Row, ...]]] = {
    ("volume", "m3"): (
        (1.0, "m3 m³ m^3 MTQ cbm"),
        (1e-3, "L l litre liter litres liters LTR dm3 DMQ"),
        (1e-6, "mL ml MLT cm3 CMQ"),
        (0.1, "hL hl HLT"),
        (0.028316846592, "ft3 ft³ [cft_i] [cft_us] FTQ cf"),
        (0.003785411784, "gal [gal_us] GLL"),
        (0.00454609, "[gal_br] GLI"),
    ),
    ("flow", "m3/h"): (
        (1.0, "m3/h m³/h m3h MQH cbm/h"),
        (3600.0, "m3/s m³/s MQS"),
        (1e-3, "L/h l/h lph E32"),
        (0.06, "L/min l/min lpm L2"),
        (3.6, "L/s l/s G51"),
        (0.2271247070, "gal/min [gal_us]/min gpm G2"),
    ),
    ("energy", "kWh"): (
        (1.0, "kWh kW.h KWH kwh"),
        (1e-3, "Wh W.h WHR wh"),
        (1e3, "MWh MW.h MWH"),
        (1e6, "GWh GW.h GWH"),
        (1 / 3.6e6, "J JOU Ws W.s"),
        (1 / 3600, "kJ KJO"),
        (1 / 3.6, "MJ 3B"),
        (1e3 / 3.6, "GJ GV gj"),
        (2.9307107017e-4, "BTU Btu [Btu_IT]"),
        (1.163e-3, "kcal"),
        (1163.0, "Gcal"),
    ),
    ("power", "kW"): (
        (1.0, "kW KWT kw"),
        (1e-3, "W WTT w"),
        (1e-6, "mW C31"),
        (1e3, "MW MAW"),
        (0.74569987158, "hp [HP] BHP"),
    ),
    ("apparent power", "kVA"): ((1.0, "kVA KVA kV.A"), (1e-3, "VA V.A D46")),
    ("reactive power", "kvar"): ((1.0, "kvar KVR kVAr"), (1e-3, "var D44 VAr")),
    ("reactive energy", "kvarh"): ((1.0, "kvarh K3 kVArh"), (1e-3, "varh"), (1 / 3.6e6, "vars")),
    ("apparent energy", "kVAh"): ((1.0, "kVAh"), (1e-3, "VAh"), (1 / 3.6e6, "VAs")),
    ("voltage", "V"): ((1.0, "V VLT v volt volts"), (1e-3, "mV 2Z mv"), (1e3, "kV KVT")),
    ("current", "A"): ((1.0, "A AMP amp"), (1e-3, "mA 4K ma"), (1e3, "kA B22")),
    ("charge", "Ah"): ((1.0, "Ah A.h AMH"), (1e-3, "mAh E09"), (1 / 3600, "C COU A.s")),
    ("resistance", "Ohm"): ((1.0, "Ohm ohm Ω OHM"), (1e3, "kOhm kΩ B49")),
    ("frequency", "Hz"): ((1.0, "Hz HTZ 1/s /s"), (1e3, "kHz KHZ"), (1e6, "MHz MHZ"), (1 / 60, "1/min /min")),
    ("ratio", "1"): (
        (1.0, "1 / C62 {ratio} ratio fraction"),
        (0.01, "% P1 %RH %EL percent pct /100"),
        (1e-3, "/1000 ‰ NX"),
    ),
    ("count", "count"): ((1.0, "count veh vehicles items EA H87 pcs {count}"),),
    ("speed", "km/h"): (
        (1.0, "km/h kmh KMH kph"),
        (3.6, "m/s MTS mps"),
        (1.609344, "mph [mi_i]/h HM mi/h"),
        (1.852, "kn [kn_i] KNT"),
    ),
    ("length", "m"): (
        (1.0, "m MTR meter metre"),
        (1e-3, "mm MMT"),
        (1e-2, "cm CMT"),
        (1e3, "km KMT"),
        (0.0254, "in [in_i] INH inch"),
        (0.3048, "ft [ft_i] FOT"),
        (1609.344, "mi [mi_i] SMI"),
    ),
    ("time", "s"): (
        (1.0, "s SEC sec"),
        (1e-3, "ms C26"),
        (60.0, "min MIN"),
        (3600.0, "h HUR hr hours"),
        (86_400.0, "d DAY days"),
    ),
    ("pressure", "kPa"): (
        (1.0, "kPa KPA"),
        (1e-3, "Pa PAL"),
        (0.1, "hPa mbar MBR A97"),
        (100.0, "bar BAR"),
        (1e3, "MPa MPA"),
        (101.325, "atm ATM"),
        (6.894757293, "psi [psi] PS"),
    ),
    ("mass", "kg"): (
        (1.0, "kg KGM"),
        (1e-3, "g GRM"),
        (1e-6, "mg MGM"),
        (1e3, "t TNE"),
        (0.45359237, "lb [lb_av] LBR"),
    ),
    ("angle", "deg"): ((1.0, "deg ° DD"), (57.29577951308232, "rad C81")),
    ("latitude", "lat"): ((1.0, "lat"),),
    ("longitude", "lon"): ((1.0, "lon"),),
    ("illuminance", "lx"): ((1.0, "lx LUX lux"),),
    ("irradiance", "W/m2"): ((1.0, "W/m2 W/m² D54"),),
    ("sound level", "dB"): ((1.0, "dB 2N dBA dB(A) dB[SPL]"),),
    ("received power", "dBm"): ((1.0, "dBm dB[mW]"),),
    ("concentration", "ug/m3"): ((1.0, "ug/m3 µg/m3 µg/m³ μg/m3 μg/m³ GQ"), (1e3, "mg/m3 mg/m³ GP")),
    ("parts", "ppm"): ((1.0, "ppm [ppm] 59"), (1e-3, "ppb [ppb] 61")),
    ("rainfall rate", "mm/h"): ((1.0, "mm/h"), (1e3, "m/h")),
    ("acidity", "pH"): ((1.0, "pH [pH] Q30"),),
    ("turbidity", "NTU"): ((1.0, "NTU [NTU]"),),
    ("data", "B"): ((1.0, "B byte AD"), (1024.0, "KiB"), (1e9, "GB E34"), (0.125, "bit A99")),
}

_TEMPERATURES: Final[tuple[tuple[str, float, float], ...]] = (
    ("degC Cel °C CEL C°", 1.0, 0.0),
    ("K KEL", 1.0, -273.15),
    ("degF [degF] °F FAH F°", 5 / 9, -160 / 9),
)

UNITS: Final[dict[str, Unit]] = {
    **{
        spelling: Unit(quantity, kept, factor)
        for (quantity, kept), rows in _QUANTITIES.items()
        for factor, spellings in rows
        for spelling in spellings.split()
    },
    **{
        spelling: Unit("temperature", "degC", factor, offset)
        for spellings, factor, offset in _TEMPERATURES
        for spelling in spellings.split()
    },
}
"""Every unit by each of its spellings."""
