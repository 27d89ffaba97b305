"""What was refused, why, and how does one get it back?"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from storage import refused_tables as tables
from storage.refused_tables import COST, OVERHEAD, READING, REJECTED, Entry, Subject, Wanted
from storage.spool import SpoolFull

__all__ = ["READING", "REJECTED", "Entry", "Ledger", "Refused", "RefusedPayload", "Subject", "Wanted"]

DEFAULT_MAX_BYTES: Final = 64 << 20
KEEP_BYTES: Final = 256 << 10
"""As long as the longest payload a format reads; of a longer one only the beginning is kept."""
DETAIL_LETTERS: Final = 300
EVICT_ROWS: Final = 64
TALKERS: Final = 1_000
"""Topics counted by name; those that come later are counted together, as OTHERS."""
OTHERS: Final = "(others)"
_LEVELS: Final = 4
_UNSEEN: Final = -1
_ALL: Final = Wanted()


class RefusedPayload(NamedTuple):
    """A refused payload; `size` is its length in bytes, of which `payload` may hold the beginning only.

    `subject` is the device (site/kind/device) that is to be approved before it can be a reading.
    """

    topic: str
    payload: bytes
    reason: str
    detail: str
    received_ns: int
    size: int = -1
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of everything ever refused: refused = kept + accepted + purged + evicted.

    `accepted` was sent once more and read; `evicted` made room for newer ones.
    """

    refused: int = 0
    kept: int = 0
    accepted: int = 0
    purged: int = 0
    evicted: int = 0

    @property
    def balanced(self) -> bool:
        """Whether nothing is unaccounted for."""
        return self.refused == self.kept + self.accepted + self.purged + self.evicted


