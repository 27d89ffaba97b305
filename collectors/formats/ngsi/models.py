"""Which attributes of the Smart Data Models are which fields of our kinds, and in which units do they count?

Units from the models' own model.yaml; a `unitCode` in the payload counts more. Descriptions and places of an
entity do not change with every message: they stand beside the values.
"""

from __future__ import annotations

from typing import Final

from collectors.formats.ngsi.entity import Attribute
from collectors.observation import Fields

FIELDS: Final[dict[str, Fields]] = {
    "traffic": {
        "count_veh": ("intensity",),
        "occupancy": ("occupancy",),
        "speed_km_h": ("averageVehicleSpeed", "averageSpeed"),
        "length_m": ("averageVehicleLength", "averageLength"),
        "headway_s": ("averageHeadwayTime",),
        "gap_m": ("averageGapDistance",),
        "congested": ("congested",),
        "lane": ("laneId",),
        "vehicle_class": ("vehicleType", "itemType"),
    },
    "waste": {"fill": ("fillingLevel",), "temperature_c": ("temperature",)},
    "water": {"volume_m3": ("waterConsumption", "totalConsumption")},
    "gas": {"volume_m3": ("totalConsumption",)},
    "power": {
        "energy_kwh": ("totalActiveEnergyImport", "totalConsumption"),
        "power_kw": ("totalActivePower", "activePower"),
        "voltage_v": ("voltage",),
    },
}

ABOUT: Final = (
    *("name", "alternateName", "description", "dataProvider", "source", "owner", "seeAlso", "address"),
    *("areaServed", "location", "image", "refDevice", "dateCreated", "createdAt", "entityVersion"),
    *("refRoadSegment", "refWasteContainerIsle", "refWasteContainerModel", "serialNumber"),
    *("dateEnergyMeteringStarted", "meterType"),
)

_ELECTRIC: Final = {
    **dict.fromkeys(("totalActiveEnergyImport", "totalActiveEnergyExport", "activeEnergyImport"), "kWh"),
    **dict.fromkeys(("totalReactiveEnergyImport", "totalReactiveEnergyExport"), "kvarh"),
    **dict.fromkeys(("totalActivePower", "activePower"), "W"),
    **dict.fromkeys(("totalReactivePower", "reactivePower"), "var"),
    **dict.fromkeys(("totalApparentPower", "apparentPower"), "VA"),
    **dict.fromkeys(("phaseVoltage", "phaseToPhaseVoltage", "voltage"), "V"),
    "current": "A",
    "frequency": "Hz",
}
_UNITS: Final[dict[str, dict[str, str]]] = {
    "ThreePhaseAcMeasurement": _ELECTRIC,
    "ACMeasurement": _ELECTRIC,
    "WaterConsumptionObserved": {"waterConsumption": "m3", "minFlow": "L/h", "maxFlow": "L/h"},
    "TrafficFlowObserved": {
        "averageVehicleSpeed": "km/h",
        "averageHeadwayTime": "s",
        "averageGapDistance": "m",
    },
    "WasteContainer": {"binFullnessThreshold": "%", "temperature": "degC"},
}
_METERS: Final = {"electricity": "kWh", "gas": "m3", "water": "m3"}
_CONSUMPTIONS: Final = ("totalConsumption", "peakConsumption", "offPeakConsumption")


def units_of(kind: str, attributes: dict[str, Attribute], meter: object = None) -> dict[str, str]:
    """The unit of each attribute and of what is inside it, by dotted name; none where nobody says."""
    declared = _UNITS.get(kind, {})
    if kind == "SmartMeteringObservation" and isinstance(meter, str):
        unit = _METERS.get(meter.casefold(), "")
        declared = dict.fromkeys(_CONSUMPTIONS, unit) if unit else {}
    found: dict[str, str] = {}
    for word, said in attributes.items():
        unit = said.unit or declared.get(word, "")
        if unit:
            found[word] = unit
            if isinstance(said.value, dict):
                found.update({f"{word}.{part}": unit for part in said.value})
    return found
