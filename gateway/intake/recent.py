"""Which readings came a short while ago?"""

from __future__ import annotations

from typing import Final

REMEMBERED: Final = 65_536
"""Readings remembered at least, to recognise what the broker delivers twice; stores recognise older ones.
MQTT knows no more unacknowledged messages than that."""

Key = tuple[str, int, str, str] | int
"""Device, instant, kind and site of a reading; of one on a route, the route's mark plus the instant."""


class Recent:
    """The last `size` keys and up to as many more, whatever the number of devices; two sets take turns."""

    __slots__ = ("older", "size", "younger")

    def __init__(self, size: int = REMEMBERED) -> None:
        self.size = size
        self.younger: set[Key] = set()
        self.older: set[Key] = set()

    def __len__(self) -> int:
        return len(self.younger) + len(self.older)

    def add(self, key: Key) -> bool:
        """Remember `key`; False when it was there already."""
        if key in self.younger or key in self.older:
            return False
        self.younger.add(key)
        self.turn()
        return True

    def turn(self) -> None:
        """Let the older half go when the younger one is full; whoever adds to `younger` himself calls it."""
        if len(self.younger) >= self.size:
            self.older, self.younger = self.younger, set()
