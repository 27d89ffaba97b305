"""How does a test get a store that speaks /write and answers as badly as it is told?

It keeps one row per series and time, as InfluxDB does. Numbers in `poison` are never kept, whatever the mood.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

Answer = tuple[int, dict[str, str], str]
"""Status, headers, body."""
Mood = Callable[["MoodyStore", list[str]], Answer]

KEPT: Final[Answer] = (204, {}, "")
HANG_S: Final = 60.0
_LINE: Final = re.compile(r"(water,[^ ]+) .*?volume_m3=([0-9.e+]+).* (-?[0-9]+)$")


@dataclass
class MoodyStore:
    """What it has, and how it feels about the next request."""

    url: str = ""
    mood: Mood = field(default=lambda store, lines: store.keep(lines))
    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    poison: Callable[[int], bool] = lambda number: False
    statuses: list[int] = field(default_factory=list)
    asked_s: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def keep(self, lines: list[str]) -> Answer:
        """Keep every line that is not poison."""
        for line in lines:
            if (row := parsed(line)) and not self.poison(row[2]):
                self.rows[row[0], row[1]] = row[2]
        return KEPT

    def numbers(self) -> list[int]:
        """The numbers it has, one per row."""
        return list(self.rows.values())

    def bad(self, lines: list[str]) -> int:
        """How many of `lines` are poison."""
        return sum(1 for line in lines if (row := parsed(line)) and self.poison(row[2]))


def parsed(line: str) -> tuple[str, int, int] | None:
    """Series, time and number of a line of kind water; None for any other."""
    found = _LINE.match(line)
    return (found[1], int(found[3]), round(float(found[2]))) if found else None


def fails(status: int, retry_after_s: int | None = None) -> Mood:
    """Keeps nothing, and says `status`."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return lambda store, lines: (status, headers, '{"error":"timeout"}')


def partial(status: int) -> Mood:
    """Keeps what is good and says `status` when something was not: 400 is 1.x, 422 is 2.x."""

    def answer(store: MoodyStore, lines: list[str]) -> Answer:
        store.keep(lines)
        bad = store.bad(lines)
        return (status, {}, f'{{"error":"partial write: bad line dropped={bad}"}}') if bad else KEPT

    return answer


def poisoned(status: int) -> Mood:
    """Keeps nothing of a batch with poison in it, as if it had failed for another reason."""
    return lambda store, lines: (status, {}, '{"error":"panic"}') if store.bad(lines) else store.keep(lines)


def too_large(most: int) -> Mood:
    """Takes no more than `most` lines at once."""
    return lambda store, lines: (
        (413, {}, '{"error":"Request Entity Too Large"}') if len(lines) > most else partial(400)(store, lines)
    )


def hangs(store: MoodyStore, lines: list[str]) -> Answer:
    """Keeps everything and does not answer until the test is over: the worst moment to go."""
    store.keep(lines)
    store.over.wait(HANG_S)
    return KEPT


@contextmanager
def moody_store() -> Iterator[MoodyStore]:
    """A running store on a free port."""
    store = MoodyStore()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(store))
    server.daemon_threads = True
    store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="moody store")
    thread.start()
    try:
        yield store
    finally:
        store.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(store: MoodyStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = zlib.decompress(body, 16 + zlib.MAX_WBITS)
            store.asked_s.append(time.monotonic())
            status, headers, text = store.mood(store, body.decode().splitlines())
            store.statuses.append(status)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if status != 204:
                self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
