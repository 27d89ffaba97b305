"""How does the demo's city speak to its cabinets by SNMP?"""

from __future__ import annotations

import secrets
import socket
from typing import Final

from gateway.config.settings import CabinetSettings, Settings

NTCIP: Final = "ntcip"
HOST: Final = "127.0.0.1"


def over_ntcip(settings: Settings) -> Settings:
    """The city with every cabinet at a free port of this computer, under a word that nobody else knows."""
    community = secrets.token_hex(8)
    ports = free_udp_ports(len(settings.intersections))
    told = {
        node.id: CabinetSettings.model_validate(
            {"protocol": NTCIP, "host": HOST, "port": port, "community": community}
        )
        for node, port in zip(settings.intersections, ports, strict=True)
    }
    return settings.model_copy(update={"cabinets": told})


def environment(settings: Settings) -> dict[str, str]:
    """What the simulated street has to know of it; nothing when its cabinets speak MQTT."""
    told = [settings.cabinets[x.id].settings for x in settings.intersections if x.id in settings.cabinets]
    if not told:
        return {}
    return {
        "ARTERIAL_NTCIP_PORTS": ",".join(str(table["port"]) for table in told),
        "ARTERIAL_NTCIP_COMMUNITY": str(told[0]["community"]),
    }


def free_udp_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
