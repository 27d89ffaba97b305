"""Does a running city leave its record by itself?"""

from __future__ import annotations

from pathlib import Path

from gateway.app import running
from gateway.audit.city_trail import begun, changes
from gateway.audit.trail import entries, verify
from gateway.config.settings import load
from gateway.links.memory_link import MemoryLink

DEMO = Path(__file__).resolve().parents[3] / "configs" / "demo.toml"


async def test_a_switch_at_the_board_is_on_record_with_who_asked(tmp_path: Path) -> None:
    settings = load(DEMO)
    first, *rest = (x.id for x in settings.intersections)
    async with running(settings, MemoryLink(topics=()), tmp_path) as app:
        before = settings.control.strategy
        await app.use("webster", first, "board at 127.0.0.1")
        await app.use("fixed_time", None)
    found = [e.fact for e in entries(tmp_path / "audit")]
    assert [f.what for f in found[:2]] == ["start", "config"]
    switches = [(f.who, f.subject, f.before, f.after) for f in found if f.what == "strategy"]
    assert switches[0] == ("board at 127.0.0.1", first, before, "webster")
    assert switches[1] == ("operator", first, "webster", "fixed_time")
    assert switches[2:] == [("operator", name, before, "fixed_time") for name in rest]
    assert verify(tmp_path / "audit")[1] is None


async def test_changes_are_told_to_boards_once(tmp_path: Path) -> None:
    audit = begun(load(DEMO), tmp_path / "audit")
    audit.changed(5, "anna", "mode", "x1", "adaptive", "shadow", "Asked for by anna.")
    readings = changes(audit, "town")
    assert [r.fields["what"] for r in readings] == ["start", "config", "mode"]
    assert readings[-1].device == "x1"
    assert (readings[-1].fields["before"], readings[-1].fields["after"]) == ("adaptive", "shadow")
    assert "and " in str(readings[1].fields["after"])
    assert "more" in str(readings[1].fields["after"])
    assert changes(audit, "town") == []
