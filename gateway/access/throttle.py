"""How often may somebody try, and how long must he wait after he was wrong?

Pure: time is an argument, in seconds of any clock that does not go back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_KEYS: Final = 20_000
FREE_TRIES: Final = 4
FIRST_S: Final = 4.0
FORGET_S: Final = 3600.0


class Tries:
    """Wrong tries by key: some are free, then the wait doubles from four seconds up to `longest_s`."""

    def __init__(self, longest_s: float, free: int = FREE_TRIES) -> None:
        self._longest_s, self._free = longest_s, free
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """How long nobody may try under `key`; 0: now."""
        wrong, last_s = self._wrong.get(key, (0, 0.0))
        if wrong < self._free:
            return 0.0
        length_s = min(self._longest_s, FIRST_S * 2.0 ** min(wrong - self._free, 30))
        return max(0.0, last_s + length_s - now_s)

    def failed(self, key: str, now_s: float) -> int:
        """Note a wrong try; returns how many there were since the last right one or an hour of peace."""
        wrong, last_s = self._wrong.pop(key, (0, now_s))
        wrong = 1 if now_s - last_s > FORGET_S else wrong + 1
        self._wrong[key] = (wrong, now_s)
        while len(self._wrong) > MOST_KEYS:
            self._wrong.popitem(last=False)
        return wrong

    def succeeded(self, key: str) -> None:
        """Forget the wrong tries under `key`."""
        self._wrong.pop(key, None)


class Rate:
    """Requests by key: `per_s` on average, `burst` at once."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s, self._burst = per_s, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Take one; how long to wait when there is none left, 0 otherwise."""
        left, last_s = self._left.pop(key, (self._burst, now_s))
        left = min(self._burst, left + (now_s - last_s) * self._per_s)
        taken = left >= 1.0
        self._left[key] = (left - 1.0 if taken else left, now_s)
        while len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return 0.0 if taken else (1.0 - left) / self._per_s
