"""Which service messages are there, published and withdrawn by people, or with an alarm that is public?"""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from gateway.alarms.alarm import Alarm, Happening
from gateway.alarms.keep import save
from gateway.alarms.room import AlarmRoom, Note
from gateway.audit.entry import Fact
from gateway.clock import Clock
from gateway.messages.cap import cap
from gateway.messages.message import Category, FeedSettings, Message, Severity, Version, Wording
from gateway.messages.rss import rss

log = logging.getLogger(__name__)

KEPT: Final = 500
SHOWN_NS: Final = 86_400_000_000_000
"""What is withdrawn or expired stays in the feed for a day, so that readers see it end."""
ALARM_HOURS: Final = 24.0
SEVERITY: Final[dict[int, Severity]] = {1: "Severe", 2: "Moderate", 3: "Minor"}
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


class Messages:
    """All service messages. Synchronous; `run` brings them to the disk."""

    def __init__(
        self, site: str, name: str, timezone: str, feed: FeedSettings, var: Path, clock: Clock
    ) -> None:
        defaults = {"sender": f"arterial.{site}", "sender_name": name, "area": name}
        missing = {key: value for key, value in defaults.items() if not getattr(feed, key)}
        self.feed, self.zone = feed.model_copy(update=missing), ZoneInfo(timezone)
        self._site, self._clock, self._path = site, clock, var / "messages.json"
        self._messages = _loaded(self._path)
        self._changed = asyncio.Event()
        self._note: Note = lambda fact: None

    def record(self, note: Note) -> None:
        """Changes go on record by `note` from now on."""
        self._note = note

    def publish(self, says: Wording, hours: float | None, who: str, alarm: str = "") -> Message:
        """A new message, in force at once and for so many hours."""
        number = max((m.number for m in self._messages), default=0) + 1
        version = self._version(number, 1, "Alert", says, hours or self.feed.hours, who)
        return self._keep(Message(number, (version,), alarm))

    def update(self, number: int, says: Wording, hours: float | None, who: str) -> Message:
        """Say it in other words, or for longer. Raises KeyError with the choices."""
        message = self._standing(number)
        n = len(message.versions) + 1
        version = self._version(number, n, "Update", says, hours or self.feed.hours, who)
        return self._keep(replace(message, versions=(*message.versions, version)))

    def withdraw(self, number: int, who: str, why: str = "") -> Message:
        """It is over, or was wrong. Raises KeyError with the choices."""
        message = self._standing(number)
        n, says = len(message.versions) + 1, message.newest.says
        version = self._version(number, n, "Cancel", says, self.feed.hours, who, why or "It is over.")
        return self._keep(replace(message, versions=(*message.versions, version)))

    def heard(self, h: Happening, room: AlarmRoom) -> None:
        """An alarm that is public becomes a message, and ends with it."""
        if h.what == "raised":
            bounds = room.watching.engine.bounds_of(h.alarm)
            if bounds.public:
                self.publish(_of(h.alarm, bounds.public_text), ALARM_HOURS, "arterial", h.alarm.id)
        elif h.what == "cleared":
            for message in self.standing():
                if message.alarm == h.alarm.id:
                    self.withdraw(message.number, "arterial")

    def standing(self) -> list[Message]:
        """Messages that count now, the newest first."""
        now_ns = self._clock.now_ns()
        return [message for message in reversed(self._messages) if message.counts(now_ns)]

    def view(self) -> list[dict[str, Any]]:
        """For the commands: every message of the feed."""
        now_ns = self._clock.now_ns()
        return [
            {
                "number": m.number,
                "identifier": m.newest.identifier,
                "headline": m.newest.says.headline,
                "text": m.newest.says.text,
                "counts": m.counts(now_ns),
                "kind": m.newest.kind,
                "sent_ms": m.newest.sent_ns // 1_000_000,
                "expires_ms": m.newest.expires_ns // 1_000_000,
                "alarm": m.alarm,
            }
            for m in self._fed(now_ns)
        ]

    def rss(self) -> bytes:
        """The feed."""
        now_ns = self._clock.now_ns()
        return rss(self._fed(now_ns), self.feed, now_ns)

    def cap(self, identifier: str) -> bytes | None:
        """One CAP message; None where there is none of that name."""
        for message in self._messages:
            for version in message.versions:
                if version.identifier == identifier:
                    return cap(message, version, self.feed, self.zone)
        return None

    async def run(self) -> None:
        """Bring what has changed to the disk, until cancelled."""
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                await asyncio.to_thread(self._save, msgspec.json.encode(self._messages))
        finally:
            self._save(msgspec.json.encode(self._messages))

    def _save(self, state: bytes) -> None:
        try:
            save(self._path, state)
        except OSError as error:
            log.error("service messages cannot be kept: %s", error)

    def _fed(self, now_ns: int) -> list[Message]:
        def until_ns(m: Message) -> int:
            v = m.newest
            return (v.sent_ns if v.kind == "Cancel" else v.expires_ns) + SHOWN_NS

        return [m for m in reversed(self._messages) if m.counts(now_ns) or now_ns < until_ns(m)]

    def _standing(self, number: int) -> Message:
        there = self.standing()
        for message in there:
            if message.number == number:
                return message
        raise KeyError(
            f"no message {number} counts now; there are: {', '.join(str(m.number) for m in there) or 'none'}"
        )

    def _version(
        self, number: int, n: int, kind: Any, says: Wording, hours: float, who: str, note: str = ""
    ) -> Version:
        now_ns = self._clock.now_ns()
        name = f"{self._site}-{now_ns // 1_000_000_000}-{number}-{n}"
        return Version(name, kind, now_ns, now_ns + round(hours * 3600e9), _clean(says), who, _cleaned(note))

    def _keep(self, message: Message) -> Message:
        rest = [m for m in self._messages if m.number != message.number]
        self._messages = sorted([*rest, message], key=lambda m: m.number)[-KEPT:]
        newest = message.newest
        fact = Fact(
            newest.sent_ns,
            newest.who,
            f"message {newest.kind}",
            str(message.number),
            after=newest.says.headline,
            why=newest.note,
        )
        self._note(fact)
        self._changed.set()
        return message


def _of(alarm: Alarm, text: str) -> Wording:
    category: Category = "Transport" if alarm.category == "T" else "Infra"
    severity = SEVERITY[alarm.priority]
    urgency: Any = "Immediate" if alarm.priority == 1 else "Expected"
    headline = text.partition("\n")[0] or alarm.title
    return Wording(headline, text or alarm.text, "", alarm.title, "", None, category, urgency, severity)


def _clean(says: Wording) -> Wording:
    texts = {
        name: _cleaned(getattr(says, name)) for name in ("headline", "text", "instruction", "event", "area")
    }
    return replace(says, **texts)


def _cleaned(text: str) -> str:
    return _CONTROL.sub("", text).strip()


def _loaded(path: Path) -> list[Message]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Message])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        log.error("service messages of the run before cannot be read: %s", error)
        return []
