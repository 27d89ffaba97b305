"""How do plain numbers become an array for compiled code, quickly?"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray


def floats(numbers: list[float]) -> NDArray[np.float64]:
    """An array of these numbers; faster than `np.array`."""
    return np.frombuffer(array("d", numbers)) if numbers else np.zeros(0)
