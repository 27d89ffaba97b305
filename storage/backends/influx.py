"""How are readings kept in InfluxDB 1.x, 2.x or 3, all through /write and /query?"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from collectors.reading import Reading
from storage import influx_status
from storage.influx_reader import InfluxReader, identifier
from storage.line import lines
from storage.schema import declared
from storage.store import Store, StoreUnavailable

NAME = "influx"
DOC = "InfluxDB 1.x, 2.x (with a DBRP mapping) and 3 through /write and /query; sent twice, kept once."
_GZIP = 16 + zlib.MAX_WBITS


class Settings(BaseModel):
    """`[store]` with backend = "influx". Give username and password (1.x), a token (2.x, 3), or neither."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("http://127.0.0.1:8086")
    database: Annotated[str, Field(min_length=1)] = "arterial"
    retention_policy: str = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0
    gzip: bool | None = None
    """None: for every server but one on this machine, where sending costs less than compressing."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.token.get_secret_value() and self.username:
            raise ValueError("give a token or a username, not both")
        return self


async def connect(settings: Mapping[str, object], var: Path) -> Store:
    """A store on the database that `settings` names; pydantic.ValidationError when they are not `Settings`.

    Nothing is sent yet: a server that is down is StoreUnavailable later, and does not stop the start.
    """
    return InfluxStore(Settings.model_validate(settings))


class InfluxStore:
    """Writes line protocol over one connection that is kept open; creates a missing database once."""

    name = NAME

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._schema = declared()
        gzip = not on_this_machine(settings.url.host) if settings.gzip is None else settings.gzip
        self._headers = {"Content-Encoding": "gzip"} if gzip else {}
        self._http = http_client(
            str(settings.url),
            settings.timeout_s,
            settings.token.get_secret_value(),
            (settings.username, settings.password.get_secret_value()),
            transport,
        )
        self._reader = InfluxReader(self._http, settings.database, settings.retention_policy)
        self.events, self.series = self._reader.events, self._reader.series
        self.rows, self.devices, self.count = self._reader.rows, self._reader.devices, self._reader.count

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        """See Store. The same reading again has the same series and time, so it is kept once."""
        if not batch:
            return {}
        body = await asyncio.to_thread(self._body, batch)
        response = await self._post(body)
        if response.status_code == 404 and b"database not found" in response.content:
            await self._create_database()
            response = await self._post(body)
        influx_status.check(
            response.status_code, response.content, response.headers.get("Retry-After"), batch
        )
        return {}

    async def position(self) -> None:
        """See Store: InfluxDB has no transactions, and keeps none."""

    async def close(self) -> None:
        """See Store."""
        await self._http.aclose()

    def _body(self, batch: Sequence[Reading]) -> bytes:
        text = lines(batch, self._schema)
        return zlib.compress(text, 1, _GZIP) if self._headers else text

    async def _post(self, body: bytes) -> httpx.Response:
        settings = self._settings
        params = {"db": settings.database, "precision": "ns"}
        if settings.retention_policy:
            params["rp"] = settings.retention_policy
        return await self._send("/write", params=params, content=body, headers=self._headers)

    async def _create_database(self) -> None:
        """InfluxDB 1.x without the database: create it, if it lets us."""
        name = self._settings.database
        response = await self._send("/query", data={"q": f"CREATE DATABASE {identifier(name)}"})
        why = influx_status.message(response.content) if response.status_code != 200 else ""
        if why:
            raise StoreUnavailable(f"there is no database '{name}', and creating it failed: {why}")

    async def _send(self, path: str, **request: object) -> httpx.Response:
        try:
            return await self._http.post(path, **request)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def on_this_machine(host: str | None) -> bool:
    """Whether `host`, as a URL has it, is the loopback interface."""
    try:
        return ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def http_client(
    url: str,
    timeout_s: float,
    token: str = "",
    user: tuple[str, str] = ("", ""),
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client that stays connected; a token goes as InfluxDB 2 and 3 want it, a user by Basic."""
    return httpx.AsyncClient(
        base_url=url,
        timeout=timeout_s,
        headers={"Authorization": f"Token {token}"} if token else {},
        auth=httpx.BasicAuth(*user) if user[0] else None,
        transport=transport,
    )
