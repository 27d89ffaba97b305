"""Which flags do the gauges of readings earn, one reading after the other?

Plain arrays in and out, so that the same function runs compiled or not, and a batch means the same as its
readings one by one. A reading that is older than what is known of its series is judged by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collectors.judge.layout import (
    AGAIN,
    AT,
    BAND,
    BESIDE,
    CONFIRM,
    DAY_MS,
    DECLARED,
    FALL,
    GOOD,
    GOOD_AT,
    HIGH,
    HOUR_MS,
    LAST,
    LEAST_GAP_MS,
    LESSON,
    LEVEL,
    LEVEL_OF,
    LEVELS,
    LONG,
    LONGEST,
    LONGEST_MS,
    LOW,
    MEASURED_RUNS,
    MEASURED_SPANS,
    MOVES,
    NEW,
    NEWS,
    NEXT,
    OLD,
    PER_MS,
    RESUMED,
    RISE,
    RULES,
    RUN,
    RUNS,
    SEEN,
    SINCE,
    SPANS,
    STILL,
    STILL_MS,
    UNMEASURED,
    USUAL,
    ZERO_RESTS,
)
from collectors.quality import Flag

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_RANGE, _STUCK, _RATE, _GAP = int(Flag.RANGE), int(Flag.STUCK), int(Flag.RATE), int(Flag.GAP)


def judge_gauges(
    rules: Floats,
    series: Floats,
    gauges: Floats,
    slots: Whole,
    at_ms: Floats,
    seen_ms: Floats,
    doubtful: NDArray[np.bool_],
    values: Floats,
    counts: Floats,
    gaps: bool,
    period_ms: float,
    flags: Whole,
    order: Whole,
    crossed: NDArray[np.bool_],
) -> None:
    """Add to `flags`, set `order` and `crossed`, and remember (long: compiled code pays for every call).

    `values` and `counts` are those of the gauges and counters, NaN where absent, a row for each of `slots`.
    `doubtful` rows, whose time says little, are judged by themselves. `crossed` are the first of their series
    beyond a multiple of `period_ms`.
    """
    width = values.shape[1]
    for i in range(len(slots)):
        s, at = slots[i], at_ms[i]
        kind, found = int(series[s, RULES]), 0
        for f in range(width):
            value = values[i, f]
            if value < rules[kind, f, LOW] or value > rules[kind, f, HIGH]:
                found |= _RANGE
        last = series[s, AT]
        back = seen_ms[i] < series[s, SEEN] - HOUR_MS  # our own clock: what is known has another time
        if doubtful[i] or (at <= last and not back):
            order[i] = AGAIN if at == last and not doubtful[i] else OLD
            flags[i] |= found
            continue
        order[i] = NEXT
        crossed[i] = at // period_ms > last // period_ms
        if last > 0.0 and not back and series[s, RESUMED] == 0.0:
            span, declared = at - last, series[s, DECLARED]
            usual, long = series[s, USUAL], series[s, LONG]
            if declared > 0.0:
                bound = max(2.5 * declared, LEAST_GAP_MS)
            else:
                bound = max(2.5 * usual, 2.0 * long, LEAST_GAP_MS)
            if gaps and span > bound and (declared > 0.0 or series[s, SPANS] >= MEASURED_SPANS):
                found |= _GAP
            if series[s, SPANS] == 0.0:
                series[s, USUAL] = series[s, LONG] = span
            else:
                step = span - usual
                series[s, USUAL] = usual + min(max(step, -usual / 1.1 * 0.1), usual * 0.1)
                series[s, LONG] = long * (1.25 if span > long else 0.98832)
            series[s, SPANS] = min(series[s, SPANS] + 1.0, MEASURED_SPANS)
        series[s, AT], series[s, SEEN], series[s, RESUMED] = at, seen_ms[i], 0.0
        for f in range(width):
            value = values[i, f]
            if value != value:  # absent
                continue
            gauge, rule = gauges[s, f], rules[kind, f]
            # Its own level.
            if rule[BAND] < np.inf:
                if gauge[LEVELS] < LEVEL_OF:
                    gauge[LEVELS] += 1.0
                    gauge[LEVEL] += (value - gauge[LEVEL]) / gauge[LEVELS]
                elif abs(value - gauge[LEVEL]) > rule[BAND] * abs(gauge[LEVEL]):
                    found |= _RANGE
            # How fast.
            if rule[RISE] < np.inf or rule[FALL] < np.inf:
                step = value - gauge[GOOD]
                more = rule[PER_MS] * max(0.0, at - gauge[GOOD_AT])
                if gauge[GOOD_AT] == 0.0 or -(rule[FALL] + more) <= step <= rule[RISE] + more:
                    gauge[GOOD], gauge[GOOD_AT], gauge[NEWS] = value, at, 0.0
                else:
                    close = min(rule[RISE], rule[FALL])
                    known = gauge[NEWS] > 0.0 and abs(value - gauge[NEW]) <= close
                    gauge[NEW], gauge[NEWS] = value, gauge[NEWS] + 1.0 if known else 1.0
                    if gauge[NEWS] >= CONFIRM:
                        gauge[GOOD], gauge[GOOD_AT], gauge[NEWS] = value, at, 0.0
                    else:
                        found |= _RATE
            # How long it has stood.
            if rule[STILL] > 0.0:
                same, c = value == gauge[LAST], int(rule[MOVES])
                if c >= 0:
                    same = same and not (value != 0.0 and counts[i, c] > gauge[BESIDE])
                    gauge[BESIDE] = counts[i, c]
                measured = gauge[RUNS] >= MEASURED_RUNS
                bound = max(rule[STILL], 2.0 * gauge[LONGEST])
                bound_ms = max(rule[STILL_MS], 2.0 * gauge[LONGEST_MS])
                if not measured:
                    bound, bound_ms = UNMEASURED * rule[STILL], max(rule[STILL_MS], DAY_MS)
                if same:
                    gauge[RUN] += 1.0
                    rests = value == 0.0 and rule[ZERO_RESTS] > 0.0
                    if gauge[RUN] > bound and at - gauge[SINCE] >= bound_ms and not rests:
                        found |= _STUCK
                else:
                    stood_ms, rested = at - gauge[SINCE], gauge[LAST] == 0.0 and rule[ZERO_RESTS] > 0.0
                    sound = gauge[RUN] <= LESSON * bound and stood_ms <= LESSON * max(bound_ms, HOUR_MS)
                    if gauge[RUN] > 0.0 and not rested and sound:
                        gauge[LONGEST] = max(gauge[LONGEST], gauge[RUN])
                        gauge[LONGEST_MS] = max(gauge[LONGEST_MS], stood_ms)
                        gauge[RUNS] += 1.0
                    gauge[LAST], gauge[RUN], gauge[SINCE] = value, 1.0, at
        flags[i] |= found
