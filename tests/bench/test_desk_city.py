"""Is the made-up city of the desk's benchmark one that runs, and its day one that can be replayed?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gateway.config.settings import load
from gateway.replay.hires_log import HiresLog
from signal_control.street import streets
from tests.bench.desk_city import city, city_file, log_file
from tests.bench.synthetic_day import day

START_MS = 1_790_035_200_000


def test_the_city_file_is_sound_and_its_streets_are_ten_long(tmp_path: Path) -> None:
    there = city(12)
    assert load(city_file(tmp_path / "city.toml", there)).intersections == there
    assert sorted(len(street) for street in streets(there)) == [2, 10]


def test_the_log_can_be_replayed(tmp_path: Path) -> None:
    events = log_file(tmp_path / "day.parquet", city(2), START_MS, 0.1)
    with HiresLog(tmp_path / "day.parquet") as log:
        assert log.events == events > 100
        assert [span.device for span in log.devices] == ["s001", "s002"]
        assert log.first_ms >= START_MS


def test_a_detector_goes_on_and_off_in_turn_and_every_green_ends() -> None:
    rows = day(city(1)[0], START_MS, 3, 1.0)
    assert (np.diff(rows[:, 0]) >= 0).all()
    for channel in (1, 7):
        own = rows[np.isin(rows[:, 1], (81, 82)) & (rows[:, 2] == channel)]
        assert len(own) > 4
        assert abs(int((own[:, 1] == 82).sum()) - int((own[:, 1] == 81).sum())) <= 1
    greens, ends = ((rows[:, 1] == code) & (rows[:, 2] == 2) for code in (1, 8))
    assert abs(int(greens.sum()) - int(ends.sum())) <= 1
