"""Does the log that arterial writes by looking say what the controller's own log says?"""

from __future__ import annotations

from collections import Counter

import msgspec

from gateway.ntcip.chronicle import Chronicle
from gateway.ntcip.order import RELEASED, Order
from gateway.ntcip.snapshot import Snapshot
from signal_control.model import Intersection
from simulators.ntcip_agent import Quirks
from simulators.ntcip_mib import ASC
from tests.gateway.ntcip.conftest import MS, Field

COMPARED = (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 22, 23, 31, 43, 44, 45, 81, 82)
NOW_NS = 1_790_000_000_000 * MS


async def busy(field: Field, seconds: int) -> None:
    """Traffic that comes and goes on every channel, and a button now and then."""
    for second in range(seconds):
        channel = second * 5 % 8 + 1
        at = field.clock.set_ms + 100
        field.unit.cabinet.detection(channel, at, channel not in field.unit.detectors)
        if second % 37 == 0:
            field.unit.cabinet.press((2, 4, 6, 8)[second % 4], at)
        await field.run(1)


async def test_the_log_is_the_controllers_own_to_a_tenth_of_a_second(field: Field) -> None:
    field.log.clear()
    field.readings.clear()
    await busy(field, 300)
    own = [event for event in field.log if event[1] in COMPARED]
    ours = [event for event in field.seen if event[1] in COMPARED]
    missed = Counter(e[1:] for e in own) - Counter(e[1:] for e in ours)
    assert not Counter(e[1:] for e in ours) - Counter(e[1:] for e in own)
    assert {code for code, _ in missed} <= {3, 45}  # what begins and ends within a tenth of a second
    for happening in {e[1:] for e in own} - missed.keys():
        a = [t for t, *what in own if tuple(what) == happening]
        b = [t for t, *what in ours if tuple(what) == happening]
        assert max(abs(x - y) for x, y in zip(a, b, strict=True)) <= 100, happening


async def test_without_phase_ons_red_clearance_is_timed_here(crossroads: Intersection) -> None:
    field = Field(crossroads, Quirks(hidden=((*ASC, 1, 4, 1, 10),)))
    await field.connect()
    await field.run(120)
    clears = [t for t, code, _ in field.seen if code == 10]
    ends = [t for t, code, _ in field.seen if code == 11]
    assert clears
    assert all(1400 <= b - a <= 1700 for a, b in zip(clears, ends, strict=False))


async def test_without_ring_status_only_our_own_force_offs_are_known(crossroads: Intersection) -> None:
    field = Field(crossroads, Quirks(hidden=((*ASC, 7, 6),)))
    await field.connect()
    await field.run(100)
    assert not {4, 5, 6} & {code for _, code, _ in field.seen}
    await field.keep_serving(12, 4, 8)
    await field.keep_serving(30, 2, 6)
    assert (6, 4) in {event[1:] for event in field.seen}


def chronicle(node: Intersection) -> Chronicle:
    return Chronicle(node, "demo")


def told(node: Intersection, *snapshots: Snapshot, order: Order = RELEASED) -> list[tuple[int, int]]:
    found = chronicle(node)
    readings = [r for s in snapshots for r in found.take(s, order, "local", "")]
    return [(int(r.fields["code"]), int(r.fields["param"])) for r in readings if r.kind == "hires"]


def test_after_a_gap_nothing_is_made_up_but_detectors_are_set_right(crossroads: Intersection) -> None:
    before = Snapshot(NOW_NS, greens=2, phase_ons=2, detectors=0b1)
    after = Snapshot(NOW_NS + 9_000 * MS, greens=8, phase_ons=8, detectors=0b10)
    assert told(crossroads, before, after) == [(82, 1), (81, 1), (82, 2)]


def test_what_is_on_at_the_start_is_said_of_detectors_only(crossroads: Intersection) -> None:
    assert told(crossroads, Snapshot(NOW_NS, greens=2, phase_ons=2, detectors=0b101)) == [(82, 1), (82, 3)]


def test_a_call_of_our_own_is_nobody_waiting(crossroads: Intersection) -> None:
    found, order = chronicle(crossroads), Order(veh_call=0b1000)
    quiet = Snapshot(NOW_NS, greens=2, phase_ons=2, veh_calls=0b1000)
    standing = msgspec.structs.replace(quiet, at_ns=NOW_NS + 100 * MS, detectors=0b1000)
    left = msgspec.structs.replace(quiet, at_ns=NOW_NS + 200 * MS)
    readings = [r for s in (quiet, standing, left) for r in found.take(s, order, "remote", "c1")]
    assert [r.fields["veh_calls"] for r in readings if r.kind == "signal"] == [0, 0b1000]
    assert [tuple(r.fields.values()) for r in readings if r.kind == "hires"] == [(82, 4), (43, 4), (81, 4)]


def test_overlaps_flash_stop_time_and_who_is_in_control_are_logged(crossroads: Intersection) -> None:
    first = Snapshot(NOW_NS, unit_control=6, unit_flash=2, pattern=3)
    second = Snapshot(
        NOW_NS + 100 * MS, unit_control=2, unit_flash=3, pattern=254, overlap_greens=1, short_alarm=0x80
    )
    third = Snapshot(NOW_NS + 200 * MS, unit_control=2, unit_flash=3, pattern=254, overlap_yellows=1)
    assert told(crossroads, first, second, third) == [
        (131, 254),
        (150, 0),
        (155, 2),
        (173, 3),
        (180, 1),
        (61, 1),
        (180, 0),
        (63, 1),
    ]


def test_a_clock_that_is_set_back_is_followed_at_once(crossroads: Intersection) -> None:
    found, back_ns = chronicle(crossroads), NOW_NS - 3_600_000 * MS
    found.take(Snapshot(NOW_NS, detectors=1), RELEASED, "local", "")
    found.take(Snapshot(NOW_NS + 100 * MS, detectors=3), RELEASED, "local", "")
    assert found.take(Snapshot(back_ns, detectors=3), RELEASED, "local", "")[-1].at_ns == back_ns
    later = found.take(Snapshot(back_ns + 100 * MS, detectors=7), RELEASED, "local", "")
    assert [(r.at_ns, r.fields["param"]) for r in later if r.kind == "hires"] == [(back_ns + 50 * MS, 3)]


def test_a_clock_that_hesitates_does_not_turn_the_log_round(crossroads: Intersection) -> None:
    found = chronicle(crossroads)
    readings = []
    for n, tenths in enumerate((0, 2, 1, 3)):
        snapshot = Snapshot(NOW_NS + tenths * 100 * MS, detectors=1 << n)
        readings += found.take(snapshot, RELEASED, "local", "")
    at = [r.at_ns for r in readings if r.kind == "hires"]
    assert at == sorted(at)
