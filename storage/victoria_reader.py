"""How does one read raw samples back from VictoriaMetrics, through its export API?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import httpx
import msgspec

from storage.influx_status import message, seconds
from storage.store import NS_PER_MS, Events, Series, StoreUnavailable, whole_ms
from storage.victoria_line import RECEIVED, TIE

EVER_MS: Final = (0, 4_102_444_800_000)
"""Until the year 2100."""


class Samples(msgspec.Struct):
    """One series of an answer; a sample that was sent twice may be in it twice."""

    metric: dict[str, str]
    values: list[float | None]
    timestamps: list[int]


class VictoriaReader:
    """Questions to one server. Every method raises StoreUnavailable."""

    def __init__(self, http: httpx.AsyncClient, base: str, database: str) -> None:
        self._http, self._base, self._database = http, base.rstrip("/"), database
        self._decoder = msgspec.json.Decoder(Samples)

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        """See Store.events; whole milliseconds, as they were sent."""
        import numpy as np

        found: dict[tuple[str, int], dict[str, float]] = {}
        metrics = {name: f"hires_{name}" for name in ("code", "param", TIE)}
        for name, metric in metrics.items():
            async for samples in self._export(metric, _span(start_ns, end_ns), device):
                slot = samples.metric.get("slot", "")
                for at_ms, value in _pairs(samples).items():
                    found.setdefault((slot, at_ms), {})[name] = value
        rows = sorted(
            (at_ms, int(event.get(TIE, 0)), int(event["code"]), int(event["param"]))
            for (_, at_ms), event in found.items()
            if {"code", "param"} <= event.keys()
        )
        table = np.array(rows, np.int64).reshape(-1, 4)
        return Events(table[:, 0] * NS_PER_MS, table[:, 2].copy(), table[:, 3].copy())

    async def series(self, kind: str, device: str, field: str, start_ns: int, end_ns: int) -> Series:
        """See Store.series; times are whole milliseconds, rounded down."""
        import numpy as np

        found: dict[int, float] = {}
        async for samples in self._export(f"{kind}_{field}", _span(start_ns, end_ns), device):
            found |= _pairs(samples)
        times = sorted(found)
        at_ns = np.array(times, np.int64) * NS_PER_MS
        return Series(at_ns, np.array([found[at] for at in times], np.float64))

    async def rows(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, limit: int = 1000
    ) -> list[tuple[Any, ...]]:
        """See Store.rows; texts are not kept here, so they are None."""
        found: dict[int, list[float | None]] = {}
        for column, field in enumerate(fields):
            series = await self.series(kind, device, field, start_ns, end_ns)
            for at_ns, value in zip(series.at_ns.tolist(), series.value.tolist(), strict=True):
                found.setdefault(at_ns, [None] * len(fields))[column] = value
        return [(at_ns, *found[at_ns]) for at_ns in sorted(found)[-limit:]]

    async def devices(self, kind: str) -> list[str]:
        """See Store.devices."""
        params = {"match[]": self._selector(f"{kind}_{RECEIVED}"), "start": "0"}
        await self._settle()
        try:
            response = await self._http.get(f"{self._base}/api/v1/label/device/values", params=params)
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
        _check(response.status_code, response.content, response.headers)
        try:
            return sorted(str(name) for name in msgspec.json.decode(response.content)["data"])
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise StoreUnavailable(f"this is not VictoriaMetrics: {response.content[:100]!r}") from error

    async def count(self, kind: str) -> int:
        """See Store.count. It reads a sample of every reading: for tests and reports, not for a dashboard."""
        return sum([len(_pairs(samples)) async for samples in self._export(f"{kind}_{RECEIVED}", EVER_MS)])

    async def _export(
        self, metric: str, span_ms: tuple[int, int], device: str | None = None
    ) -> AsyncIterator[Samples]:
        """Series with samples in start <= time < end, ms."""
        start, end = span_ms
        # The server rounds the bounds, so it is asked for a little more.
        params = {
            "match[]": self._selector(metric, device),
            "start": str(max(0, start // 1000 - 1)),
            "end": str(end // 1000 + 1),
        }
        await self._settle()
        try:
            async with self._http.stream("GET", f"{self._base}/api/v1/export", params=params) as response:
                if response.status_code != 200:
                    _check(response.status_code, await response.aread(), response.headers)
                async for line in response.aiter_lines():
                    if line:
                        yield _cut(self._decoder.decode(line), start, end)
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
        except msgspec.DecodeError as error:
            raise StoreUnavailable(f"this is not an export of VictoriaMetrics: {error}") from error

    async def _settle(self) -> None:
        """Samples become visible within a second; a single server can be asked to hurry. One that does not
        know how (a cluster, say) answers an error, which changes nothing."""
        with contextlib.suppress(httpx.HTTPError):
            await self._http.get(f"{self._base}/internal/force_flush")

    def _selector(self, metric: str, device: str | None = None) -> str:
        labels = {"__name__": metric, "db": self._database}
        if device is not None:
            labels["device"] = device
        return "{" + ",".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in labels.items()) + "}"


def _span(start_ns: int, end_ns: int) -> tuple[int, int]:
    return whole_ms(start_ns) // NS_PER_MS, whole_ms(end_ns) // NS_PER_MS


def _cut(samples: Samples, start: int, end: int) -> Samples:
    kept = [
        (at, value) for at, value in zip(samples.timestamps, samples.values, strict=True) if start <= at < end
    ]
    return Samples(samples.metric, [value for _, value in kept], [at for at, _ in kept])


def _pairs(samples: Samples) -> dict[int, float]:
    """Value by time, ms; what was sent twice is there once."""
    found = zip(samples.timestamps, samples.values, strict=True)
    return {at: value for at, value in found if value is not None}


def _check(status: int, body: bytes, headers: Mapping[str, str]) -> None:
    if status != 200:
        raise StoreUnavailable(message(body) or f"HTTP status {status}", seconds(headers.get("Retry-After")))
