"""How fast does a queue on this lane discharge, learned from whom the stop line saw leave? Compiled.

Saturation headways by HCM's rule: from the fifth vehicle of a queue on, as long as vehicles follow closely.
The mean headway starts from the configured rate and forgets slowly.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.book import (
    CONFIGURED_HEADWAY_S,
    SAT_LAST_S,
    SAT_PLACE,
    SAT_SECONDS,
    SAT_SEEN,
    SAT_VEHICLES,
    Floats,
)

FIRST: Final = 4
"""Vehicles of a queue that still start up (HCM 2016, chapter 31)."""
LONGEST_S: Final = 4.5
"""A longer headway has a gap in it and is no saturation flow."""
SLOWEST: Final = 0.5
FASTEST: Final = 1.25
"""No lane discharges slower or faster than this times what it was declared to."""
FORGET: Final = 0.99
LEARNED_VEH: Final = 20.0


@compiled
def turned_green(line: Floats, at_s: float) -> None:
    """A queue begins to discharge."""
    line[SAT_PLACE], line[SAT_LAST_S] = 0.0, at_s


@compiled
def discharged(line: Floats, at_s: float, queued: float) -> None:
    """Somebody left in green; `queued` vehicles were believed to stand here when it became green."""
    between_s, line[SAT_LAST_S] = at_s - line[SAT_LAST_S], at_s
    line[SAT_PLACE] += 1.0
    if FIRST < line[SAT_PLACE] <= queued and between_s <= LONGEST_S:
        line[SAT_VEHICLES] = line[SAT_VEHICLES] * FORGET + 1.0
        line[SAT_SECONDS] = line[SAT_SECONDS] * FORGET + between_s
        line[SAT_SEEN] += 1.0


@compiled
def headway_s(line: Floats) -> float:
    """Seconds between vehicles of a discharging queue."""
    learned_s, configured_s = line[SAT_SECONDS] / line[SAT_VEHICLES], line[CONFIGURED_HEADWAY_S]
    return min(configured_s / SLOWEST, max(configured_s / FASTEST, learned_s))


@compiled
def learned_veh_h(line: Floats) -> float:
    """The learned rate; 0 until LEARNED_VEH headways were seen."""
    return 3600.0 / headway_s(line) if line[SAT_SEEN] >= LEARNED_VEH else 0.0
