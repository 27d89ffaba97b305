"""What is a board made of: panels that ask InfluxDB or Prometheus, laid out in rows of 24 columns?

Plain dictionaries in the form that Grafana 10 and later reads (dashboard schema 39).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Json = dict[str, Any]

SCHEMA: Final = 39
INFLUX: Final[Json] = {"type": "influxdb", "uid": "arterial-influxdb"}
PROMETHEUS: Final[Json] = {"type": "prometheus", "uid": "arterial-prometheus"}
WIDTH: Final = 24
RED, YELLOW, GREEN, BLUE, GREY = "red", "yellow", "green", "blue", "gray"
Threshold = tuple[float, str]


def influx(query: str, alias: str = "", shape: str = "time_series") -> Json:
    """An InfluxQL target; `shape` is time_series or table."""
    return {
        "datasource": INFLUX,
        "query": query,
        "rawQuery": True,
        "resultFormat": shape,
        **({"alias": alias} if alias else {}),
    }


def prometheus(query: str, legend: str = "", instant: bool = False) -> Json:
    """A PromQL target."""
    return {
        "datasource": PROMETHEUS,
        "expr": query,
        "legendFormat": legend or "__auto",
        "instant": instant,
        "range": not instant,
    }


def panel(
    kind: str,
    title: str,
    targets: Sequence[Json],
    *,
    unit: str = "short",
    width: int = 12,
    height: int = 8,
    doc: str = "",
    steps: Sequence[Threshold] = (),
    **more: Any,
) -> Json:
    """A panel without its place. `steps` are (from, colour), the first one's bound is ignored.

    `more` may hold `defaults`, `overrides`, `options` and `transformations`.
    """
    colours = [
        {"value": None if i == 0 else bound, "color": colour} for i, (bound, colour) in enumerate(steps)
    ]
    defaults: Json = {"unit": unit, **more.pop("defaults", {})}
    if colours:
        defaults |= {"thresholds": {"mode": "absolute", "steps": colours}, "color": {"mode": "thresholds"}}
    return {
        "type": kind,
        "title": title,
        "description": doc,
        "datasource": targets[0]["datasource"],
        "targets": [{**t, "refId": chr(ord("A") + i)} for i, t in enumerate(targets)],
        "fieldConfig": {"defaults": defaults, "overrides": more.pop("overrides", [])},
        "gridPos": {"w": width, "h": height},
        **more,
    }


def figure(title: str, target: Json, *, unit: str = "short", width: int = 4, **more: Any) -> Json:
    """One big number."""
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    return panel("stat", title, [target], unit=unit, width=width, height=5, options=options, **more)


def lines(title: str, targets: Sequence[Json], *, unit: str = "short", **more: Any) -> Json:
    """Curves over time."""
    legend = {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}
    options = {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    style = {"custom": {"lineWidth": 1, "fillOpacity": 8, "spanNulls": True}, "min": 0}
    return panel("timeseries", title, targets, unit=unit, options=options, defaults=style, **more)


def states(title: str, targets: Sequence[Json], colours: dict[str, str], **more: Any) -> Json:
    """Bars of states over time, each state with its colour."""
    mapped = {
        name: {"color": colour, "index": i, "text": name} for i, (name, colour) in enumerate(colours.items())
    }
    defaults = {"mappings": [{"type": "value", "options": mapped}], "custom": {"fillOpacity": 70}}
    options = {"mergeValues": True, "showValue": "auto", "rowHeight": 0.8}
    return panel("state-timeline", title, targets, defaults=defaults, options=options, **more)


def table(title: str, targets: Sequence[Json], **more: Any) -> Json:
    """A table; several targets become columns of one."""
    if len(targets) > 1:
        more.setdefault("transformations", [{"id": "merge", "options": {}}])
    return panel("table", title, targets, options={"cellHeight": "sm", "showHeader": True}, **more)


def variable(name: str, label: str, query: str) -> Json:
    """A choice of tag values, several or all of them."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": INFLUX,
        "query": query,
        "definition": query,
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all", "selected": True},
        "sort": 1,
    }


CHANGES: Final[Json] = {
    "name": "Changes",
    "datasource": INFLUX,
    "enable": True,
    "iconColor": BLUE,
    "query": 'SELECT "why", "what", "device" FROM "change" WHERE $timeFilter',
    "textColumn": "why",
    "tagsColumn": "what",
    "titleColumn": "device",
}
"""Who changed what, as marks on every curve."""


ALARMS: Final[Json] = {
    "name": "Alarms",
    "datasource": INFLUX,
    "enable": True,
    "iconColor": RED,
    "query": 'SELECT "text", "title", "device" FROM "alarm" WHERE "what" = \'raised\' AND $timeFilter',
    "textColumn": "text",
    "tagsColumn": "title",
    "titleColumn": "device",
}
"""What went wrong, as marks on every curve."""


def board(
    uid: str,
    title: str,
    doc: str,
    rows: Sequence[Sequence[Json]],
    variables: Sequence[Json] = (),
    *,
    marks: bool = True,
) -> Json:
    """A whole board; panels of a row stand side by side and are as high as the highest."""
    placed, y, number = [], 0, 0
    for row in rows:
        x, height = 0, max(p["gridPos"]["h"] for p in row)
        for one in row:
            number += 1
            place = {"x": x, "y": y, "w": one["gridPos"]["w"], "h": height}
            if x + place["w"] > WIDTH:
                raise ValueError(f"{title}: the row with '{one['title']}' is wider than {WIDTH} columns")
            placed.append({**one, "id": number, "gridPos": place})
            x += place["w"]
        y += height
    return {
        "uid": uid,
        "title": title,
        "description": doc,
        "tags": ["arterial"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(variables)},
        "annotations": {"list": [CHANGES, ALARMS] if marks else []},
        "links": [
            {
                "type": "dashboards",
                "tags": ["arterial"],
                "asDropdown": True,
                "title": "Boards",
                "keepTime": True,
            }
        ],
        "panels": placed,
    }
