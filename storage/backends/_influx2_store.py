"""How does one write with the official client to /api/v2/write?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.client.write_api_async import WriteApiAsync
from influxdb_client.rest import ApiException

from collectors.reading import Reading
from storage import influx_status
from storage.backends.influx import http_client
from storage.backends.influx2 import NAME, Settings
from storage.influx_reader import InfluxReader
from storage.line import lines
from storage.schema import declared
from storage.store import StoreUnavailable


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
