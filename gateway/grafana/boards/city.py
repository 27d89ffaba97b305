"""City overview: who speaks, how traffic stands, and can what is shown be trusted?"""

from __future__ import annotations

from typing import Final

from gateway.grafana.parts import GREEN, RED, YELLOW, Json, board, figure, influx, lines, states
from gateway.grafana.queries import curve, select, speaking, total

MODES: Final = {"remote": GREEN, "local": YELLOW, "flash": RED}
WAITING: Final = ((0.0, GREEN), (10_000.0, YELLOW), (100_000.0, RED))
REFUSED: Final = ((0.0, GREEN), (1.0, YELLOW), (1000.0, RED))

_SPEAKERS: Final = (
    ("Intersections", "signal", "plan"),
    ("Water meters", "water", "volume_m3"),
    ("Power meters", "power", "energy_kwh"),
    ("Gas meters", "gas", "volume_m3"),
    ("Bins", "waste", "fill"),
)


def city() -> Json:
    """The board."""
    numbers = [figure(name, influx(speaking(field, kind)), width=3) for name, kind, field in _SPEAKERS]
    waiting, refused = select('last("waiting")', "pipeline"), select('spread("refused")', "pipeline")
    numbers.append(figure("Readings waiting", influx(waiting), width=4, steps=WAITING))
    numbers.append(figure("Refused in this time", influx(refused), width=5, steps=REFUSED))
    delay = influx(curve('mean("delay_s")', "street", "device"), "$tag_device")
    lights = influx(curve('last("mode")', "signal", "device"), "$tag_device")
    fullest = influx(curve('max("fill")', "waste"), "fullest")
    return board(
        "arterial-city",
        "Arterial / City overview",
        "Who speaks, how traffic stands, and whether what is shown can be trusted.",
        [
            numbers,
            [
                lines("Vehicles in queues", [influx(total("queue_veh", "queue"), "all lanes")], unit="none"),
                lines("Delay per trip (simulated street)", [delay], unit="s"),
            ],
            [states("Who decides the greens", [lights], MODES, width=24)],
            [
                lines("Power", [influx(total("power_kw", "power"), "all meters")], unit="kwatt", width=8),
                lines("Water flow, m³/h", [influx(total("flow_m3_h", "water"), "all meters")], width=8),
                lines("Fullest bin", [fullest], unit="percentunit", width=8),
            ],
        ],
    )
