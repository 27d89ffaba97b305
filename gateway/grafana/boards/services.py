"""Water, power, gas and waste: what flows, what was used, which bins want emptying?"""

from __future__ import annotations

from typing import Final

from gateway.grafana.parts import GREEN, RED, YELLOW, Json, board, figure, influx, lines, table
from gateway.grafana.queries import curve, gained, select, total

FLAGGED: Final = ("water", "power", "gas", "heat", "waste")
FILL: Final = ((0.0, GREEN), (0.7, YELLOW), (0.9, RED))


def _first(function: str, field: str, kind: str, n: int = 10) -> Json:
    """The devices with the largest (top) or smallest (bottom) values."""
    return influx(select(f'{function}("{field}", "device", {n})', kind), shape="table")


def _used(field: str, of: str) -> Json:
    """What all meters of a kind used, by quarter hour."""
    return influx(
        curve(f'sum("{field}")', "consumption", where=f"\"of\" = '{of}' AND $timeFilter", every="15m"), of
    )


def _not_well() -> Json:
    """Devices and feeds by what is wrong with them, as said last."""
    said = ", ".join(f'last("{field}") AS "{field}"' for field in ("state", "why", "broken_s"))
    return table(
        "Devices and feeds that are not well, or were",
        [influx(select(said, "health", group='"device", "what"'), shape="table")],
        width=16,
        doc="What is so now is said again every hour: docs/quality.md.",
    )


def utilities() -> Json:
    """Water, power and gas."""
    leaks = influx(
        select('last("flow_m3_h") AS "least flow", last("hours") AS "hours"', "leak", group='"device"'),
        shape="table",
    )
    return board(
        "arterial-utilities",
        "Arterial / Utilities",
        "What flows now, and what was used in the time shown.",
        [
            [
                figure("Water used, m³", influx(gained("volume_m3", "water")), unit="none", width=8),
                figure("Energy used", influx(gained("energy_kwh", "power")), unit="kwatth", width=8),
                figure("Gas used, m³", influx(gained("volume_m3", "gas")), unit="none", width=8),
            ],
            [
                lines("Water flow, m³/h", [influx(total("flow_m3_h", "water"), "all meters")], width=8),
                lines("Power", [influx(total("power_kw", "power"), "all meters")], unit="kwatt", width=8),
                lines("Gas flow, m³/h", [influx(total("flow_m3_h", "gas"), "all meters")], width=8),
            ],
            [
                table("Largest flows of water, m³/h", [_first("top", "flow_m3_h", "water")], width=8),
                table("Largest loads", [_first("top", "power_kw", "power")], unit="kwatt", width=8),
                table("Lowest batteries", [_first("bottom", "battery_v", "water")], unit="volt", width=8),
            ],
            [
                lines(
                    "Used in a quarter hour, m³", [_used("volume_m3", of) for of in ("water", "gas")], width=8
                ),
                lines("Energy in a quarter hour", [_used("energy_kwh", "power")], unit="kwatth", width=8),
                table(
                    "Leaks, m³/h",
                    [leaks],
                    width=8,
                    doc="Connections that have not rested for a day; 0: it is over.",
                ),
            ],
            [
                _not_well(),
                lines(
                    "Readings with a flag",
                    [influx(curve('count("quality")', kind), kind) for kind in FLAGGED],
                    width=8,
                    unit="none",
                ),
            ],
        ],
    )


def waste() -> Json:
    """Waste bins."""
    fill = [influx(curve('mean("fill")', "waste"), "mean"), influx(curve('max("fill")', "waste"), "fullest")]
    hot = influx(curve('max("temperature_c")', "waste"), "hottest")
    fullest = table(
        "Fullest bins", [_first("top", "fill", "waste", 20)], unit="percentunit", height=12, steps=FILL
    )
    return board(
        "arterial-waste",
        "Arterial / Waste",
        "Which bins are full, hot or low on battery.",
        [
            [fullest, lines("Mean and highest fill", fill, unit="percentunit", height=12)],
            [
                lines("Hottest bin", [hot], unit="celsius", doc="Above 60 °C something burns."),
                table("Lowest batteries", [_first("bottom", "battery_v", "waste")], unit="volt"),
            ],
            [
                table("Full soonest, h", [_first("bottom", "full_in_h", "fill_rate", 20)], unit="none"),
                lines(
                    "Fill rate, share a day",
                    [influx(curve('mean("per_day")', "fill_rate"), "mean")],
                    unit="percentunit",
                ),
            ],
        ],
    )
