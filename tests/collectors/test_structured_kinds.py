"""Are event logs, signal states and lane counts read whole or refused whole?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.plugins import kinds
from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason

Look = Callable[[Callable[[], object]], BadPayload]

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000


def read(kind: str, record: dict[str, Any]) -> list[Reading]:
    return kinds()[kind].readings(record, "demo", "x1", NOW_NS)


def state(**changes: Any) -> dict[str, Any]:
    whole = {**kinds()["signal"].example, **changes}
    return {name: value for name, value in whole.items() if value is not ...}


def test_events_that_share_an_instant_stay_apart_and_in_order() -> None:
    found = read("hires", {"seq": TIE_LIMIT - 1, "events": [[T, 82, 5], [T, 81, 5], [T + 100, 503, 395]]})
    assert [(r.at_ns, r.tie, r.fields) for r in found] == [
        (T * 1_000_000, TIE_LIMIT - 1, {"code": 82, "param": 5}),
        (T * 1_000_000, 0, {"code": 81, "param": 5}),
        ((T + 100) * 1_000_000, 1, {"code": 503, "param": 395}),
    ]
    assert {(r.kind, r.site, r.device, r.received_ns) for r in found} == {("hires", "demo", "x1", NOW_NS)}


@pytest.mark.parametrize(
    ("changes", "reason", "names"),
    [
        ({"seq": -1}, Reason.OUT_OF_RANGE, "seq: -1"),
        ({"seq": None}, Reason.WRONG_SHAPE, "seq: missing"),
        ({"seq": True}, Reason.WRONG_SHAPE, "seq: True"),
        ({"events": None}, Reason.WRONG_SHAPE, "events: missing"),
        ({"events": {}}, Reason.WRONG_SHAPE, "events: an object of 0"),
        ({"events": [[T, 1, 2], [T, 1]]}, Reason.WRONG_SHAPE, "events[1]: a list of 2"),
        ({"events": [[T, 1, 2], "x"]}, Reason.WRONG_SHAPE, "events[1]: 'x'"),
        ({"events": [[T, 1, 2], [T, 65_536, 2]]}, Reason.OUT_OF_RANGE, "events[1][1]: 65536"),
        ({"events": [[T, 1, -40_000]]}, Reason.OUT_OF_RANGE, "events[0][2]: -40000"),
        ({"events": [[T, 1, "2"]]}, Reason.WRONG_SHAPE, "events[0][2]: '2'"),
        ({"events": [[T + 0.5, 1, 2]]}, Reason.BAD_TIME, "events[0][0]: 1754000000000.5"),
        ({"events": [[T, 1, 2], [7, 1, 2]]}, Reason.BAD_TIME, "events[1][0]: 7"),
        ({"events": [["2025-08-01T00:00:00Z", 1, 2]]}, Reason.BAD_TIME, "events[0][0]: "),
    ],
)
def test_one_bad_event_refuses_the_message_and_is_named(
    changes: dict[str, Any], reason: Reason, names: str, refused: Look
) -> None:
    refusal = refused(lambda: read("hires", {"seq": 1, "events": [[T, 1, 2]], **changes}))
    assert refusal.reason is reason
    assert refusal.detail.startswith(names)


def test_phase_sets_become_bit_masks() -> None:
    (found,) = read("signal", state(greens=[2, 6], walks=[6], veh_calls=[16, 1, 1], ped_calls=...))
    assert found.fields["greens"] == 0b100010
    assert found.fields["walks"] == 0b100000
    assert found.fields["veh_calls"] == 0x8001
    assert found.fields["ped_calls"] == 0
    assert (found.fields["mode"], found.fields["plan"], found.fields["command"]) == ("remote", 1, "x1-17")


@pytest.mark.parametrize(
    ("changes", "reason", "names"),
    [
        ({"greens": [0]}, Reason.OUT_OF_RANGE, "greens[0]: 0"),
        ({"greens": [2, 17]}, Reason.OUT_OF_RANGE, "greens[1]: 17"),
        ({"greens": "2,6"}, Reason.WRONG_SHAPE, "greens: '2,6'"),
        ({"greens": 34}, Reason.WRONG_SHAPE, "greens: 34"),
        ({"yellows": [True]}, Reason.WRONG_SHAPE, "yellows[0]: True"),
        ({"red_clears": ...}, Reason.WRONG_SHAPE, "red_clears: missing"),
        ({"mode": "blink"}, Reason.OUT_OF_RANGE, "mode: 'blink'"),
        ({"mode": ...}, Reason.WRONG_SHAPE, "mode: missing"),
        ({"plan": -1}, Reason.OUT_OF_RANGE, "plan: -1"),
        ({"t": ...}, Reason.BAD_TIME, "t: missing"),
    ],
)
def test_a_light_that_is_not_reported_is_not_taken_for_dark(
    changes: dict[str, Any], reason: Reason, names: str, refused: Look
) -> None:
    refusal = refused(lambda: read("signal", state(**changes)))
    assert refusal.reason is reason
    assert refusal.detail.startswith(names)


def test_each_lane_gets_its_own_reading() -> None:
    found = read("truth", {"t": T, "lanes": {"x1_eb_0": 5, "x1_eb_1": 0}})
    assert [(r.device, r.fields, r.tags) for r in found] == [
        ("x1_eb_0", {"queue_veh": 5}, {"intersection": "x1"}),
        ("x1_eb_1", {"queue_veh": 0}, {"intersection": "x1"}),
    ]


@pytest.mark.parametrize(
    ("lanes", "reason", "names"),
    [
        (None, Reason.WRONG_SHAPE, "lanes: missing"),
        ([5], Reason.WRONG_SHAPE, "lanes: a list of 1"),
        ({"a": -1}, Reason.OUT_OF_RANGE, "lanes.a: -1"),
        ({"a": 1.5}, Reason.WRONG_SHAPE, "lanes.a: 1.5"),
        ({"a b": 1}, Reason.UNKNOWN_DEVICE, "lanes: 'a b'"),
        ({"": 1}, Reason.UNKNOWN_DEVICE, "lanes: ''"),
    ],
)
def test_one_bad_lane_refuses_them_all(lanes: object, reason: Reason, names: str, refused: Look) -> None:
    refusal = refused(lambda: read("truth", {"t": T, "lanes": lanes}))
    assert refusal.reason is reason
    assert refusal.detail.startswith(names)
