"""What do meters and bins say at a glance?"""

from __future__ import annotations

from typing import Final

from collectors.quality import Flag
from collectors.reading import Reading

REPORTING_NS: Final = 5 * 60 * 1_000_000_000
"""A device counts as reporting when its last reading is younger than this."""

METERS: Final[dict[str, tuple[str, str, str, str]]] = {
    "water": ("flow_m3_h", "m³/h", "volume_m3", "m³"),
    "power": ("power_kw", "kW", "energy_kwh", "kWh"),
    "gas": ("flow_m3_h", "m³/h", "volume_m3", "m³"),
}
"""Per kind: the field of the present rate and its unit, the cumulative counter and its unit."""
FULL_SHARE: Final = 0.8


class LastValues:
    """The newest reading of each device of one kind."""

    def __init__(self) -> None:
        self._last: dict[str, Reading] = {}

    def observe(self, reading: Reading) -> None:
        """Keep the reading if it is the newest of its device; one from the future makes way for any."""
        before = self._last.get(reading.device)
        if before is None or reading.at_ns >= before.at_ns or before.quality & Flag.CLOCK:
            self._last[reading.device] = reading

    def __len__(self) -> int:
        return len(self._last)

    def fresh(self, now_ns: int) -> list[Reading]:
        """Readings of devices that report."""
        return [r for r in self._last.values() if now_ns - r.at_ns <= REPORTING_NS]

    def total(self, field: str, readings: list[Reading]) -> float:
        """Sum of one field over `readings`."""
        values = (r.fields.get(field) for r in readings)
        return sum(float(v) for v in values if isinstance(v, int | float))

    def all(self) -> list[Reading]:
        """The newest reading of every device, reporting or not."""
        return list(self._last.values())


class UtilitiesPanel:
    """Meters by kind and waste bins by fill."""

    def __init__(self) -> None:
        self._meters = {kind: LastValues() for kind in METERS}
        self._bins = LastValues()

    def observe(self, reading: Reading) -> None:
        """Take a reading of a meter or a bin; other kinds pass by."""
        if reading.kind == "waste":
            self._bins.observe(reading)
        elif reading.kind in self._meters:
            self._meters[reading.kind].observe(reading)

    def utilities(self, now_ns: int) -> dict[str, object]:
        """Water, power and gas: devices seen, devices reporting, present total rate, sum of the counters."""
        view: dict[str, object] = {}
        for kind, (rate, rate_unit, counter, counter_unit) in METERS.items():
            last = self._meters[kind]
            fresh = last.fresh(now_ns)
            view[kind] = {
                "devices": len(last),
                "reporting": len(fresh),
                "total": round(last.total(rate, fresh), 3) if fresh else None,
                "total_unit": rate_unit,
                "counter": round(last.total(counter, last.all()), 1) if len(last) else None,
                "counter_unit": counter_unit,
            }
        return view

    def waste(self, now_ns: int) -> dict[str, object]:
        """Bins by fill: a histogram of ten equal classes, how many are nearly full, the five fullest."""
        fills = {r.device: float(r.fields.get("fill", 0.0)) for r in self._bins.fresh(now_ns)}
        histogram = [0] * 10
        for fill in fills.values():
            histogram[min(9, max(0, int(fill * 10)))] += 1
        fullest = sorted(fills.items(), key=lambda item: -item[1])[:5]
        return {
            "devices": len(self._bins),
            "reporting": len(fills),
            "over_80": sum(fill >= FULL_SHARE for fill in fills.values()),
            "histogram": histogram,
            "fullest": [{"device": device, "fill": round(fill, 3)} for device, fill in fullest],
        }
