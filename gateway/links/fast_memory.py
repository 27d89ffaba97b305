"""How is the garbage collector kept from walking over all readings again and again?"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 50_000
"""New containers between two collections; Python's 700 are a few milliseconds of messages."""
OLDER: Final = (20, 20)


@contextmanager
def settled() -> Iterator[None]:
    """Enter once everything is loaded: what exists now is for good, and readings hold no cycles anyway."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
