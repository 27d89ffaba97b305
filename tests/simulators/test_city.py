"""Does a city without any I/O say what the contract says, and pass commands on?"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.city import City, Outgoing
from simulators.fleet import fleets
from simulators.lights import Detection, Lights, Press, StreetStep

Build = Callable[..., Intersection]


class PaperStreet:
    """A street without traffic: what happens on it is written down in advance."""

    def __init__(self, start_ms: int, *happenings: Detection | Press) -> None:
        self.now_ms = start_ms
        self.shown: dict[str, list[Lights]] = {}
        self._happenings = happenings

    def step(self) -> StreetStep:
        before, self.now_ms = self.now_ms, self.now_ms + 500
        now = [h for h in self._happenings if before < h.t_ms <= self.now_ms]
        seen = [h for h in now if isinstance(h, Detection)]
        return StreetStep(self.now_ms, seen, [h for h in now if isinstance(h, Press)])

    def show(self, intersection_id: str, lights: Lights) -> None:
        self.shown.setdefault(intersection_id, []).append(lights)

    def truth(self) -> dict[str, dict[str, int]]:
        return {"x1": {"x1_eb_1": 3}}

    def summary(self) -> dict[str, Any]:
        return {"t": self.now_ms, "profile_s": 25_320, "vehicles": 12, "delay_s": None}


def _city(node: Intersection, street: PaperStreet, *, twin: bool = False) -> City:
    start = street.now_ms
    found = fleets({"meters": 30, "bins": 12}, 1, start)
    return City(street, {node.id: Cabinet(node, start)}, found, "demo", twin=twin)


def _run(city: City, seconds: float) -> list[Outgoing]:
    return [message for _ in range(round(seconds * 2)) for message in city.step()]


def _of(messages: list[Outgoing], topic: str) -> list[dict[str, Any]]:
    return [json.loads(m.payload) for m in messages if m.topic.startswith(f"arterial/demo/{topic}")]


def test_every_topic_of_the_contract_is_told_at_its_pace(crossroads: Build, start_ms: int) -> None:
    messages = _run(_city(crossroads(), PaperStreet(start_ms)), 120)
    # one at once, then one a second
    assert len(_of(messages, "clock/street")) == len(_of(messages, "street/main")) == 121
    assert len(_of(messages, "truth/x1")) == 121
    assert len(_of(messages, "water/")) == len(_of(messages, "power/")) == len(_of(messages, "gas/")) == 20
    assert len(_of(messages, "waste/")) == 12
    assert len(_of(messages, "signal/x1")) >= 120
    assert {m.qos for m in messages if m.topic.split("/")[2] in ("clock", "street", "truth")} == {0}
    assert {m.topic.split("/")[2] for m in messages if m.retain} == {"signal"}
    assert {m.qos for m in messages if m.topic.split("/")[2] in ("hires", "signal", "water")} == {1}


def test_events_are_numbered_without_a_gap(crossroads: Build, start_ms: int) -> None:
    logs = _of(_run(_city(crossroads(), PaperStreet(start_ms)), 300), "hires/x1")
    expected = 0
    for log in logs:
        assert log["seq"] == expected
        expected += len(log["events"])
    times = [event[0] for log in logs for event in log["events"]]
    assert times == sorted(times)
    assert all(t % 100 == 0 for t in times)


def test_lights_reach_the_street_when_they_change(crossroads: Build, start_ms: int) -> None:
    street = PaperStreet(start_ms)
    _run(_city(crossroads(), street), 100)
    shown = street.shown["x1"]
    assert Lights(greens=(2, 6)) in shown
    assert all(a != b for a, b in pairwise(shown[1:]))


def test_detections_and_presses_reach_their_cabinet(crossroads: Build, start_ms: int) -> None:
    happenings = (
        Detection("x1", 4, start_ms + 1200, True),
        Detection("x9", 4, start_ms + 1200, True),
        Press("x1", 4, start_ms + 1300),
    )
    messages = _run(_city(crossroads(), PaperStreet(start_ms, *happenings)), 2)
    events = [event for log in _of(messages, "hires/x1") for event in log["events"]]
    assert [start_ms + 1200, 82, 4] in events
    assert [start_ms + 1300, 45, 4] in events
    assert _of(messages, "signal/x1")[-1]["veh_calls"] == [4]
    assert _of(messages, "signal/x1")[-1]["ped_calls"] == [4]


def test_a_command_is_answered_and_obeyed(crossroads: Build, start_ms: int) -> None:
    city = _city(crossroads(), PaperStreet(start_ms))
    _run(city, 100)
    order = {"id": "x1-17", "serve": [4, 8], "t": city.now_ms, "expires": city.now_ms + 60_000}
    city.receive("arterial/demo/command/x1", json.dumps(order).encode())
    messages = _run(city, 40)
    assert _of(messages, "reply/x1") == [
        {"t": order["t"], "id": "x1-17", "accepted": True, "reason": ""},
    ]
    last = _of(messages, "signal/x1")[-1]
    assert (last["mode"], last["greens"], last["command"]) == ("remote", [4, 8], "x1-17")


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"null", b"[1]", b'{"id":NaN}', b"\xff\xfe", b"[" * 50_000, b"1" * 100_000]
)
def test_a_senseless_command_is_refused(crossroads: Build, start_ms: int, payload: bytes) -> None:
    city = _city(crossroads(), PaperStreet(start_ms))
    city.receive("arterial/demo/command/x1", payload)
    replies = _of(_run(city, 0.5), "reply/x1")
    assert [reply["accepted"] for reply in replies] == [False]


def test_commands_of_others_are_not_answered(crossroads: Build, start_ms: int) -> None:
    city = _city(crossroads(), PaperStreet(start_ms))
    for topic in ("arterial/demo/command/x9", "arterial/other/command/x1", "arterial/demo/signal/x1", ""):
        city.receive(topic, b"{}")
    assert not _of(_run(city, 1), "reply/")


def test_a_twin_obeys_nobody_and_tells_only_its_street(crossroads: Build, start_ms: int) -> None:
    city = _city(crossroads(), PaperStreet(start_ms), twin=True)
    order = {"id": "x1-17", "serve": [4, 8], "t": start_ms, "expires": start_ms + 60_000}
    city.receive("arterial/demo/command/x1", json.dumps(order).encode())
    messages = _run(city, 100)
    assert {message.topic for message in messages} == {"arterial/demo/street/twin"}
    assert len(messages) == 101
