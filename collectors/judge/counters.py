"""What has been used according to the counters of readings, and what happened to the counters?

A register is believed as long as it goes on from what it was. What does not follow from it waits until the
next readings either return to the old line (it was a spike, or a zero at a restart of the device) or confirm
the new one (the counter was set back, or exchanged). What has been used is kept as a total that never falls.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collectors.judge.layout import (
    AGAIN,
    BASE,
    BASE_AT,
    BEGINS,
    CONFIRM,
    COUNT,
    DIP,
    DOUBT,
    DOUBTFUL,
    FASTEST,
    FIRST,
    FIRST_AT,
    FLAGS,
    FROM,
    GAPPED,
    HOUR_MS,
    IDLE_MS,
    LATEST,
    LATEST_AT,
    MARK,
    MARK_AT,
    MEASURED_STEPS,
    MISSED,
    MOVED,
    NEXT,
    PEAK,
    RULES,
    SLACK,
    STEPS,
    STOOD_MS,
    TO,
    TOTAL,
    TURNS_AT,
    USED,
    USUALLY,
)
from collectors.quality import Flag

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_STUCK, _RATE, _GAP = int(Flag.STUCK), int(Flag.RATE), int(Flag.GAP)
_RESET, _ROLLOVER = int(Flag.RESET), int(Flag.ROLLOVER)
_ACCEPTED, _WAITS = 1, 0
_BURST = 10.0
_PEAK_H = 1 / 60


def judge_counters(
    rules: Floats,
    series: Floats,
    counters: Floats,
    slots: Whole,
    at_ms: Floats,
    counts: Floats,
    period_ms: float,
    flags: Whole,
    order: Whole,
    told: Floats,
) -> None:
    """Add to `flags`, remember, and fill `told` (long: compiled code pays for every call).

    After `judge_gauges`, with the same rows. `told[i, c]` is what was used between two boundaries, multiples
    of `period_ms` since the epoch, where row `i` is the first beyond the later one; elsewhere TO is 0. What
    was used up to a boundary lies on the straight line between the readings around it.
    """
    for i in range(len(slots)):
        s, at = slots[i], at_ms[i]
        if order[i] == AGAIN:
            flags[i] |= int(series[s, FLAGS])
        if order[i] != NEXT:
            continue
        for c in range(counts.shape[1]):
            value = counts[i, c]
            if value != value:  # absent
                continue
            counter, rule = counters[s, c], rules[int(series[s, RULES]), c]
            if counter[BASE_AT] == 0.0:
                counter[BASE], counter[BASE_AT], counter[MOVED] = value, at, at
                continue
            if at <= counter[BASE_AT]:  # our own clock was set back
                counter[BASE_AT] = counter[MOVED] = at
                counter[MARK_AT] = 0.0
            if flags[i] & _GAP:
                counter[MISSED] = 1.0
            base, since, total = counter[BASE], counter[BASE_AT], counter[TOTAL]
            fastest = rule[FASTEST]
            if counter[STEPS] >= MEASURED_STEPS:
                fastest = min(fastest, max(rule[USUALLY], _BURST * counter[PEAK]))
            room = rule[SLACK] + fastest * (at - since) / HOUR_MS
            step = value - base
            state, used = _WAITS, 0.0
            if -rule[DIP] <= step <= room:
                state = _ACCEPTED
                used = max(step, 0.0)
                counter[BASE] = max(value, base)
                hours = max((at - since) / HOUR_MS, _PEAK_H)
                counter[PEAK] = max(counter[PEAK], used / hours)
                counter[STEPS] = min(counter[STEPS] + 1.0, MEASURED_STEPS)
            elif counter[COUNT] > 0.0 and (
                -rule[DIP]
                <= value - counter[LATEST]
                <= rule[SLACK] + rule[FASTEST] * (at - counter[LATEST_AT]) / HOUR_MS
            ):
                counter[COUNT] += 1.0
                counter[LATEST], counter[LATEST_AT] = max(value, counter[LATEST]), at
                if counter[COUNT] >= CONFIRM:
                    state = _ACCEPTED
                    gained = max(value - counter[FIRST], 0.0)
                    hours = max((at - counter[FIRST_AT]) / HOUR_MS, 1e-9)
                    if counter[BEGINS] > 0.0:
                        used = max(value, 0.0)
                    elif step > 0.0 and gained - rule[SLACK] > fastest * hours:
                        used = step  # it goes on as fast: that much is used, and it is no other counter
                        counter[PEAK] = max(counter[PEAK], gained / hours)
                    else:
                        used = gained
                        flags[i] |= _RESET
                    counter[BASE], counter[DOUBT] = counter[LATEST], 1.0
                elif counter[BEGINS] == 0.0:
                    flags[i] |= _RATE
            else:
                full = rule[TURNS_AT]
                if full <= 0.0:
                    full = 10_000.0
                    while full <= base:
                        full *= 10.0
                if step < 0.0 and base <= full and full - base + value <= room:
                    state = _ACCEPTED
                    used = full - base + value
                    counter[BASE], counter[DOUBT] = value, 1.0
                    flags[i] |= _ROLLOVER
                else:
                    begins = step < 0.0 and value <= room
                    counter[FIRST] = counter[LATEST] = value
                    counter[LATEST_AT] = counter[FIRST_AT] = at
                    counter[COUNT] = 1.0
                    counter[BEGINS] = 1.0 if begins else 0.0
                    flags[i] |= _RESET if begins else _RATE
            if state == _WAITS:
                continue
            counter[COUNT], counter[BASE_AT] = 0.0, at
            counter[TOTAL] = total + used
            if used > 0.0:
                counter[STOOD_MS] = max(counter[STOOD_MS], at - counter[MOVED])
                counter[MOVED] = at
            elif rule[IDLE_MS] > 0.0 and at - counter[MOVED] > max(rule[IDLE_MS], 2.0 * counter[STOOD_MS]):
                flags[i] |= _STUCK
            boundary = at - at % period_ms
            if boundary > since or (boundary == since and counter[MARK_AT] == 0.0):
                share = (boundary - since) / (at - since) if at > since else 0.0
                there = total + used * share
                if counter[MARK_AT] > 0.0 and boundary > counter[MARK_AT]:
                    told[i, c, FROM], told[i, c, TO] = counter[MARK_AT], boundary
                    told[i, c, USED] = max(0.0, there - counter[MARK])
                    told[i, c, DOUBTFUL] = counter[DOUBT]
                    told[i, c, GAPPED] = counter[MISSED]
                    counter[DOUBT] = counter[MISSED] = 0.0
                counter[MARK], counter[MARK_AT] = there, boundary
        series[s, FLAGS] = flags[i]
