"""Does a gauge earn its flags where it should, and none where it should not?"""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from tests.collectors.judge.judged import MINUTE_MS, T_MS, every, flags, quick, readings_of, said


def volts(n: int, seed: int = 1, mean: float = 230.0) -> list[float]:
    chance = random.Random(seed)
    return [round(chance.gauss(mean, 1.5), 1) for _ in range(n)]


def test_what_is_possible_and_not_plausible_is_flagged_and_kept() -> None:
    judge = quick()
    readings = list(every("waste", "temperature_c", [15.0, 15.1, 85.0, 15.0], minutes=60))
    found = readings_of(judge, [said("waste", r.at_ns // 10**6, fill=0.3, **r.fields) for r in readings])
    assert [r.fields["temperature_c"] for r in found] == [15.0, 15.1, 85.0, 15.0]
    assert [bool(r.quality & 8) for r in found] == [False, False, True, False]


@pytest.mark.parametrize(("level", "wrong"), [(230.0, 190.0), (120.0, 150.0), (11_000.0, 9_000.0)])
def test_a_voltage_is_held_to_the_level_of_its_own_device(level: float, wrong: float) -> None:
    values = [level * v / 230 for v in volts(40)]
    assert flags(every("power", "voltage_v", values)) == [[]] * 40
    assert flags(every("power", "voltage_v", [*values, wrong, level])) == [*[[]] * 40, ["range"], []]


def test_a_voltage_that_never_changes_in_its_last_digit_is_stuck() -> None:
    found = flags(every("power", "voltage_v", [*volts(500), *[229.9] * 60, *volts(10, 2)]))
    assert found[:523] == [[]] * 523
    assert found[525:560] == [["stuck"]] * 35
    assert found[560:] == [[]] * 10


def test_how_long_a_value_may_stand_is_measured_on_the_device() -> None:
    coarse = [v for value in volts(60) for v in [round(value)] * 20]
    assert not any(flags(every("power", "voltage_v", coarse)))
    runs = [*coarse, *[231.5] * 200]
    found = flags(every("power", "voltage_v", runs))
    longest = max_run(coarse)
    assert found.count(["stuck"]) == 200 - max(24, 2 * longest)


def max_run(values: list[float]) -> int:
    longest = run = 1
    for before, now in pairwise(values):
        run = run + 1 if now == before else 1
        longest = max(longest, run)
    return longest


def test_a_run_that_was_flagged_and_ended_soon_was_a_lesson() -> None:
    night = [*volts(100), *[230.0] * 40]
    found = flags(every("power", "voltage_v", night * 4))
    per_night = [sum("stuck" in f for f in found[i * 140 : (i + 1) * 140]) for i in range(4)]
    assert per_night[0] > 0
    assert per_night[1:] == [0, 0, 0]


def test_a_value_that_never_moved_takes_a_day_to_be_suspicious() -> None:
    found = flags(every("power", "voltage_v", [230.0] * 400, minutes=10))
    assert found.index(["stuck"]) == 144


def test_a_flow_may_rest_for_ever_and_a_fill_for_a_day() -> None:
    still = [said("water", T_MS + n * MINUTE_MS, volume_m3=5.0, flow_m3_h=0.0) for n in range(5000)]
    assert not any(flags(still))
    assert not any(flags(every("waste", "fill", [0.42] * 1440)))


def test_a_flow_that_stands_while_its_counter_does_is_stuck_and_while_it_counts_is_not() -> None:
    chance = random.Random(3)
    count, sound = 5.0, []
    for n in range(300):
        flow = round(chance.uniform(0.1, 0.9), 3)
        count += flow / 60
        sound.append(said("water", T_MS + n * MINUTE_MS, volume_m3=round(count, 3), flow_m3_h=flow))
    frozen = [
        said("water", T_MS + n * MINUTE_MS, volume_m3=round(count, 3), flow_m3_h=0.4) for n in range(300, 400)
    ]
    steady = [
        said("water", T_MS + n * MINUTE_MS, volume_m3=round(count + (n - 299) * 0.4 / 60, 3), flow_m3_h=0.4)
        for n in range(300, 400)
    ]
    assert ["stuck"] in flags([*sound, *frozen])
    assert not any(flags([*sound, *steady]))


def test_a_jump_is_too_fast_until_it_is_confirmed_and_a_spike_alone_is_marked() -> None:
    base = [15.0, 15.2, 15.1]
    up = flags(every("waste", "temperature_c", [*base, 45.0, 45.1, 45.2, 45.1]))
    assert up == [[], [], [], ["rate"], ["rate"], [], []]
    assert flags(every("waste", "temperature_c", [*base, 45.0, 15.2])) == [[], [], [], ["rate"], []]


def test_an_emptied_bin_is_no_jump() -> None:
    assert not any(flags(every("waste", "fill", [0.8, 0.9, 0.95, 0.02, 0.05])))


def test_a_gap_is_told_by_how_often_the_device_speaks() -> None:
    minute = [said("water", T_MS + n * MINUTE_MS, volume_m3=5.0) for n in range(30)]
    after = said("water", T_MS + 60 * MINUTE_MS, volume_m3=5.0)
    assert flags([*minute, after])[-1] == ["gap"]
    hourly = [said("water", T_MS + n * 60 * MINUTE_MS, volume_m3=5.0) for n in range(30)]
    assert not any(flags([*hourly, said("water", T_MS + 31 * 60 * MINUTE_MS, volume_m3=5.0)]))


def test_a_device_that_speaks_when_something_happens_has_no_gaps() -> None:
    chance, t, found = random.Random(4), T_MS, []
    for _ in range(400):
        t += round(chance.expovariate(1 / 120) * 1000) + 1000
        found.append(said("water", t, volume_m3=5.0))
    assert sum("gap" in f for f in flags(found)) <= 8


def test_what_is_older_or_of_a_wrong_clock_teaches_nothing() -> None:
    readings = list(every("power", "voltage_v", volts(40)))
    wrong = said("power", T_MS + 90 * MINUTE_MS, quality=4, voltage_v=230.0)
    old = said("power", T_MS - MINUTE_MS, quality=2, voltage_v=100.0)
    after = said("power", T_MS + 40 * MINUTE_MS, voltage_v=230.0)
    assert flags([*readings, wrong, old, after])[40:] == [["clock"], ["late"], []]
