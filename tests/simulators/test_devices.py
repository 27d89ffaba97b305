"""Do simulated meters and bins behave like the real ones, run after run?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from simulators.devices.bins import create as bins
from simulators.devices.meters import create as meters
from simulators.fleet import Fleet, Report, device_files, fleets

START = 1_760_000_000_000
HOUR = 3_600_000
COUNTERS = {"water": "volume_m3", "power": "energy_kwh", "gas": "volume_m3"}


def _day(fleet: Fleet, hours: int = 24, start: int = START) -> dict[str, list[Report]]:
    found: dict[str, list[Report]] = {}
    for minute in range(hours * 60):
        now = start + minute * 60_000
        for device, report in fleet.due(now, (minute * 60) % 86_400):
            found.setdefault(device.id, []).append(report)
    return found


def _number(report: Report, key: str) -> float:
    value = report[key]
    assert isinstance(value, float)
    return value


def test_three_hundred_meters_report_once_a_minute_spread_evenly() -> None:
    fleet = Fleet(meters(300, 1), 60_000, START)
    per_second = [len(fleet.due(START + s * 1000, 0)) for s in range(1, 61)]
    assert set(per_second) == {5}
    assert per_second == [len(fleet.due(START + s * 1000, 0)) for s in range(61, 121)]


def test_the_ids_are_split_in_three() -> None:
    names = [meter.id for meter in meters(300, 1)]
    assert (names[0], names[1], names[2], names[-1]) == ("w-0001", "p-0001", "g-0001", "g-0100")
    assert len(set(names)) == 300


@pytest.mark.parametrize("index", [0, 1, 2])
def test_counters_only_grow_and_agree_with_their_rates(index: int) -> None:
    meter = meters(3, 1)[index]
    counter = COUNTERS[meter.kind]
    rate = "power_kw" if meter.kind == "power" else "flow_m3_h"
    reports = _day(Fleet([meter], 60_000, START))[meter.id]
    counts = [_number(report, counter) for report in reports]
    assert counts == sorted(counts)
    used = sum(_number(report, rate) for report in reports[1:]) / 60
    assert counts[-1] - counts[0] == pytest.approx(used, rel=0.05, abs=0.05)
    assert all(_number(report, rate) >= 0 for report in reports)


def test_a_city_uses_a_plausible_amount_and_more_in_the_evening_than_at_night() -> None:
    city = meters(300, 7)
    reports = _day(Fleet(city, 60_000, START))
    power = [m.id for m in city if m.kind == "power"]
    day = sum(_number(reports[n][-1], "energy_kwh") - _number(reports[n][0], "energy_kwh") for n in power)
    assert 5 < day / len(power) < 20
    night = sum(_number(reports[n][m], "power_kw") for n in power for m in range(120, 180))
    evening = sum(_number(reports[n][m], "power_kw") for n in power for m in range(1140, 1200))
    assert evening > 2 * night


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    first, again, other = (_day(Fleet(meters(30, seed), 60_000, START), 2) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_counters_go_on_where_an_earlier_run_left_them() -> None:
    fleet = Fleet(meters(30, 1), 60_000, START)
    before = _day(fleet, 3)
    second = Fleet(meters(30, 1), 60_000, START + 3 * HOUR)
    second.resume(fleet.kept() | {"stranger": 1.0})
    after = _day(second, 1, START + 3 * HOUR)
    for name in before:
        key = next(k for k in before[name][0] if k in COUNTERS.values())
        assert _number(after[name][0], key) >= _number(before[name][-1], key)
        assert _number(after[name][0], key) - _number(before[name][-1], key) < 1.0


def test_bins_fill_and_are_emptied() -> None:
    reports = _day(Fleet(bins(120, 1), 120_000, START), 48)
    fills = [[_number(report, "fill") for report in found] for found in reports.values()]
    assert all(0 <= fill <= 1 for found in fills for fill in found)
    drops = [b - a for found in fills for a, b in pairwise(found) if b < a]
    assert len(drops) > 60
    assert all(drop < -0.8 for drop in drops)


def test_a_bin_goes_on_from_its_fill() -> None:
    one = bins(1, 1)[0]
    one.resume(7.0)
    assert one.kept == 1.0


def test_every_device_file_makes_a_fleet() -> None:
    files = device_files()
    assert {"meters", "bins"} <= set(files)
    for name, file in files.items():
        made = file.create(5, 1)
        assert len({device.id for device in made}) == 5
        (fleet,) = fleets({name: 5}, 1, START)
        assert len(fleet.due(START + file.EVERY_MS, 0)) == 5
    assert fleets({"meters": 0}, 1, START) == []
