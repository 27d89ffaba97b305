"""When does a flag become a fault, and when is it over?"""

from __future__ import annotations

from collectors.health.faults import Faults
from collectors.judge.judge import Noted
from collectors.quality import Flag

S = 1_000_000_000


def noted(n: int, flags: int = 0, device: str = "p-1", since_ns: int = 0) -> Noted:
    return Noted("power", "demo", device, n * 60 * S, flags, 0, since_ns)


def story(flags: list[int]) -> list[tuple[int, str, bool]]:
    """At which reading what opened or ended."""
    faults = Faults()
    return [
        (n, change.what, change.open)
        for n, flag in enumerate(flags)
        for change in faults.note(noted(n, flag))[0]
    ]


def test_a_stuck_value_is_a_fault_since_it_stands_and_until_it_moves() -> None:
    faults = Faults()
    ((opened,), follow) = faults.note(noted(50, Flag.STUCK, since_ns=7 * S))
    assert (opened.what, opened.since_ns, opened.open, follow) == ("stuck", 7 * S, True, True)
    assert faults.note(noted(51, Flag.STUCK)) == ([], True)
    ((over,), follow) = faults.note(noted(60))
    assert (over.since_ns, over.until_ns, follow) == (7 * S, 60 * 60 * S, False)


def test_one_implausible_value_is_no_fault_three_are() -> None:
    out = int(Flag.RANGE)
    assert story([out, 0, 0, 0]) == []
    assert story([out, out, out, 0, 0, 0]) == [(2, "range", True), (5, "range", False)]
    assert story([out, out, out, 0, out, 0, 0, 0]) == [(2, "range", True), (7, "range", False)]


def test_a_counter_that_was_set_back_is_told_and_over() -> None:
    assert story([int(Flag.RESET), 0, 0]) == [(0, "reset", False)]


def test_what_says_nothing_of_health_opens_nothing() -> None:
    assert story([int(Flag.LATE | Flag.GAP | Flag.RETAINED)] * 9) == []


def test_a_device_that_is_well_again_is_forgotten() -> None:
    faults = Faults()
    for n in range(3):
        faults.note(noted(n, Flag.RANGE))
    follows = [faults.note(noted(3 + n))[1] for n in range(4)]
    assert follows == [True, True, False, False]


def test_a_fault_of_an_earlier_run_goes_on() -> None:
    before, after = Faults(), Faults()
    for n in range(3):
        found, _ = before.note(noted(n, Flag.RANGE))
    after.take(found[0])
    changes = [change for n in range(3) for change in after.note(noted(10 + n))[0]]
    assert [(c.since_ns, c.open) for c in changes] == [(0 * S, False)]
