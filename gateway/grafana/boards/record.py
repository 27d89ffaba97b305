"""The books of the pipeline, and who changed what?"""

from __future__ import annotations

from typing import Final

from gateway.grafana.boards.city import REFUSED, WAITING
from gateway.grafana.parts import GREEN, RED, Json, board, figure, influx, lines, table
from gateway.grafana.queries import curve, select

BOOKS: Final = ("received", "stored", "duplicate", "refused", "waiting")
_OWED: Final = " - ".join(
    f'last("{name}")' for name in ("received", "stored", "refused", "duplicate", "waiting")
)
_CHANGE: Final = '"device", "what", "who", "before", "after", "why"'


def pipeline() -> Json:
    """The books, from the store itself."""
    books = [influx(curve(f'last("{name}")', "pipeline"), name) for name in BOOKS]
    rate = curve('non_negative_derivative(last("received"), 1s)', "pipeline")
    waiting, refused = select('last("waiting")', "pipeline"), select('spread("refused")', "pipeline")
    unaccounted = influx(select(_OWED, "pipeline"))
    return board(
        "arterial-pipeline",
        "Arterial / Pipeline",
        "received = stored + refused + duplicate + waiting: what became of every reading.",
        [
            [
                figure(
                    "Unaccounted for", unaccounted, width=6, steps=[(0, GREEN), (1, RED)], doc="Always 0."
                ),
                figure("Waiting", influx(waiting), width=6, steps=WAITING),
                figure("Refused in this time", influx(refused), width=6, steps=REFUSED),
                figure("Readings a second", influx(rate), width=6, unit="none"),
            ],
            [lines("The books", books, width=24, unit="none")],
            [
                lines("Readings a second", [influx(rate, "received")], unit="none"),
                lines("Waiting", [books[-1]], unit="none"),
            ],
        ],
    )


def changes() -> Json:
    """Who changed what."""
    rows = influx(select(_CHANGE, "change", tail="ORDER BY time DESC LIMIT 200"), shape="table")
    heads = influx(select('"number", "hash"', "audit", tail="ORDER BY time DESC LIMIT 20"), shape="table")
    verify = "arterial audit verify --head NUMBER:HASH"
    return board(
        "arterial-changes",
        "Arterial / Changes",
        "The audit trail's changes, and the heads of its chain to verify it by.",
        [
            [table("Changes", [rows], width=24, height=16)],
            [table("Heads of the audit trail", [heads], width=24, height=8, doc=verify)],
        ],
    )


def alarms() -> Json:
    """What went wrong, and who cared for it."""
    told = '"device", "rule", "what", "priority", "text", "who", "why"'
    rows = influx(select(told, "alarm", tail="ORDER BY time DESC LIMIT 200"), shape="table")
    raised = "\"what\" = 'raised' AND $timeFilter"
    by_rule = influx(curve('count("level")', "alarm", "rule", raised, "1h"), "$tag_rule")
    urgent = influx(select('count("level")', "alarm", f'"priority" = 1 AND {raised}'))
    empty = "Empty is good."
    return board(
        "arterial-alarms",
        "Arterial / Alarms",
        "What was raised, acknowledged and over. What is active now: the board, or `arterial alarms list`.",
        [
            [
                figure("Raised with priority 1", urgent, width=6, steps=[(0, GREEN), (1, RED)], doc=empty),
                lines("Raised an hour, by rule", [by_rule], width=18, unit="none", height=5, doc=empty),
            ],
            [table("What happened to alarms", [rows], width=24, height=18, doc=empty)],
        ],
    )
