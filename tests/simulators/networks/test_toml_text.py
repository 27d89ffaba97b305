"""Is an imported intersection written down so that a city file can hold it?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from signal_control.model import Intersection
from simulators.__main__ import main
from simulators.networks.importer import import_signals
from simulators.networks.netfile import NetFile
from simulators.networks.toml_text import as_toml


def test_what_is_written_reads_as_the_same_intersection(net: NetFile) -> None:
    found = import_signals(net, "both")[0][0].intersection
    text = as_toml([found])
    again = Intersection.model_validate(tomllib.loads(text)["intersections"][0])
    assert again == found
    assert text.startswith("# Imported")
    assert max(len(line) for line in text.splitlines()) < 300


def test_the_command_writes_a_file(crossing: Path, tmp_path: Path) -> None:
    out = tmp_path / "c.toml"
    assert main(["import", str(crossing / "x.net.xml"), "--yellow", "4", "--out", str(out)]) == 0
    written = tomllib.loads(out.read_text())["intersections"]
    assert [x["id"] for x in written] == ["c"]
    assert {p["yellow_s"] for p in written[0]["phases"]} == {4.0}


def test_a_wrong_signal_is_one_clear_line(crossing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(crossing / "x.net.xml"), "--junction", "z9"]) == 1
    assert capsys.readouterr().err == "intersection import: no signal named 'z9'; there are: c\n"
