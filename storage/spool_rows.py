"""How does a batch of readings lie in a row of the spool?

A row begins with one letter for its form and a checksum. Records of plain sensors lie in columns, a fifth of
the size of readings with named fields, and uncompressed unless `small` asks for it: that costs more than the
disk does. Rows of earlier versions, which begin as zlib does, are read too.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final

import msgspec

from collectors.batch import Batch, Group
from collectors.reading import Reading, Value

_PLAIN: Final = b"R"
_SMALL: Final = b"Z"
_CHECK_BYTES: Final = 4
_HEAD: Final = 1 + _CHECK_BYTES
_astuple = msgspec.structs.astuple


class BadRow(ValueError):
    """The row cannot be read: the disk has damaged it."""


class _Columns(msgspec.Struct, array_like=True):
    """A Group: each row holds the values of `fields` and then the time in milliseconds."""

    kind: str
    fields: tuple[str, ...]
    sites: list[str]
    devices: list[str]
    received_ns: list[int]
    rows: list[tuple[float | int | None, ...]]
    flags: list[int] = []
    """Those of each row; empty where none carries any, and in rows of earlier versions."""


class _Row(msgspec.Struct, array_like=True):
    plain: list[Reading]
    columns: list[_Columns]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Row).decode
_decode_old = msgspec.msgpack.Decoder(list[Reading]).decode


def encoded(batch: Batch, small: bool = False) -> bytes:
    """The batch as one row; readings with named fields are always compressed."""
    body = _encode((batch.plain, [_columns(group) for group in batch.groups]))
    small = small or not batch.groups
    body = zlib.compress(body, 1) if small else body
    check = zlib.crc32(body).to_bytes(_CHECK_BYTES, "big")
    return b"".join((_SMALL if small else _PLAIN, check, body))


def decoded(row: bytes) -> list[Reading]:
    """The readings in a row. Raises BadRow."""
    form, body = row[:1], row[_HEAD:]
    try:
        if form not in (_PLAIN, _SMALL):
            return _decode_old(zlib.decompress(row))
        if zlib.crc32(body) != int.from_bytes(row[1:_HEAD], "big"):
            raise BadRow("the checksum is wrong")
        found = _decode(zlib.decompress(body) if form == _SMALL else body)
    except (zlib.error, msgspec.DecodeError) as error:
        raise BadRow(str(error)) from error
    return found.plain + [reading for columns in found.columns for reading in _readings(columns)]


def _columns(group: Group) -> tuple[Any, ...]:
    routes: Sequence[Any] = group.routes
    return (
        group.typed.kind,
        group.typed.fields,
        [route.site for route in routes],
        [route.device for route in routes],
        group.received_ns,
        msgspec.Raw(group.packed) if group.packed else [_astuple(record) for record in group.records],
        group.flags,
    )


def _readings(columns: _Columns) -> list[Reading]:
    """What `Group.readings` makes of the records, by the names that were written with them."""
    kind, names = columns.kind, columns.fields
    flags = columns.flags or repeat(0, len(columns.rows))
    lines = zip(columns.sites, columns.devices, columns.received_ns, flags, columns.rows, strict=True)
    found = []
    for site, device, ns, flag, (*values, at_ms) in lines:
        fields: dict[str, Value] = {
            name: value for name, value in zip(names, values, strict=True) if value is not None
        }
        found.append(Reading(kind, site, device, int(at_ms or 0) * 1_000_000, fields, {}, 0, ns, flag))
    return found
