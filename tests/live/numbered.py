"""Which numbers did the broker acknowledge, and which of them are in the store, how often?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.live.sender import PATIENCE_S

SENDER = Path(__file__).with_name("sender.py")


@dataclass(frozen=True)
class Published:
    """What a publisher did: numbers 0 to sent - 1, of which every `garbage_every`-th is no reading."""

    sent: int
    acknowledged: int
    garbage_every: int = 0
    slowest_s: float = 0.0
    """The longest time from sending a message to its acknowledgement, by whatever detours."""
    seconds: float = 0.0
    """How long it sent."""

    @property
    def rate(self) -> float:
        """Messages per second that it sent."""
        return self.sent / self.seconds

    @property
    def numbers(self) -> set[int]:
        """Numbers of the readings."""
        return {n for n in range(self.sent) if not self.is_garbage(n)}

    @property
    def garbage(self) -> int:
        """How many messages were no readings."""
        return self.sent - len(self.numbers)

    def is_garbage(self, n: int) -> bool:
        """Whether message `n` is no reading."""
        return bool(self.garbage_every) and n % self.garbage_every == self.garbage_every - 1


@dataclass(frozen=True)
class Verdict:
    """The store held against the publisher: both must be zero."""

    lost: int
    duplicated: int


def verdict(published: Published, found: Iterable[int], refused: Iterable[int] = ()) -> Verdict:
    """`found` are the numbers in the store, one per row; `refused` were kept elsewhere, with a reason."""
    assert published.acknowledged == published.sent, published
    rows = Counter(found)
    lost = published.numbers - rows.keys() - set(refused)
    return Verdict(len(lost), sum(rows.values()) - len(rows))


class Publisher:
    """A publisher in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], garbage_every: int) -> None:
        self.process, self._garbage_every = process, garbage_every

    def stop(self) -> Published:
        """Ask it to send no more, and wait until everything is acknowledged."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.result()

    def result(self) -> Published:
        """Wait until it has sent everything and has every acknowledgement."""
        out, _ = self.process.communicate(timeout=2 * PATIENCE_S)
        assert self.process.returncode == 0, out
        return Published(garbage_every=self._garbage_every, **json.loads(out))


@contextmanager
def publisher(
    broker_url: str, rate: float, *, garbage_every: int = 0, **options: float | str
) -> Iterator[Publisher]:
    """A publisher that runs with the block; `options` are those of sender.py."""
    parts = urlsplit(broker_url)
    words = {
        "host": parts.hostname,
        "port": parts.port,
        "rate": rate,
        "garbage_every": garbage_every,
        **options,
    }
    command = [sys.executable, "-S", str(SENDER), *(f"--{k.replace('_', '-')}={v}" for k, v in words.items())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Publisher(process, garbage_every)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
