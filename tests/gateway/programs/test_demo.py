"""Does the demo start with what was chosen, and never live the same instant twice?"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from gateway.clock import FollowedClock
from gateway.config.settings import SettingsError
from gateway.programs.demo import DemoError, DemoOptions, demo_settings, require_free
from gateway.programs.demo_ntcip import environment
from gateway.programs.demo_street import CityTime, Street, StreetOptions

WALL_MS = 1_800_000_000_000


def street(tmp_path: Path, clock: FollowedClock | None = None) -> Street:
    options = StreetOptions(
        tmp_path / "demo.toml", tmp_path / "street", tmp_path / "log", "mqtt://127.0.0.1:1"
    )
    return Street(options, clock or FollowedClock(), now_ms=lambda: WALL_MS)


def test_a_first_run_starts_now(tmp_path: Path) -> None:
    assert street(tmp_path).start_ms() == WALL_MS


def test_a_second_run_starts_after_all_that_the_first_has_lived(tmp_path: Path) -> None:
    CityTime(tmp_path / "street" / "clock.json").write(WALL_MS + 9_000_000)
    assert street(tmp_path).start_ms() == WALL_MS + 9_001_000


def test_a_note_of_long_ago_does_not_hold_the_city_back(tmp_path: Path) -> None:
    CityTime(tmp_path / "street" / "clock.json").write(WALL_MS - 9_000_000)
    assert street(tmp_path).start_ms() == WALL_MS


def test_a_street_that_starts_again_goes_on_after_what_was_heard(tmp_path: Path) -> None:
    clock = FollowedClock(monotonic_ns=lambda: 0)
    clock.hear(json.dumps({"t": WALL_MS + 60_000, "speed": 10.0}).encode())
    assert street(tmp_path, clock).start_ms() == WALL_MS + 61_000


async def test_stopping_notes_how_late_it_is(tmp_path: Path) -> None:
    clock = FollowedClock(monotonic_ns=lambda: 0)
    clock.hear(json.dumps({"t": WALL_MS + 60_000, "speed": 10.0}).encode())
    await street(tmp_path, clock).stop()
    assert CityTime(tmp_path / "street" / "clock.json").read() == WALL_MS + 60_000


@pytest.mark.parametrize("text", ["", "{", "[]", '{"t": "late"}', "{}"])
def test_an_illegible_note_counts_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(text)
    assert CityTime(path).read() == 0


def test_what_was_chosen_goes_over_the_demo_city(tmp_path: Path) -> None:
    settings = demo_settings(DemoOptions(tmp_path, port=9000, strategy="fixed_time"))
    assert (settings.board.port, settings.control.strategy) == (9000, "fixed_time")
    assert settings.clock.source == "street"


def test_a_city_over_ntcip_has_a_port_and_a_secret_for_every_cabinet(tmp_path: Path) -> None:
    settings = demo_settings(DemoOptions(tmp_path, cabinets="ntcip"))
    told = [settings.cabinets[x.id] for x in settings.intersections]
    ports = [cabinet.settings["port"] for cabinet in told]
    assert {cabinet.protocol for cabinet in told} == {"ntcip"}
    assert len(set(ports)) == len(settings.intersections)
    street = environment(settings)
    assert street["ARTERIAL_NTCIP_PORTS"] == ",".join(map(str, ports))
    assert street["ARTERIAL_NTCIP_COMMUNITY"] == told[0].settings["community"]
    again = demo_settings(DemoOptions(tmp_path, cabinets="ntcip"))
    assert environment(again)["ARTERIAL_NTCIP_COMMUNITY"] != street["ARTERIAL_NTCIP_COMMUNITY"]


def test_a_city_over_mqtt_tells_the_street_nothing(tmp_path: Path) -> None:
    assert environment(demo_settings(DemoOptions(tmp_path))) == {}


def test_an_unknown_cabinet_protocol_is_named_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(
        DemoError, match=r"--cabinets: no cabinet protocol named 'smoke'; there are: mqtt, ntcip"
    ):
        demo_settings(DemoOptions(tmp_path, cabinets="smoke"))


def test_an_unknown_strategy_is_named_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"no strategy named 'max_presure'; there are: .*max_pressure"):
        demo_settings(DemoOptions(tmp_path, strategy="max_presure"))


def test_a_missing_demo_city_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        demo_settings(DemoOptions(tmp_path, config=tmp_path / "nowhere.toml"))


def test_a_port_in_use_is_said_with_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoError, match=rf"port {port} of 127.0.0.1 is taken .* --port"):
            require_free("127.0.0.1", port)
    require_free("127.0.0.1", port)
