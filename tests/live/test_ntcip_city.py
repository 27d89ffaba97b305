"""Does a whole city run over SNMP: detectors and signals asked for, greens commanded, meters by MQTT?"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_demo_command import demo

pytestmark = pytest.mark.live


def test_the_demo_city_runs_over_snmp(tmp_path: Path) -> None:
    with demo(tmp_path / "var", "--no-twin", "--cabinets", "ntcip", "--speed", "4") as city:
        city.wait_until_it_runs()

        def led() -> bool:
            return {x["mode"] for x in city.live()["intersections"].values()} == {"remote"}  # type: ignore[attr-defined]

        def changed() -> bool:
            seen = [x["phases"] for x in city.live()["intersections"].values()]  # type: ignore[attr-defined]
            served.update(
                (n, p)
                for n, phases in enumerate(seen)
                for p, shown in phases.items()
                if shown["color"] == "green"
            )
            return len(served) >= 20

        served: set[tuple[int, str]] = set()
        city.wait_for("every cabinet led", led)
        city.wait_for("greens in turn", changed)
        live: dict[str, Any] = city.live()
        assert live["pipeline"]["balanced"]
        assert live["pipeline"]["refused"] == 0
        assert all(x["decision"]["serve"] for x in live["intersections"].values())
        assert any(q["truth"] for x in live["intersections"].values() for q in x["queues"])
        street = city.children()["street"]
        os.kill(street, signal.SIGKILL)
        city.wait_for("street again", lambda: city.children().get("street", street) != street)
        city.wait_for("every cabinet led again", led)
        assert city.end(signal.SIGINT) == 0
        assert "Traceback" not in city.text
