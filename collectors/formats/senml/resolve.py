"""What does each record of a SenML pack say by itself, once base fields and relative times are applied?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from collectors.observation import wrong
from collectors.reading import shown

Record = dict[str, Any]

VERSION: Final = 10
"""The newest `bver` that is understood (RFC 8428 section 4.4)."""
RELATIVE: Final = 2**28
"""Times below this many seconds are relative to now (RFC 8428 section 4.5.3)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")
_VALUES: Final = ("v", "vs", "vb", "vd")
_NUMBERS: Final = ("bt", "bv", "bs", "bver", "t", "v", "s", "ut")
_TEXTS: Final = ("bn", "bu", "n", "u", "vs", "vd")
_LABELS: Final = frozenset((*_NUMBERS, *_TEXTS, "vb"))


class Resolved(msgspec.Struct, gc=False):
    """One record on its own: `name` follows `base`, `t` is seconds since the epoch."""

    base: str
    name: str
    unit: str
    t: float
    value: float | str | bool | None
    sum: float | None
    label: str
    """Which kind of value it is: v, vs, vb, vd, or empty where there is only a sum."""
    extra: Record
    """Labels that RFC 8428 does not know."""


def resolved(pack: Iterable[Record], now_s: float) -> Iterator[Resolved]:
    """The records of a pack that say something, in order (RFC 8428 section 4.6).

    `now_s` is when the pack was received, seconds since the epoch. Raises BadPayload(WRONG_SHAPE).
    """
    bn, bu, bt, bv, bs = "", "", 0.0, 0.0, 0.0
    version: float | None = None
    for record in pack:
        extra = _checked(record)
        bn, bu = record.get("bn", bn), record.get("bu", bu)
        bt, bv, bs = record.get("bt", bt), record.get("bv", bv), record.get("bs", bs)
        version = _version(record, version)
        labels = [label for label in _VALUES if label in record]
        if not labels and "s" not in record:
            continue
        if len(labels) > 1:
            raise wrong(f"a record with {' and '.join(labels)}; allowed: one value")
        label = labels[0] if labels else ""
        name = record.get("n", "")
        if not _NAME.fullmatch(f"{bn}{name}"):
            raise wrong(f"name {shown(f'{bn}{name}')}; allowed: A-Z a-z 0-9 - : . / _")
        value = record[label] if label else None
        t = record.get("t", 0) + bt
        yield Resolved(
            bn,
            name,
            str(record.get("u", bu)),
            now_s + t if t < RELATIVE else t,
            value + bv if label == "v" else value,
            record["s"] + bs if "s" in record else None,
            label,
            extra,
        )


def _checked(record: Record) -> Record:
    """The unknown labels of a record whose known ones have the right types."""
    for label in record:
        value = record[label]
        if label in _LABELS:
            if label in _NUMBERS:
                good = type(value) is float or type(value) is int
            else:
                good = type(value) is (bool if label == "vb" else str)
            if not good:
                raise wrong(f"{label}: {shown(value)} is of another type")
    unknown = record.keys() - _LABELS
    if not unknown:
        return {}
    for label in unknown:
        if label.endswith("_"):
            raise wrong(f"label {shown(label)} must be understood (it ends in _) and is not")
    return {label: record[label] for label in record if label in unknown}


def _version(record: Record, before: float | None) -> float | None:
    version: float | None = record.get("bver")
    if version is None:
        return before
    if version > VERSION or version < 1:
        raise wrong(f"bver {shown(version)}; understood: 1 to {VERSION}")
    if before is not None and version != before:
        raise wrong(f"bver {shown(version)} after {shown(before)}: a pack has one version")
    return version
