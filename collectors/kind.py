"""What does a kind of reading consist of, and how does a record become one?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from collectors.field import Field
from collectors.quality import QUALITY
from collectors.reading import BadPayload, Reading, Reason, Value
from collectors.registry import checked_id
from collectors.times import EARLIEST_MS, InstantRule, instant_ns
from collectors.typed import Typed, typed

__all__ = ["Field", "Kind", "ReadRecord", "Record", "flat_kind"]

Record = dict[str, Any]
"""What a format makes of a payload: plain names and plain values, nothing checked yet."""
ReadRecord = Callable[[Record, str, str, int], list[Reading]]
"""(record, site, device, received_ns) -> readings; raises BadPayload."""
ReadJson = Callable[[bytes, str, str, int], list[Reading] | None]
"""(JSON, site, device, received_ns) -> what format and ReadRecord would make of it; None to ask those."""

SHORT_BYTES: Final = 16_384
"""Longer JSON goes the long way, where its length is judged."""

RESERVED: Final = frozenset({"t", "time", "time_ns", "received_ns", "site", "device", QUALITY})
"""Names that every store uses for itself."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Kind(msgspec.Struct, frozen=True):
    """A kind of reading: what stores need to keep it, and how a record becomes readings.

    `fields` and `tags` are the schema of the table; every reading of the kind has no others. `example` is a
    record as a device sends it: documentation, and the seed of the contract test.
    """

    name: str
    fields: Mapping[str, Field]
    readings: ReadRecord
    tags: tuple[str, ...] = ()
    example: Record = {}
    read_json: ReadJson | None = None
    """A short way from JSON to readings, where there is one; never to others than the long way finds."""
    short_way: Callable[[InstantRule], ReadJson] | None = None
    """Makes `read_json` for sources whose times are no milliseconds."""
    typed: Typed | None = None
    """A shorter way still, to what a reading can be made of: the one that `read_json` would find."""

    @property
    def timed(self) -> bool:
        """Whether a record says its time as `t`, so that a source can say in which unit."""
        return "t" in self.example

    def __post_init__(self) -> None:
        _check_names(self.name, self.fields, self.tags)


def flat_kind(
    name: str, fields: Mapping[str, Field], tags: tuple[str, ...] = (), example: Record | None = None
) -> Kind:
    """The kind of a device that sends one flat record: `t`, then one value per field, under the field's name.

    The declaration is all there is to write. Names that are not declared are ignored; `tags` are required
    texts of the shape of an id. `example` stands in for one made from the declaration.
    """
    _check_names(name, fields, tags)
    shape = _shape(name, fields, tags)
    decode = msgspec.json.Decoder(_shape(name, fields, tags, timed=True)).decode
    asdict = msgspec.structs.asdict
    optional = tuple(field for field, declared in fields.items() if not declared.required)

    def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
        try:
            found = msgspec.convert(record, shape)
        except msgspec.ValidationError as fault:
            _refuse(record, fields, tags, received_ns)
            raise BadPayload(Reason.WRONG_SHAPE, str(fault)) from fault
        at_ns = instant_ns(record.get("t"), received_ns)
        return reading(asdict(found), site, device, at_ns, received_ns)

    def short_way(instant: InstantRule) -> ReadJson:
        def read_json(payload: bytes, site: str, device: str, received_ns: int) -> list[Reading] | None:
            if len(payload) > SHORT_BYTES:
                return None
            try:
                found = decode(payload)
            except (msgspec.DecodeError, ValueError):
                return None
            values = asdict(found)
            at_ns = instant(values.pop("t"), received_ns, "t")
            return reading(values, site, device, at_ns, received_ns)

        return read_json

    def reading(
        values: dict[str, Value], site: str, device: str, at_ns: int, received_ns: int
    ) -> list[Reading]:
        for field in optional:
            if values[field] is None:
                del values[field]
        tagged = {tag: checked_id(values.pop(tag), tag) for tag in tags} if tags else {}
        if not values:
            raise BadPayload(Reason.EMPTY, f"none of {', '.join(fields)}")
        return [Reading(name, site, device, at_ns, values, tagged, 0, received_ns)]

    short = short_way(instant_ns)
    example = example or _example(fields, tags)
    return Kind(name, dict(fields), readings, tags, example, short, short_way, typed(name, fields, tags))


def _check_names(kind: str, fields: Mapping[str, Field], tags: tuple[str, ...]) -> None:
    """Names that every store can take, each of them once; raises ValueError."""
    for name in (kind, *fields, *tags):
        if not _NAME.fullmatch(name):
            raise ValueError(f"kind {kind}: '{name}' is not a name ([a-z][a-z0-9_]*)")
    taken = (RESERVED & {*fields, *tags}) | (fields.keys() & set(tags))
    if taken:
        raise ValueError(f"kind {kind}: {', '.join(sorted(taken))} is taken")
    if not fields:
        raise ValueError(f"kind {kind} has no fields")


def _shape(
    name: str, fields: Mapping[str, Field], tags: tuple[str, ...], timed: bool = False
) -> type[msgspec.Struct]:
    """A struct that msgspec checks in one go, compiled once; `timed`: with `t`, and closed to other names."""
    required = [(field, declared.annotation) for field, declared in fields.items() if declared.required]
    optional = [
        (field, declared.annotation | None, None)
        for field, declared in fields.items()
        if not declared.required
    ]
    texts = [(tag, str) for tag in tags]
    when: list[Any] = [("t", int | float | str)] if timed else []
    members: list[Any] = [*when, *required, *texts, *optional]
    return msgspec.defstruct(name, members, gc=False, forbid_unknown_fields=timed)


def _refuse(record: Record, fields: Mapping[str, Field], tags: tuple[str, ...], received_ns: int) -> None:
    """Find the first fault in words; off the fast path."""
    instant_ns(record.get("t"), received_ns)
    for field, declared in fields.items():
        declared.check(field, record.get(field))
    for tag in tags:
        checked_id(record.get(tag), tag)


def _example(fields: Mapping[str, Field], tags: tuple[str, ...]) -> Record:
    return {
        "t": EARLIEST_MS,
        **{field: declared.example for field, declared in fields.items()},
        **dict.fromkeys(tags, "x1"),
    }
