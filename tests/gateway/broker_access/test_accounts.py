"""Does the broker learn exactly who may do what?"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.broker_access.accounts import Known, accounts
from gateway.broker_access.mosquitto import Wish, acl, configuration, dynamic_security
from gateway.broker_access.passwords import completed, listed, password_file, security_fields, told
from gateway.broker_access.registered import registered
from gateway.cli import app
from gateway.config.settings import Settings, load
from gateway.devices.entry import DeviceEntry
from gateway.devices.register import Registry
from tests.shared_data import ROOT

CITY = """
[city]
site = "demo"
[[sources]]
topic = "arterial/{site}/water/{device}"
kind = "water"
devices = ["yard", "w-####"]
[[sources]]
topic = "old/{device}/level"
kind = "waste"
[[sources]]
format = "chirpstack"
kind = "gas"
publisher = "chirpstack"
[[sources]]
format = "sparkplug"
kind = "power"
"""


@pytest.fixture
def city(tmp_path: Path) -> Settings:
    path = tmp_path / "city.toml"
    path.write_text(CITY)
    return load(path)


def test_a_device_may_publish_where_its_name_stands_and_nowhere_else(city: Settings) -> None:
    found = accounts(city, [Known("w-0001", "water"), Known("b-1", "waste")]).of
    assert found["w-0001"].writes == {"arterial/demo/water/w-0001"}
    assert found["b-1"].writes == {"old/b-1/level"}
    assert not found["w-0001"].reads | found["b-1"].reads


def test_devices_listed_one_by_one_need_no_registry_and_patterns_name_nobody(city: Settings) -> None:
    found = accounts(city).of
    assert found["yard"].writes == {"arterial/demo/water/yard"}
    assert "w-####" not in found


def test_a_network_server_speaks_for_its_devices(city: Settings) -> None:
    found = accounts(city, [Known("0101", "gas")]).of
    assert found["chirpstack"].writes == {"application/+/device/+/event/+"}
    assert "0101" not in found


def test_what_nobody_may_publish_is_said(city: Settings) -> None:
    doubts = accounts(city).doubts
    assert any("old/{device}/level" in doubt and "no device of it is known" in doubt for doubt in doubts)
    assert any("sparkplug" in doubt for doubt in doubts)
    assert not any("chirpstack" in doubt for doubt in doubts)


def test_arterial_hears_everything_it_reads_and_commands_its_site(city: Settings) -> None:
    found = accounts(city)
    mine = found.of[found.city]
    assert found.city == "arterial-demo"
    assert {"arterial/demo/#", "old/+/level", "application/+/device/+/event/+"} <= mine.reads
    assert "arterial/demo/#" in mine.writes
    assert any(topic.startswith("spBv1.0/") for topic in mine.writes)  # it asks for rebirths


def test_a_cabinet_reports_and_hears_its_own_commands() -> None:
    found = accounts(load(ROOT / "configs" / "city.toml")).of["main-1st"]
    assert found.reads == {"arterial/mycity/command/main-1st"}
    assert found.writes == {f"arterial/mycity/{what}/main-1st" for what in ("hires", "signal", "reply")}


def test_the_acl_file_says_what_the_accounts_may(city: Settings) -> None:
    text = acl(accounts(city, [Known("w-0001", "water")]))
    block = text.partition("user w-0001\n")[2].partition("\n\n")[0]
    assert block.strip() == "topic write arterial/demo/water/w-0001"
    assert "pattern" not in text


def test_the_plugin_gets_the_same_rights_and_forbids_the_rest(city: Settings) -> None:
    found = accounts(city, [Known("w-0001", "water")])
    content = json.loads(dynamic_security(found, security_fields({"w-0001": "secret"})))
    assert not any(
        content["defaultACLAccess"][what]
        for what in ("publishClientSend", "publishClientReceive", "subscribe")
    )
    role = next(role for role in content["roles"] if role["rolename"] == "w-0001")
    assert [(a["acltype"], a["topic"]) for a in role["acls"]] == [
        ("publishClientSend", "arterial/demo/water/w-0001")
    ]
    client = next(client for client in content["clients"] if client["username"] == "w-0001")
    assert "secret" not in json.dumps(client)
    salt, rounds = base64.b64decode(client["salt"]), client["iterations"]
    assert base64.b64decode(client["password"]) == hashlib.pbkdf2_hmac("sha512", b"secret", salt, rounds, 64)


def test_passwords_stay_what_they_were_and_new_ones_differ(tmp_path: Path) -> None:
    first = completed({}, ["a", "b"])
    assert len(set(first.values())) == 2
    path = tmp_path / "passwords.csv"
    path.write_bytes(listed(first))
    again = completed(told(path), ["a", "b", "c"])
    assert {name: again[name] for name in first} == first
    assert set(again) == {"a", "b", "c"}
    assert all(password not in password_file(again) for password in again.values())


def test_certificates_are_asked_for_on_every_port_for_devices() -> None:
    text = configuration(Wish(Path("/etc/mosquitto/arterial"), password_port=8885))
    listeners = text.split("\nlistener ")[1:]
    assert [block.split()[0] for block in listeners] == ["8883", "8884", "8885"]
    assert all("certfile" in block and "tls_version tlsv1.2" in block for block in listeners)
    assert ["require_certificate true" in block for block in listeners] == [True, True, False]
    assert "127.0.0.1" in listeners[1].splitlines()[0]
    assert "allow_anonymous false" in text
    assert "allow_anonymous true" not in text


def test_the_command_writes_what_a_mosquitto_needs(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    pki, out = str(tmp_path / "pki"), tmp_path / "mosquitto"
    given = ["--config", str(ROOT / "configs" / "demo.toml"), "--pki", pki, "--out", str(out)]
    refused = CliRunner().invoke(app, ["broker", "config", *given])
    assert refused.exit_code == 1
    assert "arterial pki init" in refused.output
    run("pki", "init", "Demo", "--dir", pki)
    run("pki", "server", "127.0.0.1", "--dir", pki)
    told_ = run("broker", "config", *given, "--password-port", "8885")
    assert 'url = "mqtts://127.0.0.1:8884"' in told_
    assert {path.name for path in out.iterdir()} == {
        *("ca.pem", "server.pem", "server.key", "crl.pem"),
        *("mosquitto.conf", "acl", "passwords", "device-passwords.csv"),
    }
    for secret in ("server.key", "passwords", "device-passwords.csv"):
        assert (out / secret).stat().st_mode & 0o077 == 0


def test_the_registry_says_who_may_speak(city: Settings, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite")
    water, anything = DeviceEntry(id="w-7", site="demo", kind="water"), DeviceEntry(id="any", site="demo")
    away = DeviceEntry(id="b-7", site="elsewhere", kind="waste")
    gone = DeviceEntry(id="w-8", site="demo", kind="water")
    registry.add([water, anything, away, gone], "anna", 1)
    registry.retire("demo", "w-8", "anna", 2)
    registry.close()
    declared = city.model_copy(update={"devices": (DeviceEntry(id="w-9", kind="water"), gone)})
    found = accounts(declared, registered(declared, tmp_path)).of
    assert found["w-7"].writes == {"arterial/demo/water/w-7"}
    assert found["w-9"].writes == {"arterial/demo/water/w-9"}
    assert {"arterial/demo/water/any", "old/any/level"} <= found["any"].writes
    assert not {"w-8", "b-7"} & found.keys()  # retired; and of a site that its source does not read


def test_without_a_registry_the_city_file_alone_counts(city: Settings, tmp_path: Path) -> None:
    assert registered(city, tmp_path / "nothing") == set()
    assert not (tmp_path / "nothing").exists()
