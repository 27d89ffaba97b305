"""How does the audit trail grow on disk, and is it still what was written?

A folder of files, `00000001.jsonl` and on, one entry a line; `head.json` names the newest entry, so that a
trail whose end was cut off is found too. Whoever can write to the folder can rewrite all of it, with its
head: so the hash of the head also goes into the store now and then, as a reading of kind `audit`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from gateway.audit.entry import FIRST, BadEntry, Entry, Fact, checked, linked

FILE_BYTES: Final = 64 * 1024 * 1024
"""A file that has grown beyond this is left as it is, and another begun."""
HEAD: Final = "head.json"


class Head(msgspec.Struct, frozen=True):
    """The newest entry: its number (0: there is none) and its hash."""

    number: int = 0
    hash: str = FIRST


class Flaw(NamedTuple):
    """Where a trail is not what was written. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.why}" if self.line else f"{self.file}: {self.why}"


class TrailError(Exception):
    """There is no trail, or it cannot be continued; the text says why."""


class Trail:
    """The writing end; one process at a time. Not for the event loop: `append` waits for the disk."""

    def __init__(self, folder: Path) -> None:
        """Open or begin the trail in `folder`.

        A line torn off by a crash is put aside (`torn-*`), on record. Raises TrailError when what is there
        ends before the entry that `head.json` names, and OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        torn = _set_torn_aside(folder)
        self._head, self._file = _resumed(folder), _newest(folder)
        if torn:
            self.append(
                [Fact(time.time_ns(), "arterial", "repair", "audit", after=torn, why="A crash tore it.")]
            )

    @property
    def head(self) -> Head:
        """The newest entry."""
        return self._head

    def append(self, facts: Sequence[Fact]) -> None:
        """Write `facts` behind what is there, and return once they are on the disk. Raises OSError."""
        if not facts:
            return
        entries, head = [], self._head
        for fact in facts:
            entry = linked(head.number + 1, time.time_ns(), fact, head.hash)
            entries.append(entry)
            head = Head(entry.number, entry.hash)
        path = self._file if self._file and self._file.stat().st_size < FILE_BYTES else None
        if path is None:
            path = self._folder / f"{entries[0].number:08d}.jsonl"
        _write(path, b"".join(e.line() for e in entries))
        self._file, self._head = path, head
        _replace(self._folder / HEAD, msgspec.json.encode(head))


def entries(folder: Path) -> Iterator[Entry]:
    """Every entry, the oldest first, unchecked. Raises TrailError for what cannot be read as one."""
    for path in files(folder):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield msgspec.json.decode(line, type=Entry)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise TrailError(
                        f"{path.name}, line {number}: {error}; see `arterial audit verify`"
                    ) from None


def verify(folder: Path, anchor: Head | None = None) -> tuple[Head, Flaw | None]:
    """Read the whole trail; returns the newest entry that can be trusted, and the first flaw.

    The entry that `head.json` names must be there with that hash (a crash may leave newer ones behind it),
    and so must `anchor`, a head noted elsewhere. Raises TrailError when there is no trail.
    """
    there, noted = files(folder), read_head(folder)
    if noted is None:
        return Head(), Flaw(HEAD, 0, "it is missing or unreadable")
    anchors = {a.number: (a.hash, where) for a, where in ((anchor, "elsewhere"), (noted, f"in {HEAD}")) if a}
    head = Head()
    for path in there:
        if int(path.stem) != head.number + 1:
            return head, Flaw(path.name, 0, f"entries {head.number + 1} to {int(path.stem) - 1} are missing")
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    entry = checked(line, head.number + 1, head.hash)
                except BadEntry as bad:
                    return head, Flaw(path.name, number, str(bad))
                known, where = anchors.pop(entry.number, (entry.hash, ""))
                if known != entry.hash:
                    return head, Flaw(
                        path.name, number, f"entry {entry.number} has another hash than noted {where}"
                    )
                head = Head(entry.number, entry.hash)
    for number, (_, where) in anchors.items():
        if number:
            return head, Flaw(HEAD, 0, f"the trail ends before entry {number}, which is noted {where}")
    return head, None


def files(folder: Path) -> list[Path]:
    """The files of a trail in order. Raises TrailError when there are none."""
    found = _numbered(folder)
    if not found:
        raise TrailError(f"no audit trail in {folder}")
    return found


def read_head(folder: Path) -> Head | None:
    """What `head.json` says; None when it is missing or says nothing."""
    try:
        return msgspec.json.decode((folder / HEAD).read_bytes(), type=Head)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _resumed(folder: Path) -> Head:
    """The newest entry as the file has it; head.json may be a write behind after a crash."""
    noted, newest = read_head(folder), _newest(folder)
    if newest is None:
        if noted is not None and noted.number:
            raise TrailError(f"{folder}: the trail is gone, {HEAD} names entry {noted.number}")
        return Head()
    last = _last_line(newest)
    try:
        entry = msgspec.json.decode(last, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TrailError(f"{newest}: the last line is no entry ({error}); move the folder aside") from error
    if noted is not None and noted.number > entry.number:
        raise TrailError(f"{folder}: entries after {entry.number} are gone, {HEAD} names {noted.number}")
    return Head(entry.number, entry.hash)


def _set_torn_aside(folder: Path) -> str:
    """Cut what follows the last newline into a file of its own; returns that file's name, or ""."""
    path = _newest(folder)
    if path is None:
        return ""
    with path.open("r+b") as file:
        whole = _end_of_lines(file.seek(0, os.SEEK_END), path)
        file.seek(whole)
        torn = file.read()
        if not torn:
            return ""
        aside = folder / f"torn-{path.stem}-{whole}"
        aside.write_bytes(torn)
        file.truncate(whole)
        os.fsync(file.fileno())
    if whole == 0:
        path.unlink()
    return aside.name


def _end_of_lines(size: int, path: Path) -> int:
    """Offset behind the last newline."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = _end_of_lines(size - 1, path)
        file.seek(start)
        return file.read()


def _newest(folder: Path) -> Path | None:
    return max(_numbered(folder), default=None)


def _numbered(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.jsonl") if p.stem.isdigit())


def _write(path: Path, data: bytes) -> None:
    fresh = not path.exists()
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        _sync_folder(path.parent)


def _replace(path: Path, data: bytes) -> None:
    spare = path.with_suffix(".new")
    spare.write_bytes(data)
    spare.replace(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
