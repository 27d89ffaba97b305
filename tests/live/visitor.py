"""How does a test come to a guarded broker as somebody, rightly or not, and see what it is allowed?"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt

PATIENCE_S = 10.0


class Turned(Exception):
    """The broker did not let somebody in; the text says how."""


class Visitor:
    """One MQTT 5 client over TLS. `with Visitor(port, ca, ...) as v`; entering raises Turned."""

    def __init__(
        self,
        port: int,
        ca: Path,
        certificate: tuple[Path, Path] | None = None,
        password: tuple[str, str] | None = None,
        client_id: str = "",
        tls: bool = True,
        keep_s: int = 0,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self._port, self._keep_s = port, keep_s
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5
        )
        if tls:
            context = ssl.create_default_context(cafile=ca)
            if certificate:
                context.load_cert_chain(*certificate)
            self._client.tls_set_context(context)
        if password:
            self._client.username_pw_set(*password)
        if will:
            self._client.will_set(*will, qos=1)
        self.heard: list[tuple[str, bytes]] = []
        self.gone = False
        self._changed = threading.Condition()
        self._answers: dict[tuple[str, int], list[str]] = {}
        self._connected = ""
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = lambda c, u, mid, code, p: self._answer("publish", mid, [str(code)])
        self._client.on_subscribe = lambda c, u, mid, codes, p: self._answer(
            "subscribe", mid, [str(code) for code in codes]
        )

    def __enter__(self) -> Self:
        properties = mqtt.Properties(mqtt.PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._keep_s
        try:
            self._client.connect(
                "127.0.0.1", self._port, clean_start=self._keep_s == 0, properties=properties
            )
        except (OSError, ValueError) as error:
            raise Turned(str(error)) from error
        self._client.loop_start()
        try:
            self.until(lambda: bool(self._connected) or self.gone)
        except AssertionError:
            self._client.loop_stop()
            raise Turned("no answer") from None
        if self._connected != "Success":
            self._client.loop_stop()
            raise Turned(self._connected or "closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes = b"x", retain: bool = False) -> str:
        """The broker's answer to a message of QoS 1."""
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        return self._awaited("publish", mid)[0]

    def subscribe(self, topic: str) -> str:
        """The broker's answer to a subscription of QoS 1."""
        mid = self._client.subscribe(topic, qos=1)[1]
        assert mid is not None
        return self._awaited("subscribe", mid)[0]

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be heard; fails after some seconds."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S), "nothing of the kind was heard"

    def drop(self) -> None:
        """Vanish without goodbye, as a power cut would: the will speaks."""
        found = self._client.socket()
        assert found is not None
        self._client.loop_stop()
        found.close()

    def _awaited(self, what: str, mid: int) -> list[str]:
        self.until(lambda: (what, mid) in self._answers or self.gone)
        return self._answers.get((what, mid), ["gone"])

    def _answer(self, what: str, mid: int, codes: list[str]) -> None:
        with self._changed:
            self._answers[what, mid] = codes
            self._changed.notify_all()

    def _on_connect(self, client: Any, data: Any, flags: Any, code: Any, properties: Any) -> None:
        with self._changed:
            self._connected = str(code)
            self._changed.notify_all()

    def _on_disconnect(self, client: Any, data: Any, flags: Any, code: Any, properties: Any) -> None:
        with self._changed:
            self.gone = True
            self._changed.notify_all()

    def _on_message(self, client: Any, data: Any, message: mqtt.MQTTMessage) -> None:
        with self._changed:
            self.heard.append((message.topic, message.payload))
            self._changed.notify_all()
