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
    crowds: dict[tuple[str, str, int], _Crowd] = {}
    return [_placed(reading, taken, crowds) for reading in readings]


class _Crowd:
    """Readings that wanted one place: the next tie to try, and what each of them says."""

    __slots__ = ("said", "tie")

    def __init__(self, first: Reading) -> None:
        self.tie = first.tie
        self.said: dict[tuple[object, ...], Reading] = {_said(first): first}


def _placed(
    reading: Reading,
    taken: dict[tuple[str, str, int], Reading],
    crowds: dict[tuple[str, str, int], _Crowd],
) -> Reading:
    kind, device, at_ns = reading.kind, reading.device, reading.at_ns
    place = (kind, device, at_ns + reading.tie)
    other = taken.setdefault(place, reading)
    if other is reading:
        return reading
    crowd = crowds.get(place) or crowds.setdefault(place, _Crowd(other))
    same = crowd.said.setdefault(_said(reading), reading)
    if same is not reading:
        return same
    while (kind, device, at_ns + crowd.tie) in taken:
        crowd.tie = (crowd.tie + 1) % TIE_LIMIT
    placed = taken[kind, device, at_ns + crowd.tie] = replace(reading, tie=crowd.tie)
    crowd.said[_said(reading)] = placed
    return placed


def _said(reading: Reading) -> tuple[object, ...]:
    return (*reading.fields.items(), *reading.tags.items())
