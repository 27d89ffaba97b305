"""What happens on one MQTT connection whose packets arterial reads itself?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from gateway.config.settings import BrokerSettings
from gateway.links import fast_packets as packets
from gateway.links.encryption import encryption
from gateway.links.fast_frames import Frames
from gateway.links.fast_outbox import Outbox
from gateway.links.fast_packets import BadPacket
from gateway.links.link import LinkDown, Message

CONNECT_PATIENCE_S: Final = 10.0
"""So long a broker may be silent before it has confirmed the subscription."""
READ_BYTES: Final = 256 * 1024
"""Read at once: few enough messages that the reader has taken them before more can come."""
BREATHS: Final = ((128, 0.04), (32, 0.02), (4, 0.005))
"""After a read with at least so many messages the next one waits so many seconds: each read costs as much as
tens of messages."""
_TCP_PATIENCE_S: Final = 5.0
_CLOSE_PATIENCE_S: Final = 2.0
_SESSION_EXPIRY_S: Final = 7 * 24 * 3600
_QOS: Final = 1
"""Granted at most: what is published at QoS 2 comes at QoS 1 then; ingest recognises duplicates."""

Arrived = Callable[[list[Message]], None]


class FastConnection(asyncio.BufferedProtocol):
    """One session on one socket, in the event loop; used once.

    The broker's packets are split in the buffer they arrive in, many messages are handed on at once, and the
    acknowledgements of one turn of the event loop leave in one write.
    """

    def __init__(
        self, broker: BrokerSettings, client_id: str, topics: Sequence[str], arrived: Arrived, number: int
    ) -> None:
        self._broker, self._client_id, self._topics = broker, client_id, tuple(topics)
        self._arrived, self._v5 = arrived, broker.version == "5"
        self._loop = asyncio.get_running_loop()
        self._up: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Resolves to the reason once the connection has ended."""
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._frames = Frames(self._v5, number)
        self._transport: asyncio.Transport | None = None
        self._keepalive_s = float(broker.keepalive_s)
        self._heard_s = self._sent_s = time.monotonic()
        self._pinged_s: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._held: asyncio.TimerHandle | None = None
        self._resting = False
        self._answers = bytearray()
        self._outbox = Outbox(self._send, self._v5)

    async def open(self) -> None:
        """Return once every topic is subscribed. Raises LinkDown with the reason."""
        broker = self._broker
        try:
            context = await self._loop.run_in_executor(None, encryption, broker) if broker.tls else None
            async with asyncio.timeout(_TCP_PATIENCE_S):
                await self._loop.create_connection(lambda: self, broker.host, broker.port, ssl=context)
        except TimeoutError as error:
            raise LinkDown(f"{broker.host}:{broker.port}: timed out") from error
        except (OSError, ValueError) as error:
            raise LinkDown(f"{broker.host}:{broker.port}: {error}") from error
        self._say_hello()
        await self._answered()
        if self._up.done():
            self._up.result()
        elif self.lost.done():
            raise LinkDown(self.lost.result())
        else:
            raise LinkDown(f"{broker.host}:{broker.port}: no answer within {CONNECT_PATIENCE_S:g} s")

    async def _answered(self) -> None:
        """Wait until we are in or out, or nothing has come for too long: a busy broker sends what it has kept
        for us before it confirms the subscription, and to give up then would only make it send that again."""
        self._heard_s = time.monotonic()
        while not self._up.done() and not self.lost.done():
            left_s = self._heard_s + CONNECT_PATIENCE_S - time.monotonic()
            if left_s <= 0:
                return
            await asyncio.wait((self._up, self.lost), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool, patience_s: float) -> None:
        """Send, and with QoS 1 or 2 wait until the broker has it. Raises LinkDown."""
        await self._outbox.publish(topic, payload, qos, retain, patience_s)

    def ack(self, mid: int, qos: int) -> None:
        """Acknowledge one message; it leaves with all others of this turn of the event loop."""
        if not self._answers:
            self._loop.call_soon(self._flush)
        self._answers += packets.answer(packets.PUBACK if qos == 1 else packets.PUBREC, mid)

    def ack_all(self, mids: Sequence[int]) -> None:
        """Acknowledge many messages of QoS 1, as `ack`."""
        if not self._answers:
            self._loop.call_soon(self._flush)
        self._answers += packets.answers(packets.PUBACK, mids)

    def hold(self) -> None:
        """Read no more until `release`, but for one piece in a while: confirmations must go on."""
        if self._held is None and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._held = self._loop.call_later(self._keepalive_s / 4, self.release)

    def release(self) -> None:
        """Read on."""
        if self._held is not None and self._transport is not None:
            self._held.cancel()
            self._held = None
            self._heard_s = time.monotonic()
            if not self._resting:
                self._transport.resume_reading()

    async def close(self, reason: str) -> None:
        """Say goodbye and let every publisher know."""
        self._up.cancel()
        if self._transport is not None:
            self._flush()
            self._send(packets.GOODBYE)
            self._transport.close()
            self.release()
            await asyncio.wait((self.lost,), timeout=_CLOSE_PATIENCE_S)
            self._transport.abort()
        self._outbox.fail(reason)

    # Below: called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.BufferedProtocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """See asyncio.BufferedProtocol."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """See asyncio.BufferedProtocol."""
        self._heard_s, self._pinged_s = time.monotonic(), None
        try:
            messages = self._frames.feed(bytes(self._buffer[:nbytes]), time.time_ns())
            if self._frames.others:
                others, self._frames.others = self._frames.others, []
                for first, body in others:
                    self._take(first, body)
        except BadPacket as error:
            self._end(f"the broker does not speak MQTT: {error}")
            return
        if messages:
            self._arrived(messages)
            if nbytes < READ_BYTES and not self._resting:
                self._rest(len(messages))

    def pause_writing(self) -> None:
        """See asyncio.BufferedProtocol."""
        self._outbox.writable.clear()

    def resume_writing(self) -> None:
        """See asyncio.BufferedProtocol."""
        self._outbox.writable.set()

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio.BufferedProtocol."""
        self._end(str(error) if error else "connection lost")
        for timer in (self._timer, self._held):
            if timer is not None:
                timer.cancel()

    def _rest(self, messages: int) -> None:
        """Let messages gather at the operating system, when so many came at once."""
        breath_s = next((seconds for many, seconds in BREATHS if messages >= many), 0.0)
        if breath_s and self._transport is not None:
            self._resting = True
            self._transport.pause_reading()
            self._loop.call_later(breath_s, self._rested)

    def _rested(self) -> None:
        self._resting = False
        if self._held is None and self._transport is not None:
            self._transport.resume_reading()

    def _say_hello(self) -> None:
        broker = self._broker
        password = broker.password.get_secret_value() if broker.password else None
        user = None if broker.username is None else (broker.username, password)
        wishes = packets.wishes(_SESSION_EXPIRY_S, broker.window) if self._v5 else None
        self._send(packets.connect(self._client_id, broker.keepalive_s, user, wishes))
        self._timer = self._loop.call_later(self._keepalive_s / 4, self._look_alive)

    def _take(self, first: int, body: bytes) -> None:
        """Answer a packet that is no PUBLISH."""
        if first == packets.PUBACK or first == packets.PUBREC or first == packets.PUBCOMP:
            self._outbox.confirm(first, *packets.confirmation(body))
        elif first == packets.PUBREL:
            self._send(packets.answer(packets.PUBCOMP, packets.confirmation(body)[0]))
        elif first == packets.CONNACK:
            self._greeted(packets.welcome(body, self._v5))
        elif first == packets.SUBACK:
            self._subscribed(packets.granted(body, self._v5))
        elif first == packets.DISCONNECT:
            self._end(packets.reason(body[0]) if body else "the broker says goodbye")
        elif first != packets.PINGRESP:
            raise BadPacket(f"a packet that begins with 0x{first:02x}")

    def _greeted(self, welcome: packets.Welcome) -> None:
        if welcome.refusal:
            self._fail(f"the broker refuses us: {welcome.refusal}")
            return
        self._keepalive_s = float(welcome.keepalive_s or self._keepalive_s)
        self._outbox.limit(welcome.receive_maximum)
        if self._topics:  # whatever session the broker remembers: it may know older topics only
            self._send(packets.subscribe(self._outbox.next_mid(), self._topics, _QOS, self._v5))
        elif not self._up.done():
            self._up.set_result(None)

    def _subscribed(self, codes: bytes) -> None:
        refused = [t for t, code in zip(self._topics, codes, strict=False) if code >= packets.FAILURE]
        if refused:
            self._fail(f"the broker refuses the subscription to {', '.join(refused)}")
        elif not self._up.done():
            self._up.set_result(None)

    def _look_alive(self) -> None:
        """Ping in time, and end a connection on which no answer comes."""
        now_s = time.monotonic()
        if self._pinged_s is not None and self._held is None and now_s - self._pinged_s > self._keepalive_s:
            self._end(f"no answer from the broker for {now_s - self._heard_s:.0f} s")
            return
        if self._pinged_s is None and now_s - min(self._heard_s, self._sent_s) >= self._keepalive_s / 2:
            self._send(packets.PINGREQ)
            self._pinged_s = now_s
        self._timer = self._loop.call_later(self._keepalive_s / 4, self._look_alive)

    def _flush(self) -> None:
        answers, self._answers = self._answers, bytearray()
        if answers:
            self._send(answers)

    def _send(self, data: bytes | bytearray) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._sent_s = time.monotonic()
            self._transport.write(data)

    def _fail(self, reason: str) -> None:
        if not self._up.done():
            self._up.set_exception(LinkDown(reason))

    def _end(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)
        self._outbox.fail(reason)
        if self._transport is not None:
            self._transport.abort()
