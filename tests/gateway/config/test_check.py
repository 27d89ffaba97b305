"""Does `check-config` tell a sound city from a broken one, and look at its timings?"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gateway.config.check import check, report, sound
from gateway.config.settings import load
from gateway.config.timing_doubts import phase_doubts
from signal_control.model import Phase

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
        (
            "red_clear_s = 2.0",
            "red_clear_s = 1.5",
            "red_clear_s 1.5 is short for 21 m; ITE asks for 1.9 s = (21 + 6.1) / 13.9",
        ),
        (
            "geometry = { width_m = 21.0",
            "geometry = { grade = -0.06, width_m = 21.0",
            "yellow_s 3.3 is short for 13.9 m/s at a grade of -6.0%; "
            "ITE asks for 3.8 s = 1 + 13.9 / (2 x 3.05 + 19.62 x -0.06), at least 3",
        ),
        (
            "crossing_m = 12.5",
            "crossing_m = 14.5",
            "ped_clear_s 12 is short for 14.5 m; MUTCD 4I.06 asks for 13.6 s = 14.5 / 1.07",
        ),
        (
            "width_m = 21.0",
            "stored_veh = 4, width_m = 21.0",
            "min_green_s 8 is short for 4 vehicles between stop line and detector; "
            "STM2 asks for 11 s = 3 + 2 x 4",
        ),
        (
            "passage_s = 2.5",
            "max_green_2_s = 60.0, passage_s = 2.5",
            "max_green_2_s is told, but no plan and no entry of the schedule has max_green = 2",
        ),
        (
            'days = ["mon", "tue", "wed", "thu", "fri"]\nplan = 2',
            'days = ["mon", "tue", "wed", "thu", "fri"]\nplan = 1',
            "plans.2: no entry of the schedule runs this plan",
        ),
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


def test_a_city_whose_cabinets_are_all_asked_needs_no_sources_for_them(tmp_path: Path) -> None:
    asked = '\n[cabinets.main-1st]\nprotocol = "ntcip"\nhost = "10.1.2.3"\ncommunity = "w"\n'
    text = TEMPLATE.read_text(encoding="utf-8").replace('kind = "hires"', 'kind = "truth"', 1)
    told, silent = tmp_path / "told.toml", tmp_path / "asked.toml"
    told.write_text(text, encoding="utf-8")
    silent.write_text(text + asked, encoding="utf-8")
    assert any("no source of kind 'hires'" in str(doubt) for doubt in check(told))
    assert not any("no source of kind" in str(doubt) for doubt in check(silent))


def test_the_sheet_shows_plans_and_schedule(tmp_path: Path) -> None:
    good, text = printed(TEMPLATE)
    assert good
    assert "2 local plans by schedule" in text
    text = " ".join(text.split())
    assert "plan 2: cycle 90 s, offset 12 s, max 1; rings with splits 2(57) 4(33) | 6(57) 8(33)" in text
    assert "mon tue wed thu fri 06:45 plan 2" in text
    assert "daily 22:00 free" in text


@pytest.mark.parametrize(
    ("crossing_m", "doubt"),
    [
        (10.0, ""),
        (22.0, "walk_s + ped_clear_s 21 is short from the button over 22 m; MUTCD 4I.06 asks for 26.2 s"),
    ],
)
def test_slow_walkers_come_from_the_button_to_the_far_kerb(crossing_m: float, doubt: str) -> None:
    told = {"number": 2, "label": "EB", "ring": 1, "min_green_s": 8, "max_green_s": 60, "yellow_s": 3.3}
    walks = {"walk_s": 7, "ped_clear_s": 14, "geometry": {"crossing_m": crossing_m}}
    phase = Phase.model_validate({**told, **walks, "red_clear_s": 2.0})
    x = load(TEMPLATE).intersections[0]
    found = [text for text in phase_doubts(x, phase) if text.startswith("walk_s")]
    assert bool(found) == bool(doubt)
    assert all(text.startswith(doubt) for text in found)


def test_what_only_an_advance_detector_sees_asks_for_a_longer_minimum_green(tmp_path: Path) -> None:
    path = changed(tmp_path, '  { channel = 1, lane = "main_eb_0", role = "stop", distance_m = 1.5 },\n', "")
    path.write_text(path.read_text().replace("distance_m = 80.0", "distance_m = 40.0", 1))
    assert [str(fault) for fault in check(path)] == [
        "city.toml: intersections.main-1st.phases.2: min_green_s 8 is short for 5 vehicles between stop line "
        "and detector; STM2 asks for 13 s = 3 + 2 x 5"
    ]
