"""Are brokers configured so that they keep what they confirm, and listen to nobody else?"""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.programs.broker_programs import IN_FLIGHT, BrokerKind, find, free_port, write_config


@pytest.mark.parametrize("kind", ["mosquitto", "nats"])
def test_a_broker_listens_on_this_computer_only_and_keeps_its_data_in_our_folder(
    tmp_path: Path, kind: BrokerKind
) -> None:
    text = write_config(kind, tmp_path, 12_345, 23_456).read_text(encoding="utf-8")
    listening = [line for line in text.splitlines() if line.startswith(("listen", "mqtt"))]
    assert listening
    assert all("127.0.0.1" in line for line in listening)
    assert "12345" in text
    assert str(tmp_path / kind) in text
    assert (tmp_path / kind).is_dir()


def test_mosquitto_started_by_root_stays_root_so_that_it_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user_id, wanted in ((0, True), (1000, False)):
        monkeypatch.setattr("os.geteuid", lambda user_id=user_id: user_id)
        text = write_config("mosquitto", tmp_path, 1, 2).read_text(encoding="utf-8")
        assert ("user root" in text) is wanted
        assert "persistence true" in text


def test_nats_lets_a_client_subscribe_to_enough_topics() -> None:
    """NATS refuses a session whose subscriptions may have more than 65535 messages in flight together."""
    assert 65_535 // IN_FLIGHT >= 16


def test_the_packaged_nats_server_is_found() -> None:
    kind, program = find("nats")
    assert kind == "nats"
    assert program.exists()


def test_a_free_port_is_a_port() -> None:
    assert 1024 <= free_port() <= 65_535
