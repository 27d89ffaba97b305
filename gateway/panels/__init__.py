"""The board's last values, one file a panel: readings in, plain JSON-ready dicts out."""

from __future__ import annotations

EYE_S = 3.0
"""Wall seconds in which nothing counts as missing, however fast the street runs."""


def allowed_ns(street_s: float, speed: float) -> int:
    """How old a value may be before it counts as missing, nanoseconds of street time."""
    return int(max(street_s, EYE_S * speed) * 1e9)
