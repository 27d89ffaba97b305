"""How do several readings of one device at one instant, in one message, all keep a place of their own?"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from collectors.reading import TIE_LIMIT, Reading


def told_apart(readings: Sequence[Reading]) -> list[Reading]:
    """`readings` of one message, in order, each with a `tie` of its own where others have the same instant.

    They are numbered in the order of the message, so that the same message gives the same ties again. One
    that says the same as another of its instant is the same reading, and will count as a duplicate.
    """
    taken: dict[tuple[str, str, int], Reading] = {}
    return [_placed(reading, taken) for reading in readings]


def _placed(reading: Reading, taken: dict[tuple[str, str, int], Reading]) -> Reading:
    kind, device, at_ns, tie = reading.kind, reading.device, reading.at_ns, reading.tie
    while other := taken.get((kind, device, at_ns + tie)):
        if other.fields == reading.fields and other.tags == reading.tags:
            return other
        tie = (tie + 1) % TIE_LIMIT
    placed = reading if tie == reading.tie else replace(reading, tie=tie)
    taken[kind, device, at_ns + tie] = placed
    return placed
