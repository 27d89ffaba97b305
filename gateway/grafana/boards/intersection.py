"""One intersection: its queues, why greens ended, why they were decided, and whether its detectors see?"""

from __future__ import annotations

from typing import Final

from gateway.grafana.boards.fleet import DECIDED
from gateway.grafana.parts import (
    GREEN,
    RED,
    YELLOW,
    Json,
    board,
    influx,
    lines,
    states,
    table,
    variable,
)
from gateway.grafana.queries import HERE, LANES, curve, select, total

HEALTH: Final = {"ok": GREEN, "substituted": YELLOW, "blind": RED}
CAUSES: Final = {4: "gap-out", 5: "max-out", 6: "force-off"}
INTERSECTION: Final = variable(
    "intersection", "Intersection", 'SHOW TAG VALUES FROM "signal" WITH KEY = "device"'
)
_REASONS: Final = '"strategy", "mode", "serve", "binding", "reason"'


def _hires(code: int, every: str, alias: str) -> Json:
    """Events of a code, counted."""
    asked = curve('count("param")', "hires", "device", f'"code" = {code} AND {HERE}', every, "0")
    return influx(asked, alias)


def _by_lane(field: str) -> Json:
    return influx(curve(f'mean("{field}")', "queue", "device", LANES), "$tag_device")


def intersection() -> Json:
    """The board of one intersection, or a few."""
    ended = [_hires(code, "5m", f"{name} $tag_device") for code, name in CAUSES.items()]
    decided = influx(curve('last("mode")', "decision", "device", HERE), "$tag_device")
    changed = f'"changed" = true AND {HERE}'
    why = influx(select(_REASONS, "decision", changed, tail="ORDER BY time DESC LIMIT 50"), shape="table")
    return board(
        "arterial-intersection",
        "Arterial / Intersection",
        "Queues with their uncertainty, why greens ended, and why they were decided.",
        [
            [
                lines("Queue by lane, vehicles", [_by_lane("queue_veh")], unit="none"),
                lines("Standard deviation of the queues, vehicles", [_by_lane("sd_veh")], unit="none"),
            ],
            [
                lines("Greens ended, by cause, in five minutes", ended, unit="none"),
                lines("Detector actuations a minute", [_hires(82, "1m", "$tag_device")], unit="none"),
            ],
            [states("Decisions are", [decided], DECIDED, width=24, height=5)],
            [table("Changes of the command, with the reason", [why], width=24, height=10)],
        ],
        [INTERSECTION],
    )


def detectors() -> Json:
    """Detector health."""
    health = influx(curve('last("health")', "queue", "device", LANES), "$tag_device")
    steps = select('"device", "before", "after", "why"', "change", f"\"what\" = 'ladder' AND {HERE}")
    return board(
        "arterial-detectors",
        "Arterial / Detector health",
        "Whose detectors are believed, replaced or blind, and how long the estimate has heard nothing.",
        [
            [states("Lanes by health of their detectors", [health], HEALTH, width=24, height=14)],
            [
                lines("Time since the last event, by lane", [_by_lane("age_s")], unit="s"),
                lines("Actuations in five minutes", [_hires(82, "5m", "$tag_device")], unit="none"),
            ],
            [
                table(
                    "Steps of the ladder",
                    [influx(steps, shape="table")],
                    width=24,
                    height=7,
                    doc="Empty is good.",
                )
            ],
        ],
        [INTERSECTION],
    )


def queues() -> Json:
    """Queues and spillback."""
    longest = influx(curve('max("queue_veh")', "queue", "device", LANES), "$tag_device")
    by = influx(total("queue_veh", "queue", "intersection", LANES), "$tag_intersection")
    top = influx(select('top("queue_veh", "device", 10)', "queue", LANES), shape="table")
    return board(
        "arterial-queues",
        "Arterial / Queues and spillback",
        "Where vehicles stand, and how sure that is.",
        [
            [
                lines("Vehicles in queues, by intersection", [by], unit="none"),
                lines("Longest queue by lane", [longest], unit="none"),
            ],
            [
                table("Ten longest queues", [top], height=9),
                lines("How sure: standard deviation", [_by_lane("sd_veh")], unit="none", height=9),
            ],
        ],
        [INTERSECTION],
    )
