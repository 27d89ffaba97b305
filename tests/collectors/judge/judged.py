"""How do the tests of the judge make readings, and look at what became of them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec
from hypothesis import HealthCheck, settings

from collectors.batch import Batch, grouped
from collectors.judge.judge import Judge, Judged
from collectors.judge.run import Code, compiled_code
from collectors.plugins import kinds
from collectors.quality import words
from collectors.reading import Reading, Value
from collectors.typed import route

UNHURRIED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
T_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000
MINUTE_MS = 60_000


def said(kind: str, t_ms: int, device: str = "d-1", quality: int = 0, **fields: Value | None) -> Reading:
    """A reading that came a second after its time."""
    values = {name: value for name, value in fields.items() if value is not None}
    return Reading(kind, "demo", device, t_ms * 10**6, values, {}, 0, (t_ms + 1000) * 10**6, quality)


def every(
    kind: str, field: str, values: Iterable[float], minutes: float = 1.0, start_ms: int = T_MS
) -> Iterator[Reading]:
    """One value after the other."""
    for n, value in enumerate(values):
        yield said(kind, start_ms + round(n * minutes * MINUTE_MS), **{field: float(value)})


def flags(readings: Iterable[Reading], judge: Judge | None = None) -> list[list[str]]:
    """The flags of each, in words."""
    return [words(reading.quality) for reading in readings_of(judge or Judge(), list(readings))]


def readings_of(judge: Judge, readings: Sequence[Reading]) -> list[Reading]:
    """The readings, judged, in their order, without those derived from them."""
    found = judge.judge(Batch(readings))
    return list(found.batch.plain[: len(readings)])


def as_records(readings: Sequence[Reading]) -> Batch:
    """The same as the records of plain sensors, in columns."""
    routes = [route(kinds()[r.kind].typed, r.site, r.device) for r in readings]  # type: ignore[arg-type]
    records = [r.decode(_text(reading)) for r, reading in zip(routes, readings, strict=True)]
    return Batch((), grouped(routes, [r.received_ns for r in readings], records))


def by_key(found: Judged) -> dict[tuple[str, str, int], tuple[int, dict[str, Value]]]:
    """Flags and values of all readings, derived ones too."""
    return {(r.kind, r.device, r.key_ns): (r.quality, r.fields) for r in found.batch}


def _text(reading: Reading) -> bytes:

    return msgspec.json.encode({"t": reading.at_ns // 10**6, **reading.fields})


@cache
def _code() -> Code:
    return compiled_code()


def quick(**options: object) -> Judge:
    """A judge in compiled code, which is compiled once and kept on disk: for many readings."""
    judge = Judge(**options)  # type: ignore[arg-type]
    judge.use(_code())
    return judge
