"""Which crossroads do the simulators' tests run?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection

START_MS = 1_760_000_000_000

_PHASES = {
    # number: (ring, barrier, min green, max green, walk, pedestrian clearance)
    1: (1, 1, 5, 20, 0, 0),
    2: (1, 1, 8, 50, 7, 12),
    3: (1, 2, 5, 20, 0, 0),
    4: (1, 2, 7, 40, 7, 14),
    5: (2, 1, 5, 20, 0, 0),
    6: (2, 1, 8, 50, 7, 12),
    7: (2, 2, 5, 20, 0, 0),
    8: (2, 2, 7, 40, 7, 14),
}
_SPLITS = {1: 13.0, 2: 35.0, 3: 14.0, 4: 28.0, 5: 15.0, 6: 33.0, 7: 12.0, 8: 30.0}


def build_crossroads(
    *,
    splits: dict[int, float] | None = None,
    cycle_s: float = 90.0,
    offset_s: float = 20.0,
    changes: dict[int, dict[str, Any]] | None = None,
    sequence: tuple[tuple[int, ...], ...] = ((1, 2, 3, 4), (5, 6, 7, 8)),
    name: str = "x1",
) -> Intersection:
    """Eight phases, pedestrians beside the through phases; lane and stop detector N belong to phase N.

    `changes` replaces keys of single phases. Phases that `sequence` leaves out do not exist.
    """
    numbers = sorted(n for ring in sequence for n in ring)
    phases = []
    for n in numbers:
        ring, barrier, least, most, walk, clear = _PHASES[n]
        phase = {"number": n, "label": f"phase {n}", "ring": ring, "barrier": barrier, "passage_s": 2.0}
        phase |= {"min_green_s": least, "max_green_s": most, "walk_s": walk, "ped_clear_s": clear}
        phases.append(phase | {"yellow_s": 3.5, "red_clear_s": 1.5} | (changes or {}).get(n, {}))
    share = splits or _SPLITS
    lane = {"link": f"{name}_eb", "turns": ["through"], "length_m": 150}
    return Intersection.model_validate(
        {
            "id": name,
            "name": "Harbour St",
            "phases": phases,
            "lanes": [lane | {"id": f"{name}_eb_{n}", "phases": [n]} for n in numbers],
            "detectors": [
                {"channel": n, "lane": f"{name}_eb_{n}", "role": "stop", "distance_m": 0} for n in numbers
            ],
            "plan": {
                "number": 3,
                "cycle_s": cycle_s,
                "offset_s": offset_s,
                "sequence": sequence,
                "splits": [{"phase": n, "split_s": share[n]} for n in numbers],
            },
        }
    )


@pytest.fixture(scope="session")
def crossroads() -> Callable[..., Intersection]:
    """Builds an intersection of eight phases; see build_crossroads."""
    return build_crossroads


@pytest.fixture(scope="session")
def start_ms() -> int:
    """When simulated time starts in these tests."""
    return START_MS