class Refused:
    """Refused payloads on disk. Within `max_bytes` the oldest make room for the newest; the counts stay.

    The same payload on the same topic is one entry however often it comes. One that was sent once more
    (`send`) leaves when it is accepted, and stays under the same id when it is refused again. Methods block
    and may be called from any thread, and by several processes; what they change is on disk when they return.
    """

    def __init__(self, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 16777216"):
            self._db.execute(f"PRAGMA {pragma}")
        self._bytes, self._version = 0, _UNSEEN
        self._sent: dict[bytes, str] = {}
        with self._begun("BEGIN IMMEDIATE"):
            tables.create(self._db)
        self._talkers = {topic for (topic,) in self._db.execute("SELECT topic FROM talker")}

    def keep(self, topic: str, payload: bytes, reason: str, detail: str, received_ns: int) -> None:
        """Keep one payload and count it under `reason`."""
        self.keep_all([RefusedPayload(topic, payload, reason, detail, received_ns)])

    def keep_all(self, payloads: Iterable[RefusedPayload]) -> None:
        """Keep and count several payloads in one transaction. Raises SpoolFull, and then none is kept."""
        with self._changing():
            for item in payloads:
                self._insert(item)
            while self._bytes > self.max_bytes and self._evict():
                pass

    def send(self, ids: Sequence[int], now_ns: int, handed: bool = False) -> None:
        """Note that these are sent once more: `handed` to the running arterial, or through the broker.

        One of which only the beginning is here stays as it is.
        """
        with self._changing():
            self._db.executemany(
                "UPDATE entry SET sent_ns = ?, handed = ? WHERE id = ? AND length(payload) = size",
                [(now_ns, handed, i) for i in ids],
            )
            self._sent = self._marked()

    def accept(self, messages: Iterable[tuple[str, bytes]]) -> int:
        """Messages (topic, payload) that are readings now: those sent once more leave; how many did.

        Cheap while nothing is sent, so it may be called for everything that is read.
        """
        with self._lock:
            self._look()
            if not self._sent:
                return 0
            topics = set(self._sent.values())
            known = {tables.digest(topic, payload) for topic, payload in messages if topic in topics}
            found = [mark for mark in known if mark in self._sent]
        if not found:
            return 0
        with self._changing():
            return sum(self._leave("accepted", "digest = ? AND sent_ns > 0", [mark]) for mark in found)

    def handed(self, limit: int) -> list[tuple[Entry, bytes]]:
        """What was handed to the running arterial and is not answered, with its bytes, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, payload FROM entry WHERE sent_ns > 0 AND handed ORDER BY id LIMIT ?", (limit,)
            ).fetchall()
            entries = tables.select(self._db, Wanted(ids=tuple(i for i, _ in rows)), 0, limit) if rows else []
        return [(entry, payload) for entry, (_, payload) in zip(entries, rows, strict=True)]

    def recent(self, n: int = 20) -> list[RefusedPayload]:
        """The last `n` payloads, newest first."""
        with self._lock:
            found = self._db.execute(
                "SELECT topic, payload, reason, detail, received_ns, size FROM entry"
                " ORDER BY received_ns DESC, id DESC LIMIT ?",
                (n,),
            ).fetchall()
        return [RefusedPayload(*row) for row in found]

    def newest(self, wanted: Wanted = _ALL, limit: int = 50) -> list[Entry]:
        """Entries without their bytes, the one refused last first."""
        with self._lock:
            return tables.newest(self._db, wanted, limit)

    def oldest(self, wanted: Wanted = _ALL, after: int = 0, limit: int = 500) -> list[Entry]:
        """Entries with an id above `after` without their bytes, in order of id."""
        with self._lock:
            return tables.select(self._db, wanted, after, limit)

    def subjects(self, limit: int = 10_000) -> list[Subject]:
        """The devices that wait to be approved, the one heard last first."""
        with self._lock:
            return tables.subjects(self._db, limit)

    def release(self, subject: str, now_ns: int) -> int:
        """Hand what is kept of a device to the running arterial, whole payloads only; how many there are."""
        with self._changing():
            found = self._db.execute(
                "UPDATE entry SET sent_ns = ?, handed = 1 WHERE subject = ? AND length(payload) = size",
                (now_ns, subject),
            ).rowcount
            self._sent = self._marked()
        return found

    def payload(self, entry: int) -> bytes | None:
        """The bytes of one entry, or None when there is none of this id."""
        with self._lock:
            found = self._db.execute("SELECT payload FROM entry WHERE id = ?", (entry,)).fetchone()
        return None if found is None else bytes(found[0])

    def counts(self) -> dict[str, int]:
        """How many were ever refused, by reason."""
        with self._lock:
            return dict(self._db.execute("SELECT reason, n FROM tally ORDER BY reason").fetchall())

    def talkers(self, n: int = 10) -> dict[str, int]:
        """The topics (their first levels) on which most was ever refused."""
        with self._lock:
            sql = "SELECT topic, n FROM talker ORDER BY n DESC, topic LIMIT ?"
            return dict(self._db.execute(sql, (n,)).fetchall())

    def ledger(self) -> Ledger:
        """What became of everything ever refused."""
        with self._lock, self._begun("BEGIN"):
            (refused,) = self._db.execute("SELECT coalesce(sum(n), 0) FROM tally").fetchone()
            (kept,) = self._db.execute("SELECT coalesce(sum(times), 0) FROM entry").fetchone()
            fates = dict(self._db.execute("SELECT name, n FROM fate").fetchall())
        return Ledger(refused, kept, *(fates.get(name, 0) for name in ("accepted", "purged", "evicted")))

    def purge(self, wanted: Wanted = _ALL) -> int:
        """Forget payloads (the counts stay); returns how many entries there were."""
        with self._changing():
            where, values = wanted.where()
            (n,) = self._db.execute(f"SELECT count(*) FROM entry WHERE {where}", values).fetchone()
            self._leave("purged", where, values)
            self._sent = self._marked()
        return int(n)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _insert(self, item: RefusedPayload) -> None:
        topic, detail = _storable(item.topic), _storable(item.detail)[:DETAIL_LETTERS]
        size = max(item.size, len(item.payload))
        mark = tables.digest(topic, item.payload)
        (times,) = self._db.execute(
            "INSERT INTO entry (digest, topic, reason, detail, payload, size, first_ns, received_ns, subject)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8) ON CONFLICT (digest) DO UPDATE SET"
            " times = times + 1, reason = ?3, detail = ?4, received_ns = ?7, sent_ns = 0, handed = 0,"
            " subject = ?8 RETURNING times",
            (
                mark,
                topic,
                item.reason,
                detail,
                item.payload[:KEEP_BYTES],
                size,
                item.received_ns,
                item.subject,
            ),
        ).fetchone()
        self._sent.pop(mark, None)
        if times == 1:
            self._bytes += len(item.payload[:KEEP_BYTES]) + len(topic) + OVERHEAD
        tables.add(self._db, "tally", item.reason)
        tables.add(self._db, "talker", self._talker(topic))

    def _talker(self, topic: str) -> str:
        name = "/".join(topic.split("/")[:_LEVELS])[:DETAIL_LETTERS]
        if name in self._talkers:
            return name
        if len(self._talkers) >= TALKERS:
            return OTHERS
        self._talkers.add(name)
        return name

    def _evict(self) -> bool:
        """Delete some of the oldest payloads; whether there were any."""
        oldest = f"SELECT id FROM entry ORDER BY id LIMIT {EVICT_ROWS}"
        (last,) = self._db.execute(f"SELECT max(id) FROM ({oldest})").fetchone()
        return last is not None and self._leave("evicted", "id <= ?", [last]) > 0

    def _leave(self, fate: str, where: str, values: Sequence[object]) -> int:
        """Delete entries and note what became of them; returns how many refusals they stood for."""
        n, size = self._db.execute(
            f"SELECT coalesce(sum(times), 0), coalesce(sum({COST}), 0) FROM entry WHERE {where}", values
        ).fetchone()
        for (mark,) in self._db.execute(f"DELETE FROM entry WHERE {where} RETURNING digest", values):
            self._sent.pop(mark, None)
        self._bytes -= size
        tables.add(self._db, "fate", fate, n)
        return int(n)

    def _look(self) -> None:
        """Notice what another process has changed."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            (self._bytes,) = self._db.execute(f"SELECT coalesce(sum({COST}), 0) FROM entry").fetchone()
            self._sent = self._marked()
            self._version = version

    def _marked(self) -> dict[bytes, str]:
        return dict(self._db.execute("SELECT digest, topic FROM entry WHERE sent_ns > 0").fetchall())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, self._begun("BEGIN IMMEDIATE"):
            self._look()
            yield

    @contextmanager
    def _begun(self, begin: str) -> Iterator[None]:
        try:
            self._db.execute(begin)
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._version = _UNSEEN
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname == "SQLITE_FULL":
                raise SpoolFull(f"{self.path}: {error}") from error
            raise


def _storable(text: str) -> str:
    """Text without what SQLite cannot keep (lone surrogates) or would cut off (NUL)."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
