"""How does one run the same flow in Node-RED? (MQTT in, JSON, a batching function, InfluxDB batch.)

Installs node-red and node-red-contrib-influxdb with npm into a folder of its own; needs node and npm.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from tests.live.influx_server import free_port

PACKAGES: Final = ("node-red@4", "node-red-contrib-influxdb@0.7")
START_S: Final = 90.0
QUIET_S: Final = 20.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_SETUP: Final = """
const points = [];
context.set('points', points);
context.set('timer', setInterval(() => {
    if (points.length) node.send({payload: points.splice(0)});
}, 1000));
"""
_BATCH: Final = """
const [, site, kind, device] = msg.topic.split('/');
const {t, ...fields} = msg.payload;
const points = context.get('points');
points.push({measurement: kind, tags: {site, device}, fields, timestamp: new Date(t)});
if (points.length >= 5000) return {payload: points.splice(0)};
return null;
"""


def install(folder: Path) -> None:
    """Put Node-RED under `folder`, once. Raises CalledProcessError with what npm says."""
    if (folder / "node_modules" / "node-red").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True)


def flow(broker_port: int, influx_port: int, database: str, qos: int) -> list[dict[str, Any]]:
    """The flow, as the editor would export it."""
    tab = {"z": "flow", "x": 100, "y": 100}
    return [
        {"id": "flow", "type": "tab", "label": "bench"},
        {
            "id": "broker",
            "type": "mqtt-broker",
            "broker": "127.0.0.1",
            "port": str(broker_port),
            "clientid": database,
            "protocolVersion": "4",
            "cleansession": False,
            "keepalive": "60",
        },
        {
            "id": "influx",
            "type": "influxdb",
            "hostname": "127.0.0.1",
            "port": str(influx_port),
            "protocol": "http",
            "database": database,
            "influxdbVersion": "1.x",
            "usetls": False,
        },
        {
            "id": "in",
            "type": "mqtt in",
            "topic": "arterial/bench/#",
            "qos": str(qos),
            "datatype": "json",
            "broker": "broker",
            "inputs": 0,
            "wires": [["batch"]],
            **tab,
        },
        {
            "id": "batch",
            "type": "function",
            "func": _BATCH,
            "initialize": _SETUP,
            "outputs": 1,
            "finalize": "clearInterval(context.get('timer'));",
            "wires": [["out"]],
            **tab,
        },
        {
            "id": "out",
            "type": "influxdb batch",
            "influxdb": "influx",
            "precision": "",
            "wires": [],
            "retentionPolicy": "",
            "database": database,
            **tab,
        },
    ]


class NodeRed:
    """A running Node-RED that answers as a part of the benchmark does: `hear` and `result`."""

    def __init__(self, folder: Path, broker_port: int, influx: str, database: str, case: Any) -> None:
        installed = Path(__file__).resolve().parents[2] / "var" / "bench" / "node-red"
        install(installed)
        self._influx, self._database, self._case = influx, database, case
        folder.mkdir(parents=True, exist_ok=True)
        nodes = flow(broker_port, int(influx.rpartition(":")[2]), database, case.qos)
        (folder / "flows.json").write_text(json.dumps(nodes), encoding="utf-8")
        (folder / "settings.js").write_text(
            "module.exports = {flowFile: 'flows.json', httpRoot: false, disableEditor: true,"
            f" uiHost: '127.0.0.1', uiPort: {free_port()}, nodesDir: [],"
            " logging: {console: {level: 'info'}}};\n",
            encoding="utf-8",
        )
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(installed / "node_modules")
        program = installed / "node_modules" / "node-red" / "red.js"
        self._log = folder / "node-red.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["node", str(program), "--userDir", str(folder), "--settings", str(folder / "settings.js")],
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        self._wait_for_log("Connected to broker")

    def hear(self, wanted: str) -> None:
        """Return once the first message of every device is in the database; measure from here."""
        assert wanted == "warm"
        self._until(self._case.devices)
        self._began_cpu, self._began_s = self._cpu_s(), time.monotonic()

    def result(self) -> dict[str, Any]:
        stored = self._until(self._case.devices + self._case.messages)
        cpu, seconds = self._cpu_s() - self._began_cpu, time.monotonic() - self._began_s
        found = {"stored": stored - self._case.devices, "cpu_s": cpu, "seconds": seconds}
        return {**found, "rss_mib": self._rss_mib()}

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _until(self, n: int) -> int:
        """Wait until so many points are there, or no more come; returns how many."""
        from tests.bench.bench_ingest import count

        seen, seen_s = -1, time.monotonic()
        while time.monotonic() - seen_s < QUIET_S:
            found = count(self._influx, self._database)
            if found >= n:
                return found
            if found != seen:
                seen, seen_s = found, time.monotonic()
            time.sleep(0.5)
        return seen

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def _rss_mib(self) -> float:
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return round(int(text.partition("VmHWM:")[2].split()[0]) / 1024, 1)

    def _wait_for_log(self, wanted: str) -> None:
        deadline_s = time.monotonic() + START_S
        while wanted not in self._log.read_text(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"Node-RED: {self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        time.sleep(1)
