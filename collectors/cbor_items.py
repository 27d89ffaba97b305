"""Which CBOR (RFC 8949) is safe to decode? Plain items: no dates, patterns, references or big numbers."""

from __future__ import annotations

from typing import Any, Final, NoReturn

import cbor2

from collectors.reading import BadPayload, Reason

EXPONENT: Final = 400
"""Powers of ten of a decimal fraction (tag 4); beyond it there is no double anyway."""
READ_BYTES: Final = 64 * 1024
"""What is read at once; longer payloads are for no format."""

_DECIMAL: Final = 4
_REFUSED: Final = (
    *(0, 1, 2, 3, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004),
    *(43_000, 55_799, 55_800),
)
"""Tags that cbor2 would make objects of."""


class _Bytes:
    """As much of a file as cbor2 asks for: it reads all at once and then seeks back to where it stopped."""

    __slots__ = ("_payload", "at")

    def __init__(self, payload: bytes) -> None:
        self._payload, self.at = payload, 0

    def read(self, size: int = -1) -> bytes:
        found = self._payload[self.at : self.at + size] if size >= 0 else self._payload[self.at :]
        self.at += len(found)
        return found

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, len(self._payload))[whence]
        return self.at


def decoded(payload: bytes, depth: int, text_keys: bool) -> Any:
    """The one item that `payload` is; decimal fractions become doubles.

    Lists and maps at most `depth` deep. With `text_keys` a map has no keys but texts and byte strings, which
    nobody can choose to collide; without it `depth` must leave no room for keys that are containers. Raises
    BadPayload(MALFORMED) for what is no CBOR, goes on after its end, or carries any other tag.
    """
    stream = _Bytes(payload)
    try:
        found = cbor2.CBORDecoder(
            stream,  # type: ignore[arg-type]
            tag_hook=_refuse,
            semantic_decoders=_TAGS,
            max_depth=depth,
            read_size=READ_BYTES,
            strict_hashable_types=text_keys,
        ).decode()
    except (cbor2.CBORDecodeError, ValueError, OverflowError, RecursionError, MemoryError) as fault:
        why = fault.__cause__ if isinstance(fault.__cause__, ValueError) else fault
        raise BadPayload(Reason.MALFORMED, str(why)[:200]) from fault
    if stream.at != len(payload):
        raise BadPayload(Reason.MALFORMED, f"{len(payload) - stream.at} bytes after the end of the item")
    return found


def _decimal(item: Any, _: bool) -> float:
    """RFC 8949 section 3.4.4: [exponent of ten, mantissa]."""
    if isinstance(item, list | tuple) and len(item) == 2 and all(type(part) is int for part in item):
        exponent, mantissa = item
        if -EXPONENT <= exponent <= EXPONENT:
            return float(f"{mantissa}e{exponent}")
    raise ValueError("a decimal fraction is [exponent within +-400, whole mantissa]")


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("tags are not taken, except for decimal fractions (4)")


_TAGS: Final[dict[int, Any]] = {**dict.fromkeys(_REFUSED, _refuse), _DECIMAL: _decimal}
