"""Is a SUMO configuration read as SUMO reads it, and told apart from another?"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.networks.scenario import read_scenario
from simulators.street_net import StreetError


def test_a_configuration_names_network_demand_and_window(crossing: Path) -> None:
    found = read_scenario(crossing / "run.sumocfg")
    assert (found.net, found.routes) == (crossing / "x.net.xml", (crossing / "x.rou.xml",))
    assert (found.begin_s, found.end_s, found.step_s) == (0, 3600, 1)
    assert read_scenario(crossing / "run.sumocfg", 600).end_s == 600


def test_times_may_be_written_as_hours(tmp_path: Path) -> None:
    (tmp_path / "x.net.xml").write_text("<net/>")
    config = tmp_path / "a.sumocfg"
    config.write_text('<c><net-file value="x.net.xml"/><begin value="07:30:00"/></c>')
    assert (read_scenario(config).begin_s, read_scenario(config).end_s) == (27_000, 30_600)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<c/>", "names no net-file"),
        ('<c><net-file value="gone.net.xml"/></c>', "gone.net.xml does not exist"),
        ('<c><net-file value="x.net.xml"/><begin value="soon"/></c>', "'soon' is no time"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "a.sumocfg").write_text(text)
    with pytest.raises(StreetError, match=fault):
        read_scenario(tmp_path / "a.sumocfg")


def test_other_demand_has_another_digest(crossing: Path, tmp_path: Path) -> None:
    for file in crossing.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = read_scenario(tmp_path / "run.sumocfg").digests()
    routes = tmp_path / "x.rou.xml"
    routes.write_text(routes.read_text().replace("400", "401"))
    after = read_scenario(tmp_path / "run.sumocfg").digests()
    assert before[0] == after[0]
    assert before[1] != after[1]
