"""Where in the arrays does what is known of a device lie?

One row for each series (a device, or a lane of it) in every array, all numbers as float64: milliseconds
since the epoch are exact in it, and one type keeps the compiled code simple. 0: nothing is known yet.
"""

from __future__ import annotations

from typing import Final

# Of a series.
AT: Final = 0
"""Device time of its newest reading in order, ms."""
SEEN: Final = 1
"""When that came, ms of arterial's clock."""
FLAGS: Final = 2
"""Its flags."""
USUAL: Final = 3
"""Usual time between two readings, ms: a median that follows."""
LONG: Final = 4
"""The time that one in twenty exceeds, ms."""
SPANS: Final = 5
"""So many of them went into both, counted up to MEASURED_SPANS."""
RULES: Final = 6
"""Which set of rules is its own."""
DECLARED: Final = 7
"""Time between two readings as declared, ms; 0: nobody has."""
RESUMED: Final = 8
"""Whether arterial was away without knowing for how long: what came meanwhile is not missing."""
SERIES_WIDTH: Final = 9

# Of one gauge of a series.
LAST, RUN, SINCE = 0, 1, 2
"""The newest value, how many readings it has stood for, and since when."""
LONGEST, LONGEST_MS, RUNS = 3, 4, 5
"""The longest time it stood while sound, in readings and in ms; how many such runs there were."""
LEVEL, LEVELS = 6, 7
"""The mean of its first LEVEL_OF values, and how many of them there are."""
GOOD, GOOD_AT = 8, 9
"""The newest value that was believed, and when."""
NEW, NEWS = 10, 11
"""A value that was not, and how many have confirmed it."""
BESIDE = 12
"""What the counter that moves with it said then."""
GAUGE_WIDTH: Final = 13

# Of one counter of a series.
BASE, BASE_AT = 0, 1
"""The register as believed, and when."""
FIRST, LATEST, LATEST_AT, COUNT, BEGINS = 2, 3, 4, 5, 6
"""A register that does not follow from it: first and newest value, when, how many, and whether from 0."""
TOTAL = 7
"""What has been used since arterial knows it: never falls."""
PEAK = 8
"""The fastest use so far, per hour."""
MARK, MARK_AT, DOUBT = 9, 10, 11
"""TOTAL at the last boundary that was told, that boundary, and whether anything happened since."""
MOVED, STOOD_MS = 12, 13
"""When it last moved, and the longest it ever stood before it did."""
MISSED = 14
"""Whether readings were missing since the last boundary that was told."""
STEPS, FIRST_AT = 15, 16
"""So many steps went into PEAK, counted up to MEASURED_STEPS; and when FIRST came."""
COUNTER_WIDTH: Final = 17

# The rules of one gauge (collectors.plausible.Plausible) and of one counter.
LOW, HIGH, BAND, RISE, FALL, PER_MS, STILL, STILL_MS, ZERO_RESTS, MOVES = range(10)
GAUGE_RULES: Final = 10
FASTEST, USUALLY, SLACK, DIP, TURNS_AT, IDLE_MS = range(6)
COUNTER_RULES: Final = 6

# What becomes of a row.
OLD: Final = 0
"""It is judged by itself: older than what is known, or of a time that means nothing."""
NEXT: Final = 1
"""It is the newest of its series."""
AGAIN: Final = 2
"""It is the newest of its series once more."""

# What a crossing of a boundary tells of a counter.
FROM, TO, USED, DOUBTFUL, GAPPED = range(5)
TOLD_WIDTH: Final = 5

MEASURED_SPANS: Final = 16.0
MEASURED_STEPS: Final = 32.0
LEVEL_OF: Final = 32.0
MEASURED_RUNS: Final = 8.0
UNMEASURED: Final = 4.0
"""A value that has never been seen to move must stand so many times longer, and at least a day."""
LESSON: Final = 3.0
"""A run that was flagged and ended within so many times the bound was sound after all."""
CONFIRM: Final = 3.0
"""So many readings in a row that fit each other are believed, even where they do not fit what was before."""
LEAST_GAP_MS: Final = 5_000.0
DAY_MS: Final = 86_400_000.0
HOUR_MS: Final = 3_600_000.0
