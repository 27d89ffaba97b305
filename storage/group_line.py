"""How do the records of plain sensors become line protocol, all in a few steps?

msgspec writes the records of a group as one JSON text, which holds names and numbers as a line does but for
punctuation; cut at every record it is put together with devices and times. Names are of an alphabet that
needs no escapes (collectors.registry, collectors.kind).
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

import msgspec

from collectors.batch import Group
from collectors.typed import TIME
from storage.schema import INT64, Schema

_encode = msgspec.json.Encoder().encode
_CUT: Final = b"}"
_TIME: Final = f',"{TIME}":'.encode()
_EQUALS: Final = bytes.maketrans(b":", b"=")
_NS_PER_MS: Final = "000000\n"
_PIECES: Final = 7


def writable(group: Group, schema: Schema) -> bool:
    """Whether every record can be written without looking closer: fields declared as floats, times of receipt
    that fit."""
    shape = schema.get(group.typed.kind)
    if shape is None or any(shape.fields.get(name) != "float" for name in group.typed.fields):
        return False
    return min(group.received_ns) in INT64 and max(group.received_ns) in INT64


def group_lines(group: Group) -> bytes:
    """A line per record, in order, with times in nanoseconds; as `storage.line` writes its readings."""
    n, routes = len(group), group.routes
    text = _encode(group.records)[2:-2].replace(b"},{", _CUT).replace(_TIME, _CUT).translate(_EQUALS, b'"')
    parts = text.decode("ascii").split("}")
    pieces = [""] * (_PIECES * n)
    pieces[0::_PIECES] = [f"{group.typed.kind},device="] * n
    pieces[1::_PIECES] = [route.device for route in routes]
    pieces[2::_PIECES] = _sites(group)
    pieces[3::_PIECES] = parts[0::2]
    pieces[4::_PIECES] = _received(group)
    pieces[5::_PIECES] = parts[1::2]
    pieces[6::_PIECES] = [_NS_PER_MS] * n
    return "".join(pieces)[:-1].encode("ascii")


def _sites(group: Group) -> list[str]:
    sites = [route.site for route in group.routes]
    if len(set(sites)) == 1:
        return [f",site={sites[0]} "] * len(sites)
    return [f",site={site} " for site in sites]


def _received(group: Group) -> list[str]:
    found: list[str] = []
    for received_ns, same in groupby(group.received_ns):
        found += [f",received_ns={received_ns}i "] * len(list(same))
    return found
