"""Is delay counted over all trips, whether they arrived, are under way, or never got in?"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from simulators.networks.trips import read_trips

TRIPS = """<tripinfos>
<tripinfo id="a" depart="100" departDelay="5" arrival="200" timeLoss="20" waitingCount="1" waitingTime="9">
  <emissions CO2_abs="2000000" fuel_abs="745000"/></tripinfo>
<tripinfo id="b" depart="150" departDelay="0" arrival="-1" timeLoss="10" waitingCount="2" waitingTime="3"/>
<tripinfo id="c" depart="-1" departDelay="40" arrival="-1" timeLoss="0" waitingCount="0" waitingTime="0"/>
<tripinfo id="d" depart="-1" departDelay="-1" arrival="-1" timeLoss="0" waitingCount="0" waitingTime="0"/>
<personinfo id="p"><walk waitingTime="12"/><walk waitingTime="4"/></personinfo>
</tripinfos>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trips.xml"
    path.write_text(TRIPS)
    return path


def test_everybody_who_wanted_to_set_out_counts(file: Path) -> None:
    found = read_trips(file)
    assert (found.trips, found.finished, found.never_in) == (3, 1, 1)
    assert found.delay_s == pytest.approx((25 + 10 + 40) / 3)
    assert found.stops == 1.5
    assert (found.co2_kg, found.fuel_l) == (2.0, pytest.approx(1.0))
    assert (found.people, found.ped_wait_s) == (1, 16)


def test_trips_from_before_the_window_do_not(file: Path) -> None:
    assert read_trips(file, from_s=100).trips == 2


def test_without_trips_there_is_no_delay(tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text("<tripinfos/>")
    assert math.isnan(read_trips(tmp_path / "t.xml").delay_s)
