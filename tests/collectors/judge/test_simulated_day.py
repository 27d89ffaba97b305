"""Does a day of sound devices earn next to no flag, and each fault its own and no other?"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest

from collectors.batch import Batch
from collectors.judge.judge import Judged
from collectors.quality import words
from collectors.reading import Reading
from simulators.device_faults import FAULTS
from simulators.fleet import Report, device_files
from tests.collectors.judge.judged import T_MS, quick

METERS, BINS = 30, 12
DAYS = 2


@cache
def days(name: str, count: int) -> tuple[tuple[str, str, tuple[Report, ...]], ...]:
    """Two days of devices: kind, name and reports of each."""
    file = device_files()[name]
    return tuple(
        (
            device.kind,
            device.id,
            tuple(
                device.report(t, file.EVERY_MS / 1000, t / 1000 % 86_400)
                for t in range(T_MS, T_MS + DAYS * 86_400_000, file.EVERY_MS)
            ),
        )
        for device in file.create(count, 5)
    )


def readings(kind: str, device: str, reports: list[Report] | tuple[Report, ...]) -> list[Reading]:
    found = []
    for n, report in enumerate(reports):
        values = {name: value for name, value in report.items() if name != "t"}
        at_ns = int(report["t"]) * 10**6  # type: ignore[call-overload]
        received_ns = int(reports[n]["t"]) * 10**6 + 10**9  # type: ignore[call-overload]
        found.append(Reading(kind, "demo", device, at_ns, values, {}, 0, received_ns))  # type: ignore[arg-type]
    return found


def judged(kind: str, device: str, reports: list[Report]) -> Judged:
    return quick().judge(Batch(readings(kind, device, reports)))


def flags(found: Judged) -> Counter[str]:
    return Counter([word for (quality, _), n in found.flagged.items() for word in words(quality) * n])


def test_a_day_of_sound_devices_earns_next_to_no_flag() -> None:
    judge, count, flagged = quick(), 0, Counter[str]()
    for kind, device, reports in [*days("meters", METERS), *days("bins", BINS)]:
        found = judge.judge(Batch(readings(kind, device, reports)))
        count += len(reports)
        flagged += flags(found)
    assert count > 100_000
    assert sum(flagged.values()) <= count // 100_000, flagged


WANTED = {
    "stuck": {"stuck"},
    "drift": {"range"},
    "spike": {"rate"},
    "dip": set(),
    "reset": {"reset"},
    "swap": {"rate", "reset"},
    "rollover": {"rollover"},
    "silence": set(),
    "gap": {"gap"},
    "duplicates": set(),
}
"""What a device shows of each fault by itself: silence is told by who waits for it, skew by receipt."""


KINDS = ("water", "power", "gas")
GAUGED = ("stuck", "drift")
"""Faults of a gauge that must move: of these meters, that of electricity has one."""


@pytest.mark.parametrize(
    ("kind", "fault"), [(k, f) for k in KINDS for f in sorted(WANTED) if f not in GAUGED or k == "power"]
)
def test_each_fault_earns_its_flag_and_no_other(kind: str, fault: str) -> None:
    _, device, reports = days("meters", METERS)[KINDS.index(kind)]
    found = judged(kind, device, afflicted_once(list(reports), fault))
    allowed = {"stuck"} if fault == "drift" else set()
    assert WANTED[fault] <= flags(found).keys() <= WANTED[fault] | allowed


@pytest.mark.parametrize("fault", ["stuck", "drift", "spike"])
def test_a_bin_has_its_faults_too(fault: str) -> None:
    kind, device, reports = days("bins", BINS)[0]
    found = flags(judged(kind, device, afflicted_once(list(reports), fault)))
    if fault == "spike":  # beyond everything plausible at once
        assert found == {"rate": 1, "range": 1}
    else:
        assert found.keys() == WANTED[fault]


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"drift"}))
def test_use_is_never_negative_and_no_fault_makes_much_of_it(fault: str) -> None:
    kind, device, reports = days("meters", METERS)[0]
    whole = list(reports)
    found = judged(kind, device, afflicted_once(whole, fault))
    used = [float(r.fields["volume_m3"]) for r in found.derived if r.kind == "consumption"]
    gained = float(whole[-1]["volume_m3"]) - float(whole[0]["volume_m3"])  # type: ignore[arg-type]
    assert min(used) >= 0
    assert sum(used) <= gained + 0.02


def afflicted_once(reports: list[Report], fault: str) -> list[Report]:
    """A fault in the middle of the second day; what comes twice comes as ingest lets it through: once."""
    after = len(reports) * 3 // 4 + random.Random(fault).randrange(50)
    found = FAULTS[fault](reports, after)
    return [r for n, r in enumerate(found) if n == 0 or r != found[n - 1]]
