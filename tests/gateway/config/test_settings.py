"""Does a wrong city file say where it is wrong, and what would be right?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.settings import Settings, SettingsError, load

CONFIGS = Path(__file__).parents[3] / "configs"
TEMPLATE = (CONFIGS / "city.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARTERIAL__STORE__TOKEN", raising=False)


def write(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The template with some of its text replaced; each must be there."""
    text = TEMPLATE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return write(folder, text)


def faults(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_every_city_file_we_ship_is_sound(path: Path) -> None:
    assert load(path).intersections


def test_the_smallest_city_has_a_name_and_sound_defaults(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[city]\nsite = "tiny"\n'))
    assert settings.client_id == "arterial-tiny"
    assert (settings.store.kind, settings.broker.port) == ("duckdb", 1883)


def test_a_commented_default_in_the_template_is_the_default(tmp_path: Path) -> None:
    def defaults(section: str) -> dict[str, str]:
        block = TEMPLATE.split(f"\n[{section}]\n")[1].split("\n[")[0]
        return dict(re.findall(r"^# (\w+) = ([^\s\"]+|\"[^\"]*\")", block, re.MULTILINE))

    settings = load(write(tmp_path, '[city]\nsite = "tiny"\n'))
    assert defaults("spool") == {"max_mb": "1024", "refused_max_mb": "64"}
    assert (settings.spool.max_mb, settings.spool.refused_max_mb) == (1024, 64)
    broker = defaults("broker")
    assert broker["version"] == f'"{settings.broker.version}"'
    assert broker["keepalive_s"] == str(settings.broker.keepalive_s)
    assert broker["window"] == str(settings.broker.window)


def test_a_misspelt_strategy_names_the_choices(tmp_path: Path) -> None:
    path = changed(tmp_path, ('strategy = "max_pressure"', 'strategy = "max_presure"'))
    (line,) = faults(path)
    assert line.startswith(
        "city.toml: control.strategy: no strategy named 'max_presure' (did you mean 'max_pressure'?)"
    )
    assert "; there are: actuated, coordinated, fixed_time, lookahead, max_pressure" in line


def test_a_strategy_of_one_intersection_is_checked_on_both_sides(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("tick_s = 1.0", 'tick_s = 1.0\nstrategies = { nowhere = "fixed_time", main-1st = "magic" }'),
    )
    assert [line.split("; there are")[0] for line in faults(path)] == [
        "city.toml: control.strategies.nowhere: no intersection named 'nowhere'",
        "city.toml: control.strategies.main-1st: no strategy named 'magic'",
    ]


def test_every_fault_is_named_at_once_and_by_name(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ('site = "mycity"', 'site = "my city"'),
        ('kind = "water"', 'kind = "watr"'),
        ("yellow_s = 3.3", "yellow_s = 1.0"),
        ("port = 8321", 'port = "many"'),
        ('kind = "influx"', 'kind = "inflox"'),
        ("max_green_s = 35.0", "max_green_s = 3.0"),
    )
    text = "\n".join(faults(path))
    assert "city.toml: city.site: " in text
    assert "sources.arterial/{site}/water/{device}.kind: no kind named 'watr' (did you mean 'water'?)" in text
    assert "intersections.main-1st.phases.2.yellow_s: should be greater than or equal to 2.7, not 1.0" in text
    assert "intersections.main-1st.phases.4: max_green_s 3 is below min_green_s 7" in text
    assert "board.port: " in text
    assert (
        "store.kind: no store named 'inflox' (did you mean 'influx'?); there are: duckdb, influx, influx2"
        in text
    )
    assert len(text.splitlines()) == 6


def test_several_faults_of_one_intersection_are_several_lines(tmp_path: Path) -> None:
    path = changed(
        tmp_path, ('lane = "main_eb_0"', 'lane = "moon"'), ("phases = [6], turns", "phases = [7], turns")
    )
    lines = faults(path)
    assert any(line.endswith("there are: 2, 4, 6, 8") for line in lines)
    assert any(
        "detector 1 lies on lane 'moon'" in line and "; there are: first_nb_0, " in line for line in lines
    )
    assert len(lines) == 2


def test_a_wrong_unit_of_time_names_the_choices_and_its_place(tmp_path: Path) -> None:
    water, hires = 'kind = "water"', 'kind = "hires"'
    path = changed(tmp_path, (water, f'{water}\ntime_unit = "sec"'), (hires, f'{hires}\ntime_unit = "s"'))
    lines = sorted(faults(path))
    assert lines[0].startswith(
        "city.toml: sources.arterial/{site}/hires/{device}.time_unit: time_unit 's': the records of kind"
    )
    assert lines[1].startswith(
        "city.toml: sources.arterial/{site}/water/{device}.time_unit: no choice named 'sec'"
    )
    assert lines[1].endswith("; there are: arrival, auto, iso, ms, ns, s, us")


def test_an_unknown_key_names_the_keys_there_are(tmp_path: Path) -> None:
    (line,) = faults(changed(tmp_path, ("tick_s = 1.0", "tick = 1.0")))
    assert line == (
        "city.toml: control.tick: no key named 'tick' (did you mean 'tick_s'?); "
        "there are: enabled, lifetime_s, mode, modes, schedule, strategies, strategy, tick_s"
    )


def test_the_stores_own_keys_are_checked_too(tmp_path: Path) -> None:
    (line,) = faults(changed(tmp_path, ('database = "arterial"', 'databse = "arterial"')))
    assert line.startswith(
        "city.toml: store.databse: no key named 'databse' (did you mean 'database'?); there are: "
    )


TWO_STORES = """
[city]
site = "tiny"
[[stores]]
kind = "influx"
[[stores]]
kind = "influx"
name = "Archive"
url = "http://archive:8086"
"""


def test_several_stores_have_names_and_the_first_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTERIAL__STORES__ARCHIVE__TOKEN", "t0ken")
    settings = load(write(tmp_path, TWO_STORES))
    assert [(store.label, store.kind) for store in settings.destinations] == [
        ("influx", "influx"),
        ("Archive", "influx"),
    ]
    assert settings.destinations[1].settings == {"url": "http://archive:8086", "token": "t0ken"}
    monkeypatch.undo()
    one = load(write(tmp_path, '[city]\nsite = "tiny"\n[store]\nkind = "duckdb"\n'))
    assert [store.label for store in one.destinations] == ["duckdb"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "Archive"', "", "stores.influx: two stores are named 'influx'"),
        ('url = "http://archive:8086"', "", "stores.Archive: leads to the same place as store 1"),
        ('url = "http://archive', 'ulr = "http://archive', "stores.Archive.ulr: no key named 'ulr'"),
        ('kind = "influx"\nname', 'kind = "inflox"\nname', "stores.Archive.kind: no store named 'inflox'"),
        ('name = "Archive"', 'name = "an archive"', "stores.an archive.name: "),
        ("[[stores]]", '[store]\nkind = "duckdb"\n[[stores]]', "store: give either one [store] or several"),
    ],
)
def test_a_fault_of_one_of_several_stores_names_it(tmp_path: Path, old: str, new: str, message: str) -> None:
    (line,) = faults(write(tmp_path, TWO_STORES.replace(old, new, 1)))
    assert line.startswith(f"city.toml: {message}")


def test_a_variable_for_a_store_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTERIAL__STORES__ATTIC__TOKEN", "t0ken")
    assert "not of the form ARTERIAL__STORES__NAME__KEY" in faults(write(tmp_path, TWO_STORES))[0]


def test_a_syntax_error_has_line_and_column(tmp_path: Path) -> None:
    (line,) = faults(write(tmp_path, '[city]\nsite = "a\n'))
    assert re.match(r"city\.toml: line 2, column \d+: not TOML: ", line)


def test_a_file_that_is_not_there_or_not_text_says_so(tmp_path: Path) -> None:
    assert faults(tmp_path / "gone.toml") == [f"{tmp_path / 'gone.toml'}: No such file or directory"]
    (tmp_path / "city.toml").write_bytes(b'[city]\nsite = "\xff"\n')
    assert faults(tmp_path / "city.toml") == ["city.toml: byte 15: not UTF-8 text"]


def test_two_sources_on_the_same_topics_are_found(tmp_path: Path) -> None:
    path = changed(tmp_path, ("arterial/{site}/gas/", "arterial/{site}/water/"))
    assert any("two sources read the same topics" in line for line in faults(path))


def test_an_intersection_twice_is_found(tmp_path: Path) -> None:
    again = TEMPLATE[TEMPLATE.index("[[intersections]]\nid") :]
    lines = faults(write(tmp_path, TEMPLATE + again))
    assert "city.toml: intersections.main-1st: is declared 2 times" in lines


@pytest.mark.parametrize(
    "url", ["broker:1883", "http://broker", "mqtt://", "mqtt://broker:99999", "mqtt://user:secret@broker"]
)
def test_a_broker_url_of_another_form_is_refused(tmp_path: Path, url: str) -> None:
    (line,) = faults(changed(tmp_path, ("mqtt://broker.example:1883", url)))
    assert line.startswith("city.toml: broker.url: ")


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broker.secret").write_text("hush\n", encoding="utf-8")
    monkeypatch.setenv("ARTERIAL__STORE__TOKEN", "t0ken")
    monkeypatch.setenv("ARTERIAL__BOARD__PORT", "9000")
    settings = load(
        changed(tmp_path, ('# password_file = "broker.secret"', 'password_file = "broker.secret"'))
    )
    assert settings.broker.password is not None
    assert settings.broker.password.get_secret_value() == "hush"
    assert "hush" not in repr(settings)
    assert settings.store.settings["token"] == "t0ken"
    assert settings.board.port == 9000


def test_a_strange_variable_of_ours_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTERIAL__PORT", "9000")
    assert any("environment ARTERIAL__PORT: " in line for line in faults(changed(tmp_path)))


def test_a_missing_certificate_or_password_file_is_named(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("mqtt://broker.example:1883", "mqtts://broker.example"),
        ('# ca_file = "ca.pem"', 'ca_file = "ca.pem"'),
        ('# password_file = "broker.secret"', 'password_file = "broker.secret"'),
    )
    assert faults(path) == [
        f"city.toml: broker.password_file: there is no file {tmp_path / 'broker.secret'}",
        f"city.toml: broker.ca_file: there is no file {tmp_path / 'ca.pem'}",
    ]


def test_settings_are_frozen_and_closed() -> None:
    assert Settings.model_config["frozen"]
    assert Settings.model_config["extra"] == "forbid"


def with_cabinet(folder: Path, *lines: str) -> Path:
    return write(folder, "\n".join([TEMPLATE, "[cabinets.main-1st]", 'protocol = "ntcip"', *lines]))


def test_a_cabinet_may_speak_ntcip(tmp_path: Path) -> None:
    settings = load(with_cabinet(tmp_path, 'host = "10.1.2.3"', 'community = "word"'))
    chosen = settings.cabinets["main-1st"]
    assert (chosen.protocol, chosen.settings) == ("ntcip", {"host": "10.1.2.3", "community": "word"})


def test_a_cabinets_community_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.secret").write_text("from a file\n")
    filed = load(with_cabinet(tmp_path, 'host = "h"', 'community_file = "main.secret"'))
    assert filed.cabinets["main-1st"].settings["community"] == "from a file"
    monkeypatch.setenv("ARTERIAL__CABINETS__MAIN_1ST__COMMUNITY", "from the environment")
    told = load(with_cabinet(tmp_path, 'host = "h"'))
    assert told.cabinets["main-1st"].settings["community"] == "from the environment"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (['host = "h"'], "cabinets.main-1st.community: is missing"),
        (['host = "h"', "community = 7"], "cabinets.main-1st.community: should be a valid string"),
        (['host = "h"', 'community = "w"', 'prot = "x"'], "no key named 'prot' (did you mean 'port'?)"),
        (['host = "h"', 'community_file = "gone"'], "cabinets.main-1st.community_file: cannot be read"),
        (
            ['host = "h"', 'community_file = "x"', 'community = "w"'],
            "give either community or community_file",
        ),
    ],
)
def test_a_cabinets_faults_are_named(tmp_path: Path, lines: list[str], fault: str) -> None:
    assert any(fault in text for text in faults(with_cabinet(tmp_path, *lines)))


def test_an_unknown_cabinet_or_protocol_is_named_with_the_choices(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPLATE + '\n[cabinets.elsewhere]\nprotocol = "smoke"\n')
    found = " ".join(faults(path))
    assert "no intersection named 'elsewhere'; there are: main-1st" in found
    assert "no cabinet protocol named 'smoke'; there are: mqtt, ntcip" in found


def test_a_community_is_not_repeated_in_a_fault(tmp_path: Path) -> None:
    assert "4711" not in " ".join(faults(with_cabinet(tmp_path, 'host = "h"', "community = 4711")))


def test_an_environment_for_a_cabinet_that_is_not_there_says_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTERIAL__CABINETS__X9__COMMUNITY", "w")
    assert "ARTERIAL__CABINETS__ID__KEY of a cabinet that is there" in " ".join(
        faults(write(tmp_path, TEMPLATE))
    )
