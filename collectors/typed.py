"""How does the JSON of a plain sensor become a typed record in one step, and a record a reading?

Most messages of a city are of this sort: one flat object, numbers only, the time in milliseconds. They need
no dictionary on their way to disk and store; a reading is made of them where somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec

from collectors.field import Field
from collectors.reading import Reading, Value
from collectors.times import EARLIEST_MS

TIME: Final = "t"
EARLIEST_TYPED_MS: Final = max(EARLIEST_MS, 10**12)
"""From 2001 to 2286 milliseconds have 13 digits; other times go the long way."""
_MARK_BYTES: Final = 12


class Typed(msgspec.Struct, frozen=True, eq=False):
    """The records of one kind: `decode` raises DecodeError or ValueError for what it does not like.

    A record has an attribute for each of `fields`, the first of which is never None, the others where they
    are optional and absent; and then `t`, whole milliseconds since the epoch whose range is not checked.
    """

    kind: str
    fields: tuple[str, ...]
    decode: Callable[[bytes], Any]


@dataclass(slots=True, eq=False)
class Route:
    """Whose records come on a topic. `mark` plus a time in nanoseconds names one reading of all kinds.

    The last three are a notepad for whoever takes the records.
    """

    typed: Typed
    site: str
    device: str
    mark: int
    decode: Callable[[bytes], Any]
    count: int = 0
    """Records that came and are not accounted for yet."""
    last: Any = None
    """The newest of them."""
    last_ns: int = 0
    """When it came."""

    def reading(self, record: Any, received_ns: int, flags: int = 0) -> Reading:
        """The reading that `record` stands for, with these flags."""
        values: dict[str, Value] = {}
        for name in self.typed.fields:
            value = getattr(record, name)
            if value is not None:
                values[name] = value
        return Reading(
            self.typed.kind, self.site, self.device, record.t * 1_000_000, values, {}, 0, received_ns, flags
        )


def typed(kind: str, fields: Mapping[str, Field], tags: tuple[str, ...]) -> Typed | None:
    """The records of a flat kind; None unless all its fields are floats, at least one of them required."""
    plain = all(field.type == "float" for field in fields.values())
    if tags or not plain or not any(field.required for field in fields.values()):
        return None
    needed: list[Any] = [(name, field.annotation) for name, field in fields.items() if field.required]
    others: list[Any] = [
        (name, field.annotation | None, None) for name, field in fields.items() if not field.required
    ]
    members = [*needed, *others, (TIME, int)]
    shape = msgspec.defstruct(kind, members, kw_only=True, gc=False, forbid_unknown_fields=True)
    names = tuple(name for name, *_ in members[:-1])
    return Typed(kind, names, msgspec.json.Decoder(shape).decode)


def route(found: Typed, site: str, device: str) -> Route:
    """The route of one device; the same names make the same mark, different ones another."""
    text = f"{found.kind}\0{site}\0{device}".encode()
    mark = int.from_bytes(blake2b(text, digest_size=_MARK_BYTES).digest(), "big") << 64
    return Route(found, site, device, mark, found.decode)
