"""What happens on one MQTT connection that paho-mqtt keeps, from CONNECT to its end?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.config.settings import BrokerSettings
from gateway.links.fast_frames import NO_TOPIC
from gateway.links.link import LinkDown, Message

CONNECT_PATIENCE_S: Final = 10.0
_TCP_PATIENCE_S: Final = 5.0
_CLOSE_PATIENCE_S: Final = 2.0
_IN_FLIGHT: Final = 1000
_UNCONFIRMED: Final = 10_000
_SESSION_EXPIRY_S: Final = 7 * 24 * 3600
_OK: Final = paho.MQTT_ERR_SUCCESS

Arrived = Callable[[list[Message]], None]


class Connection:
    """One session on one socket; used once. paho's network thread reads, the event loop does the rest."""

    def __init__(
        self, broker: BrokerSettings, client_id: str, topics: Sequence[str], arrived: Arrived, number: int = 0
    ) -> None:
        self._number = number
        self._broker, self._topics, self._arrived = broker, list(topics), arrived
        self._loop = asyncio.get_running_loop()
        self._up: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Resolves to the reason once the connection has ended."""
        self._room = threading.Event()
        """Cleared while the reader has too much: the network thread then lets the broker wait."""
        self._room.set()
        self.shares = True
        """Whether the broker lets clients share a subscription ($share); known once it has answered."""
        self._unconfirmed: dict[int, asyncio.Future[None]] = {}
        self._slots = asyncio.Semaphore(_IN_FLIGHT)
        """paho does not heed how many messages the broker wants to have open at most."""
        self._inbox: deque[Callable[[], None] | paho.MQTTMessage] = deque()
        self._woken = False
        self._threaded = False
        self._client = self._build(client_id)

    async def open(self) -> None:
        """Return once every topic is subscribed. Raises LinkDown with the reason."""
        broker = self._broker
        try:
            await self._loop.run_in_executor(None, self._connect, broker.host, broker.port)
        except (OSError, ValueError) as error:
            raise LinkDown(f"{broker.host}:{broker.port}: {error}") from error
        self._client.loop_start()
        self._threaded = True
        await asyncio.wait(
            (self._up, self.lost), timeout=CONNECT_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
        )
        if self._up.done():
            self._up.result()
        elif self.lost.done():
            raise LinkDown(self.lost.result())
        else:
            raise LinkDown(f"{broker.host}:{broker.port}: no answer within {CONNECT_PATIENCE_S:g} s")

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool, patience_s: float) -> None:
        """Send, and with QoS 1 wait for the PUBACK. Raises LinkDown."""
        if qos == 0:
            self._sent(topic, payload, qos, retain)
            return
        try:
            async with asyncio.timeout(patience_s), self._slots:
                await self._confirmed(topic, payload, qos, retain)
        except TimeoutError as error:
            raise LinkDown(f"not confirmed within {patience_s:g} s") from error

    def ack(self, mid: int, qos: int) -> None:
        """Send the acknowledgement of one message."""
        self._client.ack(mid, qos)

    def ack_all(self, mids: Sequence[int]) -> None:
        """Send the acknowledgements of many messages of QoS 1."""
        for mid in mids:
            self._client.ack(mid, 1)

    def hold(self) -> None:
        """Let the network thread wait, a little with each message."""
        self._room.clear()

    def release(self) -> None:
        """Let the network thread go on."""
        self._room.set()

    async def close(self, reason: str) -> None:
        """Say goodbye, end the thread, and let every publisher know."""
        self._room.set()
        self._up.cancel()
        if self._threaded:
            self._client.disconnect()
            await asyncio.wait((self.lost,), timeout=_CLOSE_PATIENCE_S)
            self._cut()
            await self._loop.run_in_executor(None, self._client.loop_stop)
        for confirmed in self._unconfirmed.values():
            if not confirmed.done():
                confirmed.set_exception(LinkDown(reason))

    def _build(self, client_id: str) -> paho.Client:
        broker, modern = self._broker, self._broker.version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if modern else False,
            protocol=paho.MQTTv5 if modern else paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = _TCP_PATIENCE_S
        client.max_inflight_messages = _IN_FLIGHT
        client.max_queued_messages = _UNCONFIRMED
        if broker.username is not None:
            client.username_pw_set(
                broker.username, broker.password.get_secret_value() if broker.password else None
            )
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message, client.on_publish = self._on_message, self._on_publish
        client.on_disconnect = self._on_disconnect
        return client

    def _connect(self, host: str, port: int) -> None:
        """In a worker thread: reading certificates, finding the name and the TCP handshake all block."""
        broker = self._broker
        if broker.tls:
            ca, cert, key = (
                str(file) if file else None for file in (broker.ca_file, broker.cert_file, broker.key_file)
            )
            self._client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
        if broker.version == "5":
            wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            wishes.SessionExpiryInterval = _SESSION_EXPIRY_S
            wishes.ReceiveMaximum = broker.window
            self._client.connect(host, port, broker.keepalive_s, clean_start=False, properties=wishes)
        else:
            self._client.connect(host, port, broker.keepalive_s)

    def _cut(self) -> None:
        """End the socket under a thread that would wait for a silent broker."""
        open_socket = self._client.socket()
        if isinstance(open_socket, socket.socket):
            with contextlib.suppress(OSError):  # it has ended by itself
                open_socket.shutdown(socket.SHUT_RDWR)

    # Below: called by paho in its network thread. Nothing here touches the event loop but through `_tell`.

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: ReasonCode, granted: Any) -> None:
        self.shares = bool(getattr(granted, "SharedSubscriptionAvailable", 1))
        self._tell(partial(self._limit, getattr(granted, "ReceiveMaximum", _IN_FLIGHT)))
        if reason.is_failure:
            self._tell(lambda: self._fail(f"the broker refuses us: {str(reason).lower()}"))
        elif self._topics:  # whatever session the broker remembers: it may know older topics only
            client.subscribe([(topic, 1) for topic in self._topics])
        else:
            self._tell(self._subscribed)

    def _on_subscribe(self, _: Any, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        refused = [topic for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure]
        if refused:
            self._tell(lambda: self._fail(f"the broker refuses the subscription to {', '.join(refused)}"))
        else:
            self._tell(self._subscribed)

    def _on_message(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        if message.qos:  # bounded, so that keepalive and confirmations go on
            self._room.wait(self._broker.keepalive_s / 4)
        self._tell(message)

    def _on_publish(self, _: Any, __: Any, mid: int, reason: ReasonCode, ___: Any) -> None:
        self._tell(lambda: self._confirm(mid, reason))

    def _on_disconnect(self, _: Any, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
        text = "connection lost" if reason == "Unspecified error" else str(reason).lower()
        self._tell(lambda: self._end(text))

    def _sent(self, topic: str, payload: bytes, qos: int, retain: bool) -> int:
        sent = self._client.publish(topic, payload, qos, retain)
        if sent.rc != _OK:
            raise LinkDown(paho.error_string(sent.rc))
        return sent.mid

    async def _confirmed(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        mid = self._sent(topic, payload, qos, retain)
        confirmed = self._unconfirmed[mid] = self._loop.create_future()
        try:
            await confirmed
        finally:
            self._unconfirmed.pop(mid, None)

    def _tell(self, news: Callable[[], None] | paho.MQTTMessage) -> None:
        """Hand something to the event loop; one wake-up for all that arrives until it looks."""
        self._inbox.append(news)
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._look)

    # Below: in the event loop again.

    def _look(self) -> None:
        self._woken = False
        arrived: list[Message] = []
        now_ns = time.time_ns()
        while self._inbox:
            news = self._inbox.popleft()
            if isinstance(news, paho.MQTTMessage):
                arrived.append(self._message(news, now_ns))
            else:
                news()
        if arrived:
            self._arrived(arrived)

    def _message(self, found: paho.MQTTMessage, now_ns: int) -> Message:
        try:
            topic = found.topic
        except UnicodeDecodeError:
            topic = NO_TOPIC
        return Message(topic, bytes(found.payload), found.qos, found.retain, found.mid, now_ns, self._number)

    def _limit(self, wanted: int) -> None:
        self._slots = asyncio.Semaphore(min(wanted, _IN_FLIGHT))

    def _subscribed(self) -> None:
        if not self._up.done():
            self._up.set_result(None)

    def _fail(self, reason: str) -> None:
        if not self._up.done():
            self._up.set_exception(LinkDown(reason))

    def _confirm(self, mid: int, reason: ReasonCode) -> None:
        confirmed = self._unconfirmed.get(mid)
        if confirmed is None or confirmed.done():
            return
        if reason.is_failure:
            confirmed.set_exception(LinkDown(f"the broker refuses the message: {str(reason).lower()}"))
        else:
            confirmed.set_result(None)

    def _end(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)
