"""What can be wrong with a device that reports? A function for each fault: sound reports in, faulty ones out.

`after` is how many reports are sound. Nothing here is random: the same reports make the same faulty ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast

from simulators.fleet import Report

Fault = Callable[[Sequence[Report], int], list[Report]]

COUNTERS: Final = ("volume_m3", "energy_kwh")
GAUGES: Final = ("voltage_v", "temperature_c")
SILENT: Final = 20
"""So many reports are missing in a gap."""
OTHER_METER: Final = 40_000.0
"""What the meter that takes the place of another has counted before."""
LAST_DIGIT: Final = 100_000.0
"""Where a counter of five digits begins anew."""


def stuck(reports: Sequence[Report], after: int) -> list[Report]:
    """Everything stands, but the time."""
    return [*reports[:after], *({**reports[after - 1], "t": report["t"]} for report in reports[after:])]


def drift(reports: Sequence[Report], after: int) -> list[Report]:
    """Its first gauge wanders off: two hundredths of what it was with every report."""
    name = _first(reports, GAUGES)
    return _changed(reports, after, name, lambda value, n: value + 0.02 * n * _of(reports[after - 1], name))


def spike(reports: Sequence[Report], after: int) -> list[Report]:
    """One value is far too high, the next is right again."""
    name = _first(reports, (*COUNTERS, *GAUGES))
    return _changed(reports, after, name, lambda value, n: value + 1_000.0 if n == 0 else value)


def dip(reports: Sequence[Report], after: int) -> list[Report]:
    """A counter falls by a hundredth, as rounding does, and goes on."""
    name = _first(reports, COUNTERS)
    return _changed(reports, after, name, lambda value, n: value - 0.01 if n == 0 else value)


def reset(reports: Sequence[Report], after: int) -> list[Report]:
    """A counter is set back to 0."""
    name = _first(reports, COUNTERS)
    return _changed(reports, after, name, lambda value, n: value - _of(reports[after - 1], name))


def swap(reports: Sequence[Report], after: int) -> list[Report]:
    """Another meter takes its place, one that has counted before."""
    name = _first(reports, COUNTERS)
    return _changed(reports, after, name, lambda value, n: value + OTHER_METER)


def rollover(reports: Sequence[Report], after: int) -> list[Report]:
    """A counter of five digits passes its last one; it stood near there all the time."""
    name = _first(reports, COUNTERS)
    short = LAST_DIGIT - 0.001 - _of(reports[after - 1], name)
    return _changed(reports, 0, name, lambda value, n: (value + short) % LAST_DIGIT)


def silence(reports: Sequence[Report], after: int) -> list[Report]:
    """Nothing more is said."""
    return list(reports[:after])


def gap(reports: Sequence[Report], after: int) -> list[Report]:
    """Nothing is said for a while."""
    return [*reports[:after], *reports[after + SILENT :]]


def skew(reports: Sequence[Report], after: int) -> list[Report]:
    """Its clock runs two minutes ahead."""
    late = [{**report, "t": cast(int, report["t"]) + 120_000} for report in reports[after:]]
    return [*reports[:after], *late]


def duplicates(reports: Sequence[Report], after: int) -> list[Report]:
    """Everything is said twice."""
    return [*reports[:after], *(report for report in reports[after:] for _ in range(2))]


FAULTS: Final[dict[str, Fault]] = {
    fault.__name__: fault
    for fault in (stuck, drift, spike, dip, reset, swap, rollover, silence, gap, skew, duplicates)
}


def _changed(
    reports: Sequence[Report], after: int, name: str, change: Callable[[float, int], float]
) -> list[Report]:
    """One value of each report after the first ones, changed by what it is and how many came before it."""
    found = list(reports[:after])
    for n, report in enumerate(reports[after:]):
        found.append({**report, name: round(change(_of(report, name), n), 3)})
    return found


def _first(reports: Sequence[Report], names: Sequence[str]) -> str:
    """The first of `names` that the device reports; raises ValueError where it reports none."""
    for name in names:
        if name in reports[0]:
            return name
    raise ValueError(f"it reports none of {', '.join(names)}, but {', '.join(reports[0])}")


def _of(report: Report, name: str) -> float:
    return float(cast(float, report[name]))
