"""Does `check-config` tell a sound city from a broken one, and look at its timings?"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gateway.config.check import check, report, sound, yellow_s

TEMPLATE = Path(__file__).parents[3] / "configs" / "city.toml"


def changed(folder: Path, old: str, new: str) -> Path:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "city.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def printed(path: Path) -> tuple[bool, str]:
    paper = io.StringIO()
    good = report(path, Console(file=paper, width=100))
    return good, paper.getvalue()


def test_the_template_is_sound_without_a_doubt() -> None:
    assert check(TEMPLATE) == []
    good, text = printed(TEMPLATE)
    assert good
    assert "main-1st  Main Street and First Avenue" in text
    assert "EB through" in text


def test_faults_are_printed_and_counted(tmp_path: Path) -> None:
    good, text = printed(changed(tmp_path, 'strategy = "max_pressure"', 'strategy = "magic"'))
    assert not good
    assert "error city.toml: control.strategy: no strategy named 'magic'" in text
    assert "1 fault" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("yellow_s = 3.3", "yellow_s = 2.8", "yellow_s 2.8 is short for 13.9 m/s; ITE asks for 3.3 s"),
        ("red_clear_s = 2.0", "red_clear_s = 0.2", "red_clear_s 0.2 does not even clear a car's length"),
        ("walk_s = 7.0", "walk_s = 5.0", "walk_s 5 is below 7 s"),
        (
            "saturation_veh_h = 1700 }",
            "saturation_veh_h = 1700, to = { moon = 1.0 } }",
            "link 'moon' is no approach",
        ),
        ('kind = "hires"', 'kind = "truth"', "no source of kind 'hires'"),
        ('kind = "influx"', 'kind = "victoria"', "VictoriaMetrics keeps numbers, not texts"),
        (
            'host = "127.0.0.1"',
            'host = "0.0.0.0"',
            "it refuses them all until there is a user: arterial users add NAME",
        ),
    ],
)
def test_what_deserves_a_look_is_a_warning_not_a_fault(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    found = check(changed(tmp_path, old, new))
    assert sound(found)
    assert [fault.level for fault in found] == ["warning"]
    assert message in str(found[0])


@pytest.mark.parametrize(("kmh", "wanted_s"), [(30, 3.0), (50, 3.3), (70, 4.2)])
def test_yellow_follows_the_formula(kmh: float, wanted_s: float) -> None:
    assert yellow_s(kmh / 3.6) == pytest.approx(wanted_s, abs=0.05)


def test_a_city_whose_cabinets_are_all_asked_needs_no_sources_for_them(tmp_path: Path) -> None:
    asked = '\n[cabinets.main-1st]\nprotocol = "ntcip"\nhost = "10.1.2.3"\ncommunity = "w"\n'
    text = TEMPLATE.read_text(encoding="utf-8").replace('kind = "hires"', 'kind = "truth"', 1)
    told, silent = tmp_path / "told.toml", tmp_path / "asked.toml"
    told.write_text(text, encoding="utf-8")
    silent.write_text(text + asked, encoding="utf-8")
    assert any("no source of kind 'hires'" in str(doubt) for doubt in check(told))
    assert not any("no source of kind" in str(doubt) for doubt in check(silent))
