"""How is a number rounded to tenths or hundredths, exactly as Python's `round` does? Compiled.

`round` rounds the exact value of a float, halves to even digits. x times 10 or 100 is seldom a float, so what
the product loses is computed beside it (Dekker 1971) and decides where it lies next to a half.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled

SPLIT: Final = 134217729.0
"""2^27 + 1: splits a float into two halves of its digits."""


@compiled
def rounded(x: float, scale: float) -> float:
    """`x`, between -1e12 and 1e12, to the next multiple of 1 / scale; `scale` is 10 or 100."""
    product = abs(x) * scale
    whole = float(math.floor(product))
    beyond_half = (product - whole) - 0.5
    if beyond_half == 0.0:
        beyond_half = _lost(abs(x), scale, product)
    if beyond_half > 0.0 or (beyond_half == 0.0 and whole % 2.0 == 1.0):
        whole += 1.0
    return math.copysign(whole / scale, x)


@compiled
def _lost(x: float, y: float, product: float) -> float:
    """What x times y is more than its product as a float."""
    high = x * SPLIT - (x * SPLIT - x)
    low = x - high
    return low * y - (product - high * y)
