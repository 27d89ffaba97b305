"""Signals fleet: who decides at every intersection, since when did it speak, what bound its decision?"""

from __future__ import annotations

from typing import Final

from gateway.grafana.boards.city import MODES
from gateway.grafana.parts import BLUE, GREEN, GREY, RED, YELLOW, Json, board, influx, lines, states, table
from gateway.grafana.queries import curve, select

DECIDED: Final = {
    "adaptive": GREEN,
    "held": BLUE,
    "shadow": GREY,
    "advisory": GREY,
    "off": GREY,
    "released": YELLOW,
    "waiting": YELLOW,
    "local": RED,
}
_COLUMNS: Final = (
    ("mode", "Lights", "signal"),
    ("plan", "Plan", "signal"),
    ("strategy", "Strategy", "decision"),
    ("mode", "Decisions", "decision"),
    ("binding", "Safety rule", "decision"),
    ("reason", "Because", "decision"),
)
_SINCE: Final = {
    "matcher": {"id": "byName", "options": "Time"},
    "properties": [
        {"id": "unit", "value": "dateTimeFromNow"},
        {"id": "displayName", "value": "Last word (comms age)"},
    ],
}
_BACKUP: Final = "\"mode\" = 'local' AND $timeFilter"
_FLASH: Final = "\"mode\" = 'flash' AND $timeFilter"


def fleet() -> Json:
    """The board."""
    columns = [
        influx(select(f'last("{field}") AS "{name}"', kind, group='"device"'), shape="table")
        for field, name, kind in _COLUMNS
    ]
    lights = influx(curve('last("mode")', "signal", "device"), "$tag_device")
    decided = influx(curve('last("mode")', "decision", "device"), "$tag_device")
    reports = influx(curve('count("plan")', "signal", "device", every="1m", fill="0"), "$tag_device")
    backup = influx(curve('count("plan")', "signal", "device", _BACKUP), "$tag_device")
    flash = influx(curve('count("plan")', "signal", "device", _FLASH), "$tag_device")
    return board(
        "arterial-fleet",
        "Arterial / Signals fleet",
        "Every intersection: who decides, since when it spoke, and what bound its last decision.",
        [
            [table("Intersections", columns, width=24, height=9, overrides=[_SINCE])],
            [states("Lights are decided by", [lights], MODES, width=24)],
            [states("Decisions are", [decided], DECIDED, width=24)],
            [
                lines("Reports of lights a minute (comms)", [reports], unit="none", width=8),
                lines("Reports in backup (local plan)", [backup], unit="none", width=8, doc="Empty is good."),
                lines("Reports in flash", [flash], unit="none", width=8, doc="Empty is good."),
            ],
        ],
    )
