"""How are readings written with the official client to /api/v2/write (InfluxDB 2, VictoriaMetrics)?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.client.write_api_async import WriteApiAsync
from influxdb_client.rest import ApiException
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from collectors.reading import Reading
from storage import influx_status
from storage.backends.influx import http_client
from storage.influx_reader import InfluxReader
from storage.line import lines
from storage.schema import declared
from storage.store import Store, StoreUnavailable

NAME = "influx2"
DOC = "InfluxDB 2.x buckets, also VictoriaMetrics (numbers only, read with PromQL), through influxdb-client."


class Settings(BaseModel):
    """`[store]` with backend = "influx2". Reading back needs a DBRP mapping of the bucket's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("http://127.0.0.1:8086")
    token: SecretStr = SecretStr("")
    org: str = "arterial"
    bucket: Annotated[str, Field(min_length=1)] = "arterial"
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0


async def connect(settings: Mapping[str, object], var: Path) -> Store:
    """A store on the bucket that `settings` names; pydantic.ValidationError when they are not `Settings`.

    Nothing is sent yet: a server that is down is StoreUnavailable later, and does not stop the start.
    """
    return Influx2Store(Settings.model_validate(settings))


class Influx2Store:
    """Writes line protocol with influxdb-client, gzipped, one request at a time; the spool does the batching.

    The client's own batching gives up after some retries, so it is not used. Make it inside a running loop.
    """

    name = NAME

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._schema = declared()
        url, token = str(settings.url).rstrip("/"), settings.token.get_secret_value()
        self._client = InfluxDBClientAsync(
            url, token, settings.org, timeout=int(settings.timeout_s * 1000), enable_gzip=True
        )
        self._writer: WriteApiAsync = self._client.write_api()
        self._http = http_client(url, settings.timeout_s, token)
        reader = InfluxReader(self._http, settings.bucket)
        self.events, self.series = reader.events, reader.series
        self.rows, self.devices, self.count = reader.rows, reader.devices, reader.count

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        """See Store. The same reading again has the same series and time, so it is kept once."""
        if not batch:
            return {}
        body = await asyncio.to_thread(lines, batch, self._schema)
        settings = self._settings
        try:
            await self._writer.write(settings.bucket, settings.org, body)
        except ApiException as error:
            headers: Mapping[str, str] = error.headers or {}
            text = error.body.encode() if isinstance(error.body, str) else error.body or b""
            influx_status.check(error.status or 0, text, headers.get("Retry-After"), batch)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
        return {}

    async def position(self) -> None:
        """See Store: InfluxDB has no transactions, and keeps none."""

    async def close(self) -> None:
        """See Store."""
        await self._client.close()  # type: ignore[no-untyped-call]
        await self._http.aclose()
