"""How do letters reach people, however long their mail server is away? One task an address; nobody waits."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from gateway.alarms.alarm import Happening
from gateway.alarms.notice import AddressError, Notice, addresses, concerned
from gateway.alarms.settings import NotifySettings

log = logging.getLogger(__name__)

WAITING: Final = 500
"""Letters that wait for one address at most; the oldest go first."""
AT_ONCE: Final = 20
"""More than one waiting letter becomes one, with at most so many told in full."""
GATHER_S: Final = 2.0
FIRST_S, LONGEST_S = 5.0, 600.0
"""The pause after the first failure, doubled each time up to the second."""
PATIENCE_S: Final = 60.0

Send = Callable[[str, Notice], Awaitable[bool]]
"""(address, letter): whether it was taken."""


class Box:
    """The letters for one address, and how it fares. `name` never shows the address itself."""

    def __init__(self, name: str, url: str, waiting: Iterable[Notice] = ()) -> None:
        self.name, self.url = name, url
        self.waiting: deque[Notice] = deque(waiting, WAITING)
        self.news = asyncio.Event()
        self.failures = 0
        self.sent = 0
        self.dropped = 0
        if self.waiting:
            self.news.set()

    def put(self, notice: Notice) -> None:
        """One more; the oldest goes when there are too many."""
        if len(self.waiting) == WAITING:
            self.dropped += 1
        self.waiting.append(notice)
        self.news.set()


class Delivery:
    """Everybody who is told. Synchronous but for the tasks of `run`."""

    def __init__(
        self,
        entries: tuple[NotifySettings, ...],
        outbox: Mapping[str, Iterable[Notice]],
        send: Send,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`outbox` are letters of an earlier run. Of addresses that are not there the log tells."""
        self._entries, self._send, self._changed = entries, send, changed
        self.boxes: dict[str, list[Box]] = {}
        for entry in entries:
            try:
                urls = addresses(entry)
            except AddressError as error:
                log.error("nobody is told: %s", error)
                urls = []
            names = [f"{entry.name}/{n + 1}" for n in range(len(urls))]
            self.boxes[entry.name] = [
                Box(name, url, outbox.get(name, ())) for name, url in zip(names, urls, strict=True)
            ]

    def tell(self, h: Happening, letter: Callable[[], Notice]) -> None:
        """Put a letter into the boxes of all whom it concerns."""
        names = concerned(self._entries, h)
        notice = letter() if names else None
        for box in (box for name in names for box in self.boxes[name]):
            if notice is not None:
                box.put(notice)

    def outbox(self) -> dict[str, list[Notice]]:
        """The letters that nobody has got yet, by box."""
        return {box.name: list(box.waiting) for boxes in self.boxes.values() for box in boxes if box.waiting}

    async def test(self, notice: Notice) -> dict[str, bool]:
        """Send a letter to everybody now; whether each address took it."""
        return {box.name: await self._try(box, notice) for boxes in self.boxes.values() for box in boxes}

    def start(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """One task for each address; each runs until cancelled."""
        every = [box for boxes in self.boxes.values() for box in boxes]
        return [group.create_task(self._empty(box), name=f"notify {box.name}") for box in every]

    async def _empty(self, box: Box) -> None:
        while True:
            await box.news.wait()
            box.news.clear()
            await asyncio.sleep(GATHER_S)
            while box.waiting:
                many = list(box.waiting)
                if await self._try(box, together(many)):
                    for _ in range(min(len(many), len(box.waiting))):
                        box.waiting.popleft()
                    self._changed()
                else:
                    await asyncio.sleep(min(LONGEST_S, FIRST_S * 2 ** (box.failures - 1)))

    async def _try(self, box: Box, notice: Notice) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):  # wait_for may swallow the end of the program
                taken = await self._send(box.url, notice)
        except TimeoutError:
            taken = False
        if taken:
            box.sent += 1
            if box.failures:
                log.info("%s takes notices again", box.name)
            box.failures = 0
        else:
            box.failures += 1
            log.warning("%s took no notice (attempt %d), it is kept", box.name, box.failures)
        return taken


def together(many: list[Notice]) -> Notice:
    """Several letters as one, the newest first; a storm of alarms is one mail."""
    if len(many) == 1:
        return many[0]
    worst = next(
        (kind for kind in ("failure", "warning") if any(n.kind == kind for n in many)), many[-1].kind
    )
    shown = list(reversed(many))[:AT_ONCE]
    parts = [f"{notice.title}\n{notice.text}" for notice in shown]
    if len(many) > AT_ONCE:
        parts.append(f"and {len(many) - AT_ONCE} more: `arterial alarms list`")
    return Notice(worst, f"{many[-1].title} and {len(many) - 1} more", "\n\n".join(parts))


async def by_apprise(url: str, notice: Notice) -> bool:
    """Send by whatever the address names: mail, SMS, chat, webhook (apprise). Never raises, never logs it."""
    return await asyncio.to_thread(_notify, url, notice)


def _notify(url: str, notice: Notice) -> bool:
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it may quote addresses
    try:
        told = apprise.Apprise()
        kind = apprise.NotifyType(notice.kind)
        return bool(told.add(url)) and bool(told.notify(notice.text, title=notice.title, notify_type=kind))
    except Exception as error:  # a plugin of apprise may raise anything; a letter must not end the city
        log.warning("a notice could not be sent: %s", type(error).__name__)
        return False
