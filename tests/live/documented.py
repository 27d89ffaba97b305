"""How does a test run a broker exactly as the documentation says?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.programs.broker_programs import BrokerKind
from tests.live.brokers import LiveBroker, broker

MOSQUITTO_CONF = Path(__file__).resolve().parents[2] / "configs" / "mosquitto.conf"


@contextmanager
def documented(kind: BrokerKind, folder: Path) -> Iterator[LiveBroker]:
    """A broker on a free port: NATS as arterial starts it, mosquitto with configs/mosquitto.conf."""
    with broker(kind, folder) as running:
        if kind == "mosquitto":
            data = folder / "documented"
            data.mkdir()
            running.reconfigure(lambda ours: _mosquitto(ours, running.port, data))
        yield running


def _mosquitto(ours: str, port: int, data: Path) -> str:
    """The documented file with this port and folder; root keeps its rights, as in `ours`."""
    text = MOSQUITTO_CONF.read_text(encoding="utf-8")
    for old, new in (("listener 1883 ", f"listener {port} "), ("/var/lib/mosquitto/", f"{data}/")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text + ("user root\n" if "user root" in ours else "")
