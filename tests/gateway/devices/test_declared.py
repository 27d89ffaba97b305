"""What a city file and files of devices declare, and how what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.broker_access.registered import registered
from gateway.config.settings import SettingsError, load
from gateway.devices.entry import DeviceEntry
from gateway.devices.files import DeviceFileError, read
from gateway.devices.register import Registry, beside

CITY = '[city]\nsite = "demo"\n'
CSV = """\
id,kind,name,lat,lon,every_s,unit:volume_m3,gain:volume_m3,offset:flow_m3_h
w-1,water,Main St 4,48.2,16.37,900,L,,
w-2,water,,,,,,1.02,0.1
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as error:
        load(written(folder, "city.toml", CITY + text))
    return str(error.value)


def test_a_city_file_and_the_files_it_names_declare_devices(tmp_path: Path) -> None:
    written(tmp_path, "meters.csv", CSV)
    written(tmp_path, "bins.toml", '[[devices]]\nid = "b-1"\nkind = "waste"\nlocation = "Park"\n')
    text = '[registry]\nfiles = ["meters.csv", "bins.toml"]\n[[devices]]\nid = "p-1"\nkind = "power"\n'
    found = {entry.id: entry for entry in load(written(tmp_path, "city.toml", CITY + text)).devices}
    assert list(found) == ["p-1", "w-1", "w-2", "b-1"]
    assert (found["w-1"].units, found["w-1"].every_s, found["w-1"].lat) == ({"volume_m3": "L"}, 900.0, 48.2)
    by = found["w-2"].calibrate
    assert (by["volume_m3"].gain, by["flow_m3_h"].offset) == (1.02, 0.1)


def test_semicolons_and_a_byte_order_mark_are_how_some_spreadsheets_write(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("\ufeffid;kind;note\r\nw-1;water;Unten, links\r\n\r\n".encode())
    assert read(path) == [DeviceEntry(id="w-1", kind="water", note="Unten, links")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.csv", "id,kid\nw-1,water\n", "x.csv: line 1: no column named 'kid' .*did you mean 'kind'"),
        ("x.csv", "kind\nwater\n", "there is no column 'id'"),
        ("x.csv", "id,kind\nw-1,water\nw 2,water\n", "x.csv: line 3: id: .*match pattern"),
        ("x.csv", "id,kind\nw-1,watr\n", "x.csv: line 2: kind: no kind named 'watr'; there are: .*water"),
        ("x.csv", "id,lat\nw-1,12\n", "x.csv: line 2: lat: lat and lon go together"),
        ("x.csv", "id,every_s\nw-1,often\n", "x.csv: line 2: every_s: .*valid number"),
        ("x.csv", "id,gain:volume_m3\nw-1,2\n", "kind: is missing"),
        ("x.csv", "id\nw-1,water\n", "line 2: more cells than columns"),
        ("x.toml", "[[device]]\n", "no key named 'device' .*did you mean 'devices'"),
        (
            "x.toml",
            '[[devices]]\nid = "w-1"\nkinds = "water"\n',
            "x.toml: devices.w-1.kinds: no key named 'kinds'",
        ),
        ("x.yaml", "", "no kind of file named '.yaml' .*; there are: .csv, .toml"),
    ],
)
def test_faults_of_a_file_name_the_place_and_the_choices(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(DeviceFileError, match=said):
        read(written(tmp_path, name, text))


def test_faults_of_a_city_file_do_too(tmp_path: Path) -> None:
    said = faults(tmp_path, '[registry]\nregistration = "closed"\nfiles = ["no.csv"]\n')
    assert "city.toml: registry.registration: no choice named 'closed'; there are: open, required" in said
    assert "no.csv: cannot be read" in said
    twice = '[[devices]]\nid = "w-1"\n[[devices]]\nid = "w-1"\nsite = "demo"\n'
    assert "devices.w-1: is declared twice at demo" in faults(tmp_path, twice)
    wrong = '[[devices]]\nid = "w-1"\nkind = "water"\nunits = { volume_m3 = "kWh" }\n'
    assert "devices.w-1.units: 'kWh' is a unit of energy" in faults(tmp_path, wrong)


def test_what_the_city_file_no_longer_declares_is_forgotten_and_on_record(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite")
    one, two = DeviceEntry(id="w-1", kind="water"), DeviceEntry(id="w-2", kind="water")
    registry.declare([one, two], "demo", 1)
    registry.retire("demo", "w-2", "anna", 2)
    registry.declare([one, two], "demo", 3)
    assert [(row.entry.id, row.state) for row in registry.every()] == [
        ("w-1", "approved"),
        ("w-2", "retired"),
    ]
    registry.declare([one], "demo", 4)
    assert [row.entry.id for row in registry.every()] == ["w-1"]
    assert [c.what for c in registry.changes()] == ["declare", "declare", "retire", "forget"]
    registry.close()


def test_an_unchanged_city_file_leaves_no_record(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite")
    for now_ns in (1, 2):
        registry.declare([DeviceEntry(id="w-1", kind="water")], "demo", now_ns)
    assert len(registry.changes()) == 1
    registry.close()


def test_the_broker_lets_registered_devices_in_and_retired_ones_not(tmp_path: Path) -> None:
    text = '[[devices]]\nid = "p-1"\nkind = "power"\n[[devices]]\nid = "p-2"\nkind = "power"\n'
    settings = load(written(tmp_path, "city.toml", CITY + text))
    registry = Registry(beside(tmp_path))
    registry.declare(settings.devices, "demo", 1)
    registry.add([DeviceEntry(id="w-1", site="demo", kind="water")], "anna", 2)
    registry.retire("demo", "p-2", "anna", 3)
    registry.close()
    assert registered(settings, tmp_path) == {("p-1", "power", "demo"), ("w-1", "water", "demo")}
