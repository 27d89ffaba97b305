"""Is what was thought of a detector kept, and told as people ask: broken since when?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.reading import Reading
from gateway.config.settings import load
from gateway.detectors.history import broken_since, merged, spells, within
from gateway.detectors.judgements import Judgements
from gateway.signals import Signals
from signal_control.health import DetectorHealth
from storage.connect import connect

HOUR = 3_600_000_000_000
SECOND = 1_000_000_000
START = 1_790_000_000 * SECOND
X = load(Path(__file__).resolve().parents[3] / "configs" / "demo.toml").intersections[0]


def health(state: str = "ok", proven: bool = True) -> dict[int, DetectorHealth]:
    return {7: DetectorHealth(7, state, 0.0, "Why." if state != "ok" else "", proven)}  # type: ignore[arg-type]


def said(log: Judgements, found: dict[int, DetectorHealth], at_ns: int) -> list[tuple[object, object]]:
    return [(r.fields["state"], r.fields["changed"]) for r in log.readings("x1", found, at_ns)]


def test_a_change_is_recorded_at_once_and_everything_once_an_hour() -> None:
    log = Judgements("demo")
    assert said(log, health(), START) == [("ok", True)]
    assert said(log, health(), START + HOUR - 1) == []
    assert said(log, health("silent"), START + HOUR - 1) == [("silent", True)]
    assert said(log, health("silent"), START + 2 * HOUR - 1) == [("silent", False)]


def test_nothing_is_said_of_a_detector_that_has_shown_nothing_yet() -> None:
    log = Judgements("demo")
    assert said(log, health(proven=False), START) == []
    assert said(log, health("stuck_on"), START + 1) == [("stuck_on", True)]


def test_a_fault_survives_a_start_of_arterial() -> None:
    rows = [(START, "ok", ""), (START + HOUR, "stuck_on", "It hangs.")]
    again = [(START + 30 * HOUR, "stuck_on", "It hangs.")]
    found = merged([*rows, *again], START + 30 * HOUR)
    assert [s.state for s in found] == ["ok", "stuck_on"]
    assert broken_since(found) == START + HOUR


def test_a_silence_of_the_record_is_told_as_unknown() -> None:
    rows = [(START, "ok", ""), (START + 9 * HOUR, "ok", ""), (START + 10 * HOUR, "ok", "")]
    found = merged(rows, START + 20 * HOUR)
    assert [(s.state, s.since_ns - START) for s in found] == [
        ("ok", 0),
        ("unknown", 0),
        ("ok", 9 * HOUR),
        ("unknown", 10 * HOUR),
    ]
    assert broken_since(found) is None


def test_one_fault_after_another_is_broken_since_the_first() -> None:
    rows = [(START, "ok", ""), (START + HOUR, "chatter", "a"), (START + 2 * HOUR, "silent", "b")]
    found = merged(rows, START + 2 * HOUR)
    assert broken_since(found) == START + HOUR
    assert [s.state for s in within(found, START + 2 * HOUR, START + 3 * HOUR)] == ["silent"]


async def test_what_a_store_has_kept_is_found_again(tmp_path: Path) -> None:
    store = await connect("duckdb", {}, tmp_path)
    log = Judgements("demo")
    readings = [
        *log.readings("x1", health(), START),
        *log.readings("x1", health("silent"), START + HOUR),
    ]
    await store.write(readings, 1)
    found = await spells(store, "x1", 7, START + HOUR)
    assert [(s.state, s.until_ns, s.reason) for s in found] == [
        ("ok", START + HOUR, ""),
        ("silent", None, "Why."),
    ]
    await store.close()


@pytest.mark.parametrize(("pulses", "recorded"), [(2, 0), (4, 1)])
def test_a_running_city_records_what_it_thinks(pulses: int, recorded: int) -> None:
    signals = Signals("demo", [X], "fixed_time")
    channel = X.detectors[0].channel
    found: list[Reading] = []
    for s in range(40):
        now = START + s * SECOND
        if s % 8 == 0 and s // 8 < pulses:
            for tie, code in enumerate((82, 81)):
                event = {"code": code, "param": channel}
                signals.observe(Reading("hires", "demo", X.id, now + tie * SECOND // 2, event, tie=tie))
        state = {"mode": "remote", "greens": 2, "plan": 1, "command": ""}
        rest = dict.fromkeys(("yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls"), 0)
        signals.observe(Reading("signal", "demo", X.id, now, {**state, **rest}))
        found += [r for r in signals.tick(now).readings if r.kind == "detector"]
    assert [(r.device, r.fields["state"]) for r in found] == [(f"x1-{channel}", "ok")] * recorded
