"""What survives while the broker is away, and does time keep its pace?"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.city import Outgoing
from simulators.line import Broker
from simulators.outbox import Outbox
from simulators.pace import Pace


def _message(kind: str, number: int = 0, qos: int = 1) -> Outgoing:
    return Outgoing(f"arterial/demo/{kind}/d", str(number).encode(), qos, False)


def _take_all(outbox: Outbox) -> list[tuple[str, int]]:
    found = []
    while outbox:
        _, message = outbox.take()
        found.append((message.topic.split("/")[2], int(message.payload)))
    return found


def test_messages_leave_in_the_order_they_came() -> None:
    outbox = Outbox(10)
    for number, kind in enumerate(["signal", "hires", "water", "hires"]):
        outbox.add(_message(kind, number))
    assert _take_all(outbox) == [("signal", 0), ("hires", 1), ("water", 2), ("hires", 3)]


def test_logs_are_kept_longest_and_drops_are_counted() -> None:
    outbox = Outbox(4)
    for number, kind in enumerate(["signal", "hires", "hires", "water", "hires", "water", "hires", "hires"]):
        outbox.add(_message(kind, number))
    assert _take_all(outbox) == [("hires", 1), ("hires", 2), ("hires", 4), ("hires", 6)]
    assert outbox.dropped == 4


def test_an_undelivered_message_goes_back_to_its_place() -> None:
    outbox = Outbox(4)
    for number in range(3):
        outbox.add(_message("hires", number))
    taken = [outbox.take() for _ in range(2)]
    for number, message in reversed(taken):
        outbox.put_back(number, message)
    assert [number for _, number in _take_all(outbox)] == [0, 1, 2]


def test_only_qos_1_outlives_the_connection() -> None:
    outbox = Outbox(4)
    outbox.add(_message("clock", 0, qos=0))
    outbox.add(_message("hires", 1))
    outbox.forget_fleeting()
    assert _take_all(outbox) == [("hires", 1)]
    with pytest.raises(IndexError):
        outbox.take()


def test_time_never_runs_faster_than_asked() -> None:
    pace, now = Pace(10.0, 0.0), 0.0
    for _ in range(200):
        now += pace.wait_s(0.5, now)
    assert now == pytest.approx(10.0, abs=0.06)
    assert pace.true_speed == pytest.approx(10.0, rel=0.01)


def test_a_slow_machine_is_told_as_it_is_and_does_not_sprint_afterwards() -> None:
    pace, now = Pace(10.0, 0.0), 0.0
    for _ in range(200):
        now += 0.1
        assert pace.wait_s(0.5, now) == 0.0
    assert pace.true_speed == pytest.approx(5.0, rel=0.05)
    begun = now
    for _ in range(100):
        now += pace.wait_s(0.5, now)
    assert now - begun > 4.6


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://host", "mqtt://", "mqtt://h:99999"])
def test_a_wrong_broker_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Broker.parse(url)


def test_a_broker_address_names_host_port_and_user() -> None:
    assert Broker.parse("mqtt://u:p%40@h:1884") == Broker("h", 1884, "u", "p@")
    assert Broker.parse("mqtt://h") == Broker("h", 1883)


def test_devices_are_remembered_whole_or_not_at_all(tmp_path: Path) -> None:
    runner = pytest.importorskip("simulators.runner", reason="SUMO is not installed")
    path = tmp_path / "devices.json"
    assert runner.load_kept(path) == {}
    runner.save_kept(path, {"w-0001": 12.5})
    assert runner.load_kept(path) == {"w-0001": 12.5}
    assert [p.name for p in tmp_path.iterdir()] == ["devices.json"]
    path.write_text('{"w-0001": NaN, "w-0002": -1, "w-0003": "many", "w-0004": 3}')
    assert runner.load_kept(path) == {"w-0004": 3.0}
    path.write_text('{"w-0001": 12.')
    assert runner.load_kept(path) == {}
