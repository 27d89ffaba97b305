"""What does a city of many made-up intersections look like: its city file, and a day of its logs?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from collectors.reading import TIE_LIMIT, Reading
from gateway.config.settings import load
from signal_control.model import Intersection
from simulators.networks.toml_text import as_toml
from storage.store import Store
from tests.bench.synthetic_day import day

DEMO: Final = Path(__file__).resolve().parents[2] / "configs" / "demo.toml"
MODEL: Final = "x4"
ROW: Final = 10
"""Intersections of one street; between streets nothing drives."""
HEAD: Final = """
[city]
site = "bench"
name = "{n} intersections"
[broker]
kind = "embedded"
[store]
kind = "duckdb"
[control]
enabled = false
[board]
port = {port}
[[sources]]
topic = "arterial/{{site}}/hires/{{device}}"
kind = "hires"
late_s = 0
"""


def city(n: int) -> tuple[Intersection, ...]:
    """`n` copies of a demo intersection, s001 to s100, in streets of ten."""
    (model,) = [x for x in load(DEMO).intersections if x.id == MODEL]
    told = model.model_dump(exclude_defaults=True)
    return tuple(Intersection.model_validate(_copy(told, i, n)) for i in range(n))


def city_file(path: Path, intersections: tuple[Intersection, ...], port: int = 8321) -> Path:
    """The city file, written."""
    path.write_text(HEAD.format(n=len(intersections), port=port) + as_toml(intersections), encoding="utf-8")
    return path


def log_file(path: Path, intersections: tuple[Intersection, ...], start_ms: int, hours: float = 24.0) -> int:
    """The day's log of all of them as Parquet, as `arterial replay` takes it; returns how many events."""
    total, part = 0, path.with_suffix(".parts")
    part.mkdir(exist_ok=True)
    with duckdb.connect() as db:
        for i, x in enumerate(intersections):
            rows = day(x, start_ms, i + 1, hours)
            total += len(rows)
            columns = {"t": rows[:, 0], "code": rows[:, 1], "param": rows[:, 2]}
            db.register("rows", columns)
            db.execute(
                f"COPY (SELECT make_timestamp(t * 1000) AS TimeStamp, '{x.id}' AS DeviceId, code AS EventId,"
                f" param AS Parameter FROM rows) TO '{part / x.id}.parquet' (FORMAT parquet)"
            )
            db.unregister("rows")
        db.execute(f"COPY (SELECT * FROM '{part}/*.parquet' ORDER BY TimeStamp) TO '{path}' (FORMAT parquet)")
    for file in part.iterdir():
        file.unlink()
    part.rmdir()
    return total


async def fill(
    store: Store,
    intersections: Iterable[Intersection],
    start_ms: int,
    hours: float,
    seed: int = 1,
    since_h: float = 0.0,
) -> None:
    """Write the logs of a day's hours straight into a store, for those who test what is read from it."""
    for i, x in enumerate(intersections):
        rows = day(x, start_ms, seed + i, hours)
        rows = rows[rows[:, 0] >= start_ms + since_h * 3_600_000]
        readings = [
            Reading("hires", "bench", x.id, t * 1_000_000, {"code": c, "param": p}, {}, n % TIE_LIMIT, t)
            for n, (t, c, p) in enumerate(rows.tolist())
        ]
        await store.write(readings, 0)


def _copy(told: dict[str, Any], i: int, n: int) -> dict[str, Any]:
    mine = f"s{i + 1:03d}"
    copy = {**told, "id": mine, "name": f"{1 + i // ROW}. Street, {1 + i % ROW}. corner"}
    copy["lanes"] = [_lane(lane, i, n) for lane in told["lanes"]]
    copy["detectors"] = [{**d, "lane": d["lane"].replace(MODEL, mine)} for d in told["detectors"]]
    copy["plan"] = {**told["plan"], "offset_s": float((17 * i) % int(told["plan"]["cycle_s"]))}
    return copy


def _lane(lane: dict[str, Any], i: int, n: int) -> dict[str, Any]:
    """A lane that leads on to the next corner of its street, where there is one."""
    mine = f"s{i + 1:03d}"
    own = {**lane, "id": lane["id"].replace(MODEL, mine), "link": lane["link"].replace(MODEL, mine)}
    own.pop("to", None)
    way = own["link"].rsplit("_", 1)[1]
    step = {"eb": 1, "wb": -1}.get(way, 0)
    there = i + step
    if step and "through" in lane["turns"] and 0 <= there < n and there // ROW == i // ROW:
        own["to"] = {f"s{there + 1:03d}_{way}": 0.8}
    return own


def start_of_day(days_ago: int = 2) -> int:
    """Midnight UTC, ms since the epoch: a day that is over."""
    return int((np.datetime64("today") - np.timedelta64(days_ago, "D")).astype("datetime64[ms]").astype(int))
