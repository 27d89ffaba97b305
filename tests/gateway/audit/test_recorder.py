"""Does every change get on record, with who, why and what came of it, and nothing twice?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.audit.city_trail import begun
from gateway.audit.entry import Fact
from gateway.audit.recorder import Recorder, digest_of, opened
from gateway.audit.trail import Trail, entries, verify
from gateway.cabinet import Reply
from gateway.config.settings import Settings, load
from signal_control.decision import Decision
from signal_control.safety import Verdict
from signal_control.status import Command, SignalState
from signal_control.view import Candidate, Proposal, View

SECOND = 1_000_000_000
DEMO = Path(__file__).resolve().parents[3] / "configs" / "demo.toml"


def decision(at_s: int, *serve: int) -> Decision:
    order = Command(
        f"x1-{at_s}", "x1", serve, at_s * SECOND, (at_s + 10) * SECOND, "webster", "More wait there."
    )
    weighed = (Candidate((2, 6), 1.5), Candidate((4, 8), 0.5))
    return Decision(
        at_ns=at_s * SECOND,
        intersection="x1",
        strategy="webster",
        command=order if serve else None,
        proposal=Proposal(serve, "More wait there.", weighed, "veh"),
        verdict=Verdict(serve, "min_green", "why"),
        reason="More wait there.",
        binding="min_green",
        view=seen(at_s),
        mode="adaptive",
    )


def seen(at_s: int) -> View:
    x = load(DEMO).intersections[0]
    return View(at_s * SECOND, x, state(at_s, 2, 6), {}, {}, {}, {}, {})


def state(at_s: float, *greens: int) -> SignalState:
    return SignalState(int(at_s * SECOND), "remote", greens)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return opened(tmp_path / "audit")


def facts(tmp_path: Path) -> list[Fact]:
    return [entry.fact for entry in entries(tmp_path / "audit")]


def test_a_command_is_recorded_with_its_reasons_and_its_outcome(recorder: Recorder, tmp_path: Path) -> None:
    recorder.commanded([decision(10, 2, 6)])
    recorder.shown("x1", state(11, 4, 8))
    recorder.shown("x1", state(14.5, 2, 6))
    recorder.flush()
    first, second = facts(tmp_path)
    assert (first.who, first.what, first.before, first.after) == (
        "strategy webster",
        "command",
        "none",
        "2+6",
    )
    assert first.scores == (("2+6", 1.5), ("4+8", 0.5))
    assert (first.binding, first.unit, first.why) == ("min_green", "veh", "More wait there.")
    assert first.inputs == digest_of(decision(10, 2, 6).inputs)
    assert first.inputs != digest_of(decision(11, 2, 6).inputs)
    assert (second.what, second.after, second.command) == ("shown", "2+6", first.command)
    assert second.why == "Green 4.5 s after the command."


def test_a_renewed_command_is_no_change(recorder: Recorder, tmp_path: Path) -> None:
    for at_s in range(10, 20):
        recorder.commanded([decision(at_s, 2, 6)])
    recorder.flush()
    assert len(facts(tmp_path)) == 1


def test_refused_superseded_and_ended_commands_are_told_apart(recorder: Recorder, tmp_path: Path) -> None:
    recorder.commanded([decision(10, 2, 6)])
    recorder.commanded([decision(12, 4, 8)])
    recorder.replied("x1", Reply(12_500, "x1-12", False, "in flash"))
    recorder.commanded([decision(15)])
    recorder.flush()
    found = [(f.what, f.command, f.why) for f in facts(tmp_path)]
    assert [what for what, _, _ in found] == ["command", "superseded", "command", "refused", "no command"]
    assert found[1][1] == "x1-10"
    assert found[3][1:] == ("x1-12", "in flash")


def test_a_disk_that_takes_nothing_costs_no_entry(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    recorder.commanded([decision(10, 2, 6)])
    with monkeypatch.context() as patch:
        patch.setattr(Trail, "append", full)
        recorder.flush()
        recorder.commanded([decision(20, 4, 8)])
        recorder.flush()
    recorder.flush()
    assert [f.after for f in facts(tmp_path) if f.what == "command"] == ["2+6", "4+8"]


def test_what_does_not_fit_is_counted(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.recorder.HELD", 3)
    for at_s in range(5):
        recorder.changed(at_s, "a", "strategy", "x1", None, at_s, "")
    recorder.flush()
    found = facts(tmp_path)
    assert [f.what for f in found] == ["strategy"] * 3 + ["gap"]
    assert found[-1].after == 2


async def test_what_is_noted_is_soon_on_the_disk(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.recorder.FLUSH_S", 0.01)
    task = asyncio.create_task(recorder.run())
    recorder.commanded([decision(10, 2, 6)])
    async with asyncio.timeout(10):
        while not recorder.head.number:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert len(facts(tmp_path)) == 1


def test_a_trail_cut_short_is_moved_aside_and_that_is_said(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "audit")
    for n in range(3):
        recorder.changed(n, "a", "strategy", "x1", None, n, "")
    recorder.flush()
    path = tmp_path / "audit" / "00000001.jsonl"
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    again = opened(tmp_path / "audit")
    again.flush()
    assert facts(tmp_path)[0].what == "repair"
    assert "entries after 1 are gone" in str(facts(tmp_path)[0].before)
    assert len(list(tmp_path.glob("audit-broken-*"))) == 1
    assert verify(tmp_path / "audit")[1] is None


def _with(settings: Settings, **control: object) -> Settings:
    return settings.model_copy(update={"control": settings.control.model_copy(update=control)})


def test_a_changed_city_file_is_on_record_key_by_key(tmp_path: Path) -> None:
    settings = load(DEMO)
    begun(settings, tmp_path / "audit").flush()
    begun(settings, tmp_path / "audit").flush()
    begun(_with(settings, strategy="webster"), tmp_path / "audit").flush()
    found = [f for f in facts(tmp_path) if f.what == "config"]
    assert len(found) == 2
    assert found[1].before == {"control.strategy": settings.control.strategy}
    assert found[1].after == {"control.strategy": "webster"}
    assert found[0].after[f"intersections.{settings.intersections[0].id}.phases.2.min_green_s"] > 0


def test_no_secret_is_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTERIAL__BROKER__PASSWORD", "geheim-17")
    begun(load(DEMO), tmp_path / "audit").flush()
    assert not any(b"geheim-17" in path.read_bytes() for path in (tmp_path / "audit").rglob("*.json*"))
