"""Is it known to the tenth of a second what is shown, and who waits since when?"""

from __future__ import annotations

from collections.abc import Callable

from signal_control import events
from signal_control.events import Event
from signal_control.situation import SituationTracker
from signal_control.status import SignalState

SECOND = 1_000_000_000
Make = Callable[..., SignalState]


def tracker() -> SituationTracker:
    return SituationTracker((1, 2, 4, 6, 8))


def test_an_event_dates_a_light_exactly_and_the_report_confirms_it(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns, greens=(4,)))
    seen.observe(Event(now_ns + SECOND // 10, events.PHASE_YELLOW, 4))
    seen.observe_state(make_state(now_ns + SECOND, greens=(), yellows=(4,)))
    light = seen.situation(()).lights[4]
    assert (light.color, light.since_ns) == ("yellow", now_ns + SECOND // 10)
    assert seen.ended_ns[4] == now_ns + SECOND // 10


def test_the_report_is_the_truth_when_events_were_lost(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns))
    seen.observe_state(make_state(now_ns + SECOND, greens=(), yellows=(2, 6)))
    assert seen.situation(()).showing("yellow") == (2, 6)


def test_after_a_silence_no_light_is_believed_to_be_old(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns))
    seen.observe_state(make_state(now_ns + 60 * SECOND))
    assert seen.situation(()).lights[2].since_ns == now_ns + 60 * SECOND


def test_a_wait_begins_with_the_call_and_ends_with_the_green(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns, veh_calls=(4,), ped_calls=(8,)))
    seen.observe_state(make_state(now_ns + SECOND, veh_calls=(2, 4), ped_calls=(8,)))
    assert seen.situation(()).veh_waiting == {4: now_ns}
    assert seen.situation(()).ped_waiting == {8: now_ns}
    seen.observe(Event(now_ns + 2 * SECOND, events.PHASE_GREEN, 4))
    seen.observe(Event(now_ns + 2 * SECOND, events.PED_WALK, 8))
    assert seen.situation(()).veh_waiting == {}
    assert seen.situation(()).ped_waiting == {}


def test_a_dropped_call_waits_no_more(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns, veh_calls=(4,)))
    seen.observe_state(make_state(now_ns + SECOND))
    assert seen.situation(()).veh_waiting == {}


def test_a_report_that_is_repeated_takes_back_what_events_said_meanwhile(
    make_state: Make, now_ns: int
) -> None:
    seen = tracker()
    for second in range(3):
        seen.observe_state(make_state(now_ns + second * SECOND, veh_calls=(8,)))
        seen.observe(Event(now_ns + second * SECOND, events.PHASE_CALL, 4))
        seen.observe(Event(now_ns + second * SECOND, events.PED_CALL, 4))
    seen.observe_state(make_state(now_ns + 3 * SECOND, veh_calls=(8,)))
    assert (seen.situation(()).veh_waiting, seen.situation(()).ped_waiting) == ({8: now_ns}, {})


def test_an_old_report_does_not_turn_back_time(make_state: Make, now_ns: int) -> None:
    seen = tracker()
    seen.observe_state(make_state(now_ns, greens=(4,)))
    seen.observe_state(make_state(now_ns - SECOND, greens=(2, 6)))
    assert seen.situation(()).showing("green") == (4,)


def test_a_cabinet_that_never_spoke_is_offline() -> None:
    assert tracker().situation(()).mode == "offline"
