"""Is what is said of an alarm what RSMP's schema, the store and people expect?"""

from __future__ import annotations

import json
import re
from zoneinfo import ZoneInfo

import pytest

from gateway.alarms import words
from gateway.alarms.alarm import Alarm, Happening, What
from gateway.alarms.notice import Notice
from gateway.alarms.rule import rules
from tests.scenarios.drill import START_MS
from tests.shared_data import find

CORE = "rsmp-schema/schemas/core/3.1.2"
T0 = START_MS * 1_000_000
WHATS: tuple[What, ...] = (
    "raised",
    "cleared",
    "acknowledged",
    "suspended",
    "resumed",
    "reminded",
    "escalated",
)


def happening(what: What = "raised", name: str = "conflict") -> Happening:
    rule = rules()[name]
    over = T0 + 5_000_000_000 if what == "cleared" else 0
    alarm = Alarm(
        f"{name}:x1:1", name, "x1", rule.code, rule.title, rule.priority, rule.category, T0, 1.0, "It is so.",
        cleared_ns=over,
    )  # fmt: skip
    return Happening(what, T0 + 5_000_000_000, alarm, "anna", "Because.")


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("name", ["conflict", "bin_full", "spillback"])
def test_a_message_keeps_rsmps_schema(what: What, name: str) -> None:
    core = find(CORE)
    issue = json.loads((core / "alarm_issue.json").read_text())
    common = json.loads((core / "alarm.json").read_text())["properties"]
    patterns = json.loads((core / "definitions.json").read_text())
    told = json.loads(words.rsmp(happening(what, name)))
    assert set(issue["required"]) <= told.keys()
    for name, rule in {**common, **issue["properties"]}.items():
        assert told[name] in rule.get("enum", [told[name]]), name
    assert re.fullmatch(patterns["message_id"]["pattern"], told["mId"])
    assert re.fullmatch(patterns["timestamp"]["pattern"], told["aTs"])
    assert re.match(patterns["alarm_code"]["pattern"], told["aCId"])
    assert all(set(one) == {"n", "v"} and isinstance(one["v"], str) for one in told["rvs"])
    assert (told["aS"] == "Active") == (what != "cleared")


def test_people_read_what_it_is_since_when_and_what_to_do() -> None:
    told = words.letter(happening(), rules()["conflict"], ZoneInfo("Europe/Vienna"))
    assert told.startswith("It is so.\nSince 2026-03-01 01:00:00 CET.\nBecause.")
    assert "Send a technician at once" in told
    over = words.letter(happening("cleared"), rules()["conflict"], ZoneInfo("UTC"))
    assert "technician" not in over
    assert (
        words.headline(happening(), "Demo") == "Demo: Alarm, priority 1: A conflict monitor has tripped (x1)"
    )


def test_events_of_one_moment_stay_apart_in_the_store() -> None:
    found = words.readings("demo", [happening(), happening("escalated")])
    assert len({(r.device, r.key_ns) for r in found}) == 2


async def test_apprise_takes_a_notice_and_its_failure_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import apprise.decorators

    from gateway.alarms.delivery import by_apprise

    took: list[tuple[str, str, str]] = []

    @apprise.decorators.notify(on="citydrill", name="drill")  # type: ignore[untyped-decorator]
    def take(body: str, title: str, notify_type: str, *args: object, **more: object) -> bool:
        if "fails" in title:
            raise RuntimeError("secret")
        took.append((title, body, str(notify_type)))
        return True

    assert await by_apprise("citydrill://secret", Notice("failure", "A bin burns", "Bin b-1"))
    assert took[0][:2] == ("A bin burns", "Bin b-1")
    assert not await by_apprise("citydrill://secret", Notice("info", "fails", "x"))
    assert not await by_apprise("nosuch://secret", Notice("info", "x", "x"))
    assert "secret" not in caplog.text
