"""How are readings kept in a DuckDB file that is written by a process of its own?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from collectors.reading import Reading
from storage import duck_requests as ask
from storage.backends._child import Child
from storage.schema import declared
from storage.store import NS_PER_MS, Events, Rejected, Series, Store, StoreUnavailable, whole_ms

NAME = "duckdb"
ONE_PROCESS = True
DOC = "DuckDB in a file of this machine; exactly once, typed tables, nothing to install or to run."
_MODULE = "storage.duck_process"


class Settings(BaseModel):
    """`[store]` with backend = "duckdb"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = "arterial.duckdb"
    """The file; a relative path begins in the folder for data."""
    memory_limit: Annotated[str, Field(pattern=r"^[0-9.]+ ?[KMGT]i?B$")] = "512MB"
    threads: Annotated[int, Field(ge=1, le=64)] = 1


async def connect(settings: Mapping[str, object], var: Path) -> Store:
    """A store on the file that `settings` names; pydantic.ValidationError when they are not `Settings`.

    Also when the file cannot be opened now: then the store is unavailable, and tries again with every call.
    """
    store = DuckStore(Settings.model_validate(settings), var)
    with contextlib.suppress(StoreUnavailable):
        await store.position()
    return store


class DuckStore:
    """The parent's end. Neither the work nor the death of the database reaches the parent: a call meets
    StoreUnavailable, and the next call starts a new process."""

    name = NAME

    def __init__(self, settings: Settings, var: Path) -> None:
        self._path = var / settings.path
        self._settings = settings
        self._schema = declared()
        self._child: Child | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that has the file open; None when there is none."""
        return self._child.pid if self._child is not None and self._child.alive else None

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        """See Store; exactly once: batch and position are one transaction."""
        answer = await self._ask(ask.Write(list(batch), position))
        if answer.rejected:
            raise Rejected([(batch[i], why) for i, why in answer.faults], answer.rejected)
        return answer.known

    async def position(self) -> int:
        """See Store."""
        return (await self._ask(ask.Position())).number

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        """See Store."""
        import numpy as np

        span = whole_ms(start_ns), whole_ms(end_ns)
        answer = await self._ask(ask.Select("hires", device, ["code", "param"], *span, "int64"))
        time, code, param = (np.frombuffer(column, np.int64) for column in answer.columns)
        return Events(time - time % NS_PER_MS, code, param)

    async def series(self, kind: str, device: str, field: str, start_ns: int, end_ns: int) -> Series:
        """See Store."""
        import numpy as np

        answer = await self._ask(ask.Select(kind, device, [field], start_ns, end_ns, "float64"))
        time, value = answer.columns
        return Series(np.frombuffer(time, np.int64), np.frombuffer(value, np.float64))

    async def rows(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, limit: int = 1000
    ) -> list[tuple[Any, ...]]:
        """See Store."""
        answer = await self._ask(ask.Rows(kind, device, list(fields), start_ns, end_ns, limit))
        return [tuple(row) for row in answer.rows]

    async def devices(self, kind: str) -> list[str]:
        """See Store."""
        return (await self._ask(ask.Devices(kind))).names

    async def count(self, kind: str) -> int:
        """See Store."""
        return (await self._ask(ask.Count(kind))).number

    async def close(self) -> None:
        """See Store; the process has written everything into the file and is gone on return."""
        self._closed = True
        async with self._starting:
            if self._child is not None:
                await self._child.close()

    async def _ask(self, request: ask.Request) -> ask.Answer:
        child = await self._running()
        return await _answered(child, request)

    async def _running(self) -> Child:
        async with self._starting:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            if self._child is None or not self._child.alive:
                self._child = await self._opened()
            return self._child

    async def _opened(self) -> Child:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        settings = self._settings
        child = await Child.start(_MODULE)
        request = ask.Open(str(self._path), self._schema, settings.memory_limit, settings.threads)
        try:
            await _answered(child, request)
        except BaseException:
            await child.close()
            raise
        return child


async def _answered(child: Child, request: ask.Request) -> ask.Answer:
    body = await child.ask(msgspec.msgpack.encode(request))
    answer = msgspec.msgpack.decode(body, type=ask.Answer)
    if answer.unavailable:
        raise StoreUnavailable(answer.unavailable)
    return answer
