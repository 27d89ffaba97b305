"""What are the labels of a SenML pack in CBOR? Numbers (RFC 8428, table 4) instead of the names of JSON."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any, Final

from collectors.cbor_items import decoded
from collectors.observation import wrong
from collectors.reading import shown

LABELS: Final = dict(
    zip(
        range(-6, 9),
        ("bs", "bv", "bu", "bt", "bn", "bver", "n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"),
        strict=True,
    )
)
_PACK_DEPTH = 2
"""An array of maps of plain values: no map key can be a container."""


def pack_of_cbor(payload: bytes) -> list[dict[str, Any]]:
    """The records of a pack under their JSON labels; unknown labels keep their numbers. Raises BadPayload."""
    return [_record(item) for item in decoded(payload, _PACK_DEPTH, text_keys=False)]


def _record(item: object) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise wrong(f"{shown(item)}; allowed: an array of maps")
    try:
        record = {LABELS[label]: value for label, value in item.items()}
    except KeyError:
        record = {
            str(LABELS.get(label, label) if type(label) is int else label): value
            for label, value in item.items()
        }
    data = record.get("vd")
    if isinstance(data, bytes):
        record["vd"] = urlsafe_b64encode(data).rstrip(b"=").decode()
    return record
