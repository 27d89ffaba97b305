"""Which alerts does Grafana raise from the store, and whom does it tell?"""

from __future__ import annotations

from typing import Any, Final

from gateway.grafana.parts import INFLUX, Json

GROUP: Final = "arterial"
RECEIVER: Final = "arterial-operations"
RUNBOOK: Final = "docs/grafana.md"
NEVER: Final = 1e12
"""A bound for a rule that only speaks up when there are no data."""


def _rule(uid: str, title: str, query: str, above: float, wait: str, summary: str, empty: str = "OK") -> Json:
    """An alert while the newest value of `query` is above a bound for `wait`; `empty`: without any data."""
    reduce: Json = {"type": "reduce", "expression": "A", "reducer": "last", "refId": "B"}
    compare: Json = {
        "type": "threshold",
        "expression": "B",
        "refId": "C",
        "conditions": [{"evaluator": {"type": "gt", "params": [above]}}],
    }
    ask: Json = {"query": query, "rawQuery": True, "resultFormat": "time_series", "refId": "A"}
    span = {"from": 900, "to": 0}
    there = {"datasourceUid": INFLUX["uid"], "relativeTimeRange": span}
    computed = {"datasourceUid": "__expr__", "relativeTimeRange": span}
    return {
        "uid": uid,
        "title": title,
        "condition": "C",
        "for": wait,
        "noDataState": empty,
        "execErrState": "Error",
        "annotations": {"summary": summary, "runbook_url": f"{RUNBOOK}#{uid}"},
        "labels": {"system": "arterial"},
        "data": [
            {"refId": "A", **there, "model": ask},
            {"refId": "B", **computed, "model": reduce},
            {"refId": "C", **computed, "model": compare},
        ],
    }


_BY: Final = 'GROUP BY time(1m), "device" fill(none)'
_RULES: Final = (
    _rule(
        "arterial-silent",
        "No readings arrive",
        'SELECT count("received") FROM "pipeline" WHERE $timeFilter GROUP BY time(5m) fill(none)',
        NEVER,
        "2m",
        "The pipeline has written no books for fifteen minutes.",
        "Alerting",
    ),
    _rule(
        "arterial-waiting",
        "Readings wait for the store",
        'SELECT last("waiting") FROM "pipeline" WHERE $timeFilter GROUP BY time(1m) fill(none)',
        100_000,
        "5m",
        "More than 100,000 readings wait on disk: is a store down?",
    ),
    _rule(
        "arterial-refused",
        "Payloads are refused",
        'SELECT non_negative_derivative(last("refused"), 1m) FROM "pipeline" WHERE $timeFilter'
        " GROUP BY time(1m) fill(none)",
        60,
        "5m",
        "More than one payload a second is no reading: see `arterial refused list`.",
    ),
    _rule(
        "arterial-flash",
        "An intersection flashes",
        f'SELECT count("plan") FROM "signal" WHERE "mode" = \'flash\' AND $timeFilter {_BY}',
        0,
        "0s",
        "A conflict monitor has tripped, or somebody has switched to flash.",
    ),
    _rule(
        "arterial-blind",
        "Detectors are blind",
        f'SELECT count("queue_veh") FROM "queue" WHERE "health" = \'blind\' AND $timeFilter {_BY}',
        0,
        "10m",
        "A lane's detectors cannot be believed: see the board Detector health.",
    ),
    _rule(
        "arterial-alarm",
        "An alarm of priority 1 was raised",
        'SELECT count("level") FROM "alarm" WHERE "priority" = 1 AND "what" = \'raised\' AND $timeFilter'
        f" {_BY}",
        0,
        "0s",
        "Arterial has raised an alarm of priority 1: `arterial alarms list`.",
    ),
    _rule(
        "arterial-hot",
        "A bin burns",
        f'SELECT max("temperature_c") FROM "waste" WHERE $timeFilter {_BY}',
        60,
        "0s",
        "A bin is hotter than 60 °C.",
    ),
    _rule(
        "arterial-full",
        "A bin is full",
        f'SELECT max("fill") FROM "waste" WHERE $timeFilter {_BY}',
        0.95,
        "15m",
        "A bin is fuller than 95 %.",
    ),
)


def alert_rules() -> Json:
    """The rules, in Grafana's provisioning form."""
    group: Json = {"orgId": 1, "name": GROUP, "folder": "Arterial", "interval": "1m", "rules": list(_RULES)}
    return {"apiVersion": 1, "groups": [group]}


def contact_points() -> Json:
    """Whom to tell: an address from the environment. Arterial's own [[notify]] knows more ways."""
    mail: dict[str, Any] = {
        "uid": "arterial-mail",
        "type": "email",
        "settings": {"addresses": "${ARTERIAL_ALERT_MAIL}", "singleEmail": True},
    }
    return {"apiVersion": 1, "contactPoints": [{"orgId": 1, "name": RECEIVER, "receivers": [mail]}]}
