"""A store fails again and again at the same readings: is it the store, or one of them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from collectors.reading import Reading

PATIENCE: Final = 3
"""A failure is repeated so often before a reading is suspected, and before a single one is found guilty."""
DIVISIONS: Final = 20
"""After so many failures with no success in between it is the store, and nothing is divided further."""


class Doubt:
    """Narrows a failure down."""

    def __init__(self) -> None:
        self.patience = PATIENCE
        """How often to try the next piece before asking here."""
        self._failed = 0
        self._blamed: Counter[int] = Counter()

    @property
    def hopeless(self) -> bool:
        """Whether nothing has succeeded for so long that dividing further tells nothing."""
        return self._failed > DIVISIONS

    def works(self) -> None:
        """The store has taken something, or refused it in so many words."""
        self._failed = 0

    def suspect(self, piece: Sequence[Reading]) -> bool:
        """Whether `piece`, which has failed once more, is one reading that has done so PATIENCE times."""
        if len(piece) != 1:
            return False
        self._blamed[id(piece[0])] += 1
        return self._blamed[id(piece[0])] >= PATIENCE

    def divided(self, piece: Sequence[Reading]) -> list[Sequence[Reading]]:
        """What to try instead of `piece`: the first after everything else, a second one at once."""
        self.patience = 1
        self._failed += 1
        return halves(piece) if len(piece) > 1 and not self.hopeless else [piece]


def halves(piece: Sequence[Reading]) -> list[Sequence[Reading]]:
    """Divided by kind where there are several, for a fault is mostly one of a kind; else in the middle."""
    kinds: dict[str, list[Reading]] = {}
    for reading in piece:
        kinds.setdefault(reading.kind, []).append(reading)
    middle = len(piece) // 2
    return list(reversed(kinds.values())) if len(kinds) > 1 else [piece[middle:], piece[:middle]]
