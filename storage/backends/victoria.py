"""How are readings kept in VictoriaMetrics?

What its data model allows, and what not (it holds one 64-bit float per series and millisecond):

- `water` with `volume_m3` becomes the series `water_volume_m3{device=...,site=...,db=...}`; PromQL reads it.
- Texts (mode, strategy, reason) are left out. Keep a second store where they matter.
- Times are cut to the millisecond. Events of one device in one millisecond differ in the label `slot`;
  readings of other kinds that collide are refused and kept here, as long as they come in one batch.
- The same reading again is a second, equal sample: this file reads it as one. For other readers start the
  server with -dedup.minScrapeInterval=1ms.
- What is older than -retentionPeriod (a month, unless told otherwise) or two days ahead it drops without a
  word: such readings are refused here, by `retention_days`.
- It answers before it syncs: a server that is killed may forget its last seconds.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from collectors.reading import Reading
from storage import influx_status
from storage.schema import declared
from storage.store import Store, StoreUnavailable
from storage.victoria_line import lines
from storage.victoria_reader import VictoriaReader

NAME = "victoria"
DOC = "VictoriaMetrics: numbers only, one per series and millisecond; sent twice, read once."
CAVEAT = (
    "VictoriaMetrics keeps numbers, not texts (mode, strategy, reason), to the millisecond, and may forget "
    "its last seconds when it is killed; where that matters let another store be the first"
)
_GZIP: Final = 16 + zlib.MAX_WBITS
_DAY_NS: Final = 86_400_000_000_000
_AHEAD_DAYS: Final = 2
"""VictoriaMetrics drops what lies further in the future."""


class Settings(BaseModel):
    """`[store]` with kind = "victoria"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("http://127.0.0.1:8428")
    """What precedes /write; on a cluster http://vminsert:8480/insert/0/influx."""
    read_url: HttpUrl | None = None
    """What precedes /api/v1/export, if it differs; on a cluster http://vmselect:8481/select/0/prometheus."""
    database: Annotated[str, Field(min_length=1)] = "arterial"
    """The label `db` of every series."""
    retention_days: Annotated[float, Field(gt=0, le=36_500)] = 31
    """What the server's -retentionPeriod says."""
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0


async def connect(settings: Mapping[str, object], var: Path) -> Store:
    """A store on the server that `settings` names; pydantic.ValidationError when they are not `Settings`.

    Nothing is sent yet: a server that is down is StoreUnavailable later, and does not stop the start.
    """
    return VictoriaStore(Settings.model_validate(settings))


class VictoriaStore:
    """Writes gzipped line protocol over one connection that is kept open."""

    name = NAME

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings, self._schema = settings, declared()
        user = (settings.username, settings.password.get_secret_value())
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_s,
            auth=httpx.BasicAuth(*user) if user[0] else None,
            transport=transport,
        )
        self._reader = VictoriaReader(self._http, str(settings.read_url or settings.url), settings.database)
        self.events, self.series = self._reader.events, self._reader.series
        self.rows, self.devices, self.count = self._reader.rows, self._reader.devices, self._reader.count

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        """See Store, and this file's first lines for what `durably` and `once` mean here."""
        if not batch:
            return {}
        span = self._kept(time.time_ns())
        body = await asyncio.to_thread(lambda: zlib.compress(lines(batch, self._schema, span), 1, _GZIP))
        response = await self._post(body)
        retry_after = response.headers.get("Retry-After")
        influx_status.check(response.status_code, response.content, retry_after, batch)
        return {}

    async def position(self) -> None:
        """See Store: VictoriaMetrics has no transactions, and keeps none."""

    async def close(self) -> None:
        """See Store."""
        await self._http.aclose()

    def _kept(self, now_ns: int) -> range:
        oldest_ns = now_ns - int(self._settings.retention_days * _DAY_NS)
        return range(max(0, oldest_ns), now_ns + _AHEAD_DAYS * _DAY_NS)

    async def _post(self, body: bytes) -> httpx.Response:
        settings = self._settings
        params = {"db": settings.database, "precision": "ms"}
        try:
            return await self._http.post(
                f"{str(settings.url).rstrip('/')}/write",
                params=params,
                content=body,
                headers={"Content-Encoding": "gzip"},
            )
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
