"""Which water meters speak formats of their own? None unless asked for; `--foreign 30`: a few of each."""

from __future__ import annotations

import random

from simulators.devices.meters import UTILITIES, Meter
from simulators.foreign import ForeignMeter, tongues_by_name

COUNT = 0
EVERY_MS = 60_000


def create(count: int, seed: int) -> list[ForeignMeter]:
    """`count` meters, each format in turn."""
    tongues = list(tongues_by_name().values())
    return [
        ForeignMeter(
            Meter(UTILITIES[0], f"foreign-{i}", seed),
            tongues[i % len(tongues)].speaker(i // len(tongues) + 1, random.Random(f"{seed}/{i}")),
        )
        for i in range(count)
    ]
