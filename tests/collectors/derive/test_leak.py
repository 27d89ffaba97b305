"""Is a connection that never rests told, and one that rests at night not?"""

from __future__ import annotations

from collections.abc import Iterable

from collectors.batch import Batch
from collectors.derive.leak import Leak, create
from collectors.derived import Use
from collectors.judge.judge import Judge
from collectors.reading import Reading
from tests.collectors.judge.judged import MINUTE_MS, T_MS, said

QUARTER_MS = 900_000
CARRIER = Reading("water", "demo", "w-1", 0, {"volume_m3": 1.0}, received_ns=7)


def use(start_ms: int, span_ms: int, amount: float) -> Use:
    return Use("water", "demo", "w-1", "volume_m3", 0, start_ms, start_ms + span_ms, amount, False, False)


def uses(amounts: Iterable[float], start_ms: int = T_MS, span_ms: int = QUARTER_MS) -> list[Use]:
    return [use(start_ms + n * span_ms, span_ms, amount) for n, amount in enumerate(amounts)]


def told(found: Iterable[Use], leak: Leak | None = None) -> list[tuple[int, float, object]]:
    """Hour of the first day, flow and hours of what is told."""
    leak = leak or create()
    return [
        ((r.at_ns // 10**6 - T_MS) // 3_600_000, r.fields["flow_m3_h"], r.fields["hours"])  # type: ignore[misc]
        for use in found
        for r in leak.follow(CARRIER, [use])
    ]


def test_a_day_without_rest_is_a_leak_of_its_least_hour() -> None:
    amounts = [0.01] * 4 * 23 + [0.001, 0, 0, 0.001] + [0.05] * 8
    assert told(uses(amounts)) == [(24, 0.002, 24), (25, 0.002, 25), (26, 0.002, 26)]


def test_one_hour_of_rest_begins_anew() -> None:
    day = [0.01] * 4 * 23 + [0.0] * 4
    assert told(uses(day * 3)) == []


def test_an_end_is_told_once() -> None:
    found = told(uses([0.01] * 4 * 25 + [0.0] * 12))
    assert [(flow > 0, hours) for _, flow, hours in found] == [(True, 24), (True, 25), (False, 0)]


def test_what_is_not_known_is_no_leak() -> None:
    before, after = uses([0.01] * 4 * 20), uses([0.01] * 4 * 20, T_MS + 22 * 3_600_000)
    assert told([*before, *after]) == []
    assert told(uses([0.3] * 5, span_ms=86_400_000)) == []
    assert told([use for use in uses([0.01] * 4 * 30) if use.from_ms != T_MS + 20 * 3_600_000]) == []


def test_what_is_known_survives_a_restart() -> None:
    found = uses([0.01] * 4 * 25)
    before, after = create(), create()
    assert told(found[:50], before) == []
    after.take(before.kept())
    assert told(found[50:], after) == told(found)
    after.take(b"\xffnonsense")


def test_a_meter_that_leaks_all_day_is_told_by_the_judge() -> None:
    readings = [
        said("water", T_MS + n * 5 * MINUTE_MS, volume_m3=round(500 + n * 0.001, 3)) for n in range(26 * 12)
    ]
    found = Judge().judge(Batch(readings)).derived
    leaks = [r for r in found if r.kind == "leak"]
    assert [r.fields["hours"] for r in leaks] == [24, 25]
    assert abs(float(leaks[0].fields["flow_m3_h"]) - 0.012) < 1e-6
