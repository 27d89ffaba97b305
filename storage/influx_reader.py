"""How does one read back from InfluxDB 1.x, 2.x and 3 by the one way they share, InfluxQL over /query?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import httpx
import msgspec

from storage.influx_status import message, seconds
from storage.store import NS_PER_MS, Events, Series, StoreUnavailable, whole_ms

CHUNK: Final = 10_000
"""Points in one line of a chunked answer."""


class InfluxReader:
    """InfluxQL questions to one database. Every method raises StoreUnavailable."""

    def __init__(self, http: httpx.AsyncClient, database: str, retention_policy: str = "") -> None:
        self._http = http
        self._database = database
        self._policy = retention_policy

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        """See Store.events."""
        import numpy as np

        span = _span(device, whole_ms(start_ns), whole_ms(end_ns))
        wanted = f'SELECT "code", "param" FROM {self._table("hires")} WHERE {span}'
        rows = [row async for row in self._rows(wanted)]
        table = np.array(rows, np.int64).reshape(-1, 3)
        time, code, param = table[np.argsort(table[:, 0], kind="stable")].T
        return Events(time - time % NS_PER_MS, code, param)

    async def series(self, kind: str, device: str, field: str, start_ns: int, end_ns: int) -> Series:
        """See Store.series."""
        import numpy as np

        span = _span(device, start_ns, end_ns)
        wanted = f"SELECT {identifier(field)} FROM {self._table(kind)} WHERE {span}"
        rows = [row async for row in self._rows(wanted) if not isinstance(row[1], str)]
        time = np.array([row[0] for row in rows], np.int64)
        return Series(time, np.array([row[1] for row in rows], np.float64))

    async def rows(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, limit: int = 1000
    ) -> list[tuple[Any, ...]]:
        """See Store.rows."""
        names = ", ".join(identifier(name) for name in fields)
        wanted = f"SELECT {names} FROM {self._table(kind)} WHERE {_span(device, start_ns, end_ns)}"
        newest = [tuple(row) async for row in self._rows(f"{wanted} ORDER BY time DESC LIMIT {limit}")]
        return newest[::-1]

    async def devices(self, kind: str) -> list[str]:
        """See Store.devices."""
        wanted = f'SHOW TAG VALUES FROM {identifier(kind)} WITH KEY = "device"'
        return sorted({str(row[1]) async for row in self._rows(wanted)})

    async def count(self, kind: str) -> int:
        """See Store.count."""
        wanted = f'SELECT count("received_ns") FROM {self._table(kind)}'
        return sum([int(row[1]) async for row in self._rows(wanted)])

    async def _rows(self, query: str) -> AsyncIterator[list[Any]]:
        """The rows of the answer, chunk by chunk as they come."""
        params: dict[str, str | int] = {"db": self._database, "q": query, "epoch": "ns"}
        params |= {"chunked": "true", "chunk_size": CHUNK}
        try:
            async with self._http.stream("GET", "/query", params=params) as response:
                if response.status_code != 200:
                    why = message(await response.aread())
                    raise StoreUnavailable(why, seconds(response.headers.get("Retry-After")))
                async for chunk in response.aiter_lines():
                    for row in _chunk_rows(chunk):
                        yield row
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    def _table(self, kind: str) -> str:
        return f"{identifier(self._policy)}.{identifier(kind)}" if self._policy else identifier(kind)


def identifier(name: str) -> str:
    """A name in InfluxQL."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def literal(text: str) -> str:
    """A string in InfluxQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _span(device: str, start_ns: int, end_ns: int) -> str:
    return f'"device" = {literal(device)} AND time >= {start_ns} AND time < {end_ns}'


def _chunk_rows(chunk: str) -> list[list[Any]]:
    if not chunk.strip():
        return []
    try:
        results = msgspec.json.decode(chunk)["results"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise StoreUnavailable(f"this is not an InfluxQL answer: {chunk[:100]!r}") from error
    for result in results:
        if "error" in result:
            raise StoreUnavailable(str(result["error"]))
    tables = [series for result in results for series in result.get("series", ())]
    return [row for table in tables for row in table.get("values", ())]
