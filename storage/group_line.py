"""How do the records of plain sensors become line protocol, all in a few steps?

msgspec writes all numbers of a group as one text. Cut at every comma they are columns, and with names,
devices and times between them the pieces of lines, which are joined at once. Names are of an alphabet that
needs no escapes (collectors.registry, collectors.kind).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from collectors.batch import Group
from collectors.quality import QUALITY
from storage.schema import INT64, Schema

CHUNK: Final = 1_000
"""Records written together: so many that each step costs little, so few that all stay in the cache."""

_encode = msgspec.json.Encoder().encode
_astuple = msgspec.structs.astuple
_BRACKETS: Final = b"[]"
_ABSENT: Final = "null"
_NS_PER_MS: Final = "000000\n"


def writable(group: Group, schema: Schema) -> bool:
    """Whether every record can be written without looking closer: fields declared as floats, times of receipt
    that fit."""
    shape = schema.get(group.typed.kind)
    if shape is None or any(shape.fields.get(name) != "float" for name in group.typed.fields):
        return False
    return min(group.received_ns) in INT64 and max(group.received_ns) in INT64


def group_lines(group: Group) -> bytes:
    """A line per record, in order, with times in nanoseconds; as `storage.line` writes its readings."""
    texts = [_text(group.part(start, start + CHUNK)) for start in range(0, len(group), CHUNK)]
    return "".join(texts)[:-1].encode("ascii")


def _text(group: Group) -> str:
    """Lines, each with its end. The first field is never absent (collectors.typed)."""
    n, width = len(group), len(group.typed.fields) + 1
    text = _encode([_astuple(record) for record in group.records]).translate(None, _BRACKETS).decode("ascii")
    numbers = text.split(",")
    columns = [[f"{group.typed.kind},device="] * n, [route.device for route in group.routes], _sites(group)]
    for place, name in enumerate(group.typed.fields):
        column = numbers[place::width]
        before = [f",{name}=" if place else f"{name}="] * n
        if _ABSENT in column:
            before = ["" if number == _ABSENT else name for name, number in zip(before, column, strict=True)]
            column = ["" if number == _ABSENT else number for number in column]
        columns += [before, column]
    if group.flags:
        columns.append(_flags(group.flags))
    columns += [_received(group.received_ns), numbers[width - 1 :: width], [_NS_PER_MS] * n]
    pieces = [""] * (len(columns) * n)
    for place, column in enumerate(columns):
        pieces[place :: len(columns)] = column
    return "".join(pieces)


def _sites(group: Group) -> list[str]:
    sites = [route.site for route in group.routes]
    if len(set(sites)) == 1:
        return [f",site={sites[0]} "] * len(sites)
    return [f",site={site} " for site in sites]


def _flags(flags: Sequence[int]) -> list[str]:
    texts = {flag: f",{QUALITY}={flag}i" if flag else "" for flag in set(flags)}
    return [texts[flag] for flag in flags]


def _received(received_ns: Sequence[int]) -> list[str]:
    texts = {ns: f",received_ns={ns}i " for ns in set(received_ns)}
    return [texts[ns] for ns in received_ns]
