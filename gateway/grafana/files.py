"""Which files does Grafana read at its start, so that it has our data sources, boards and alert rules?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from gateway.grafana.alerts import alert_rules, contact_points
from gateway.grafana.boards.city import city
from gateway.grafana.boards.fleet import fleet
from gateway.grafana.boards.intersection import detectors, intersection, queues
from gateway.grafana.boards.record import alarms, changes, pipeline
from gateway.grafana.boards.services import utilities, waste
from gateway.grafana.parts import INFLUX, PROMETHEUS
from gateway.grafana.pipeline_promql import pipeline_promql

FOLDER: Final = "Arterial"
BOARDS: Final = (city, fleet, intersection, detectors, queues, utilities, waste, alarms, pipeline, changes)

_SOURCES: Final[dict[str, Any]] = {
    "apiVersion": 1,
    "datasources": [
        {
            "name": "Arterial InfluxDB",
            "uid": INFLUX["uid"],
            "type": "influxdb",
            "access": "proxy",
            "url": "${ARTERIAL_INFLUX_URL}",
            "isDefault": True,
            "jsonData": {"dbName": "${ARTERIAL_INFLUX_DATABASE}", "httpMode": "GET", "timeInterval": "5s"},
            "user": "${ARTERIAL_INFLUX_USER}",
            "secureJsonData": {"password": "${ARTERIAL_INFLUX_PASSWORD}"},
        },
        {
            "name": "Arterial metrics",
            "uid": PROMETHEUS["uid"],
            "type": "prometheus",
            "access": "proxy",
            "url": "${ARTERIAL_PROMETHEUS_URL}",
            "jsonData": {"httpMethod": "POST", "timeInterval": "15s"},
        },
    ],
}
_PROVIDER: Final[dict[str, Any]] = {
    "apiVersion": 1,
    "providers": [
        {
            "name": "arterial",
            "folder": FOLDER,
            "type": "file",
            "allowUiUpdates": False,
            "options": {"path": "${ARTERIAL_GRAFANA_DASHBOARDS}", "foldersFromFilesStructure": False},
        }
    ],
}


def files() -> dict[str, str]:
    """Every file by its path below configs/grafana. YAML is written as JSON, which it contains."""
    made = [build() for build in BOARDS] + [pipeline_promql()]
    found = {f"dashboards/{one['uid']}.json": _text(one) for one in made}
    found["provisioning/datasources/arterial.yaml"] = _text(_SOURCES)
    found["provisioning/dashboards/arterial.yaml"] = _text(_PROVIDER)
    found["provisioning/alerting/rules.yaml"] = _text(alert_rules())
    found["provisioning/alerting/contact-points.yaml"] = _text(contact_points())
    return found


def write(folder: Path) -> list[Path]:
    """Write every file; returns the paths. Raises OSError."""
    paths = []
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
