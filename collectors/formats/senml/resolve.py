"""What does each record of a SenML pack say by itself, once base fields and relative times are applied?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec

from collectors.observation import wrong
from collectors.reading import shown

UNKNOWN: Final = "(unknown)"
"""Under which label the labels that RFC 8428 does not know are put together."""
VERSION: Final = 10
"""The newest `bver` that is understood (RFC 8428 section 4.4)."""
RELATIVE: Final = 2**28
"""Times below this many seconds are relative to now (RFC 8428 section 4.5.3)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")


class Record(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One record as it is in a pack, with the labels that RFC 8428 knows."""

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    bver: float | None = None
    n: str = ""
    u: str | None = None
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: str | None = None
    s: float | None = None
    t: float = 0.0
    ut: float | None = None
    unknown: dict[str, Any] | None = msgspec.field(default=None, name=UNKNOWN)


class Resolved(msgspec.Struct, gc=False):
    """One record on its own: `name` follows `base`, `t` is seconds since the epoch."""

    base: str
    name: str
    unit: str
    t: float
    value: float | str | bool | None
    sum: float | None
    unknown: dict[str, Any] | None = None
    update: float | None = None
    """Within so many seconds it will be said again (`ut`)."""


LABELS: Final = frozenset(Record.__struct_fields__) - {"unknown"}


def resolved(pack: Iterable[Record], now_s: float) -> Iterator[Resolved]:
    """The records of a pack that say something, in order (RFC 8428 section 4.6).

    `now_s` is when the pack was received, seconds since the epoch. Raises BadPayload(WRONG_SHAPE).
    """
    bn, bu, bt, bv, bs = "", "", 0.0, 0.0, 0.0
    version: float | None = None
    for record in pack:
        bn = bn if record.bn is None else record.bn
        bu = bu if record.bu is None else record.bu
        bt = bt if record.bt is None else record.bt
        bv = bv if record.bv is None else record.bv
        bs = bs if record.bs is None else record.bs
        if record.bver is not None:
            version = _version(record.bver, version)
        value, total = record.v, record.s
        if value is not None:
            value += bv
        if record.vs is not None or record.vb is not None or record.vd is not None:
            value = _other(record)
        elif value is None and total is None:
            continue
        check_name(bn, record.n)
        t = record.t + bt
        yield Resolved(
            bn,
            record.n,
            bu if record.u is None else record.u,
            now_s + t if t < RELATIVE else t,
            value,
            None if total is None else total + bs,
            record.unknown,
            record.ut,
        )


@lru_cache(maxsize=65_536)
def check_name(base: str, name: str) -> None:
    """Raises BadPayload(WRONG_SHAPE) where base and name together are none (RFC 8428 section 4.5.1)."""
    whole = base + name
    if not _NAME.fullmatch(whole):
        raise wrong(f"name {shown(whole)}; allowed: A-Z a-z 0-9 - : . / _")


def set_apart(record: dict[str, Any]) -> dict[str, Any]:
    """`record` with the labels nobody knows under UNKNOWN; raises BadPayload where one must be understood."""
    if record.keys() <= LABELS:
        return record
    unknown = {label: value for label, value in record.items() if label not in LABELS}
    for label in unknown:
        if label.endswith("_"):
            raise wrong(f"label {shown(label)} must be understood (it ends in _) and is not")
    known = {label: value for label, value in record.items() if label in LABELS}
    return {**known, UNKNOWN: unknown}


def _other(record: Record) -> Any:
    """The value where it is no number."""
    there = [label for label in ("v", "vs", "vb", "vd") if getattr(record, label) is not None]
    if len(there) > 1:
        raise wrong(f"a record with {' and '.join(there)}; allowed: one value")
    return getattr(record, there[0])


def _version(version: float, before: float | None) -> float:
    if not 1 <= version <= VERSION:
        raise wrong(f"bver {shown(version)}; understood: 1 to {VERSION}")
    if before is not None and version != before:
        raise wrong(f"bver {shown(version)} after {shown(before)}: a pack has one version")
    return version
