"""When is an alarm raised, told, reminded of, held back and over?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from gateway.alarms.alarm import Happening
from gateway.alarms.engine import Engine, Kept
from gateway.alarms.quiet import Quiet
from gateway.alarms.rule import Rule, Sighting, from_readings
from gateway.alarms.settings import AlarmSettings, MaintenanceSettings
from tests.scenarios.drill import START_MS

S = 1_000_000_000
T0 = START_MS * 1_000_000


def rule(name: str = "hot", **changes: object) -> Rule:
    usual: dict[str, object] = {
        "name": name,
        "code": "A9999",
        "title": "Too hot",
        "priority": 1,
        "category": "D",
        "raise_at": 60.0,
        "clear_at": 40.0,
        "raise_after_s": 10.0,
        "clear_after_s": 5.0,
        "says": "{subject} has {level:.0f} degrees.",
        "begin": from_readings((), lambda reading: ()),
        "means": "It is hot.",
        "check": ("Is it hot?",),
        "done": "Nothing.",
    }
    return Rule(**(usual | changes))  # type: ignore[arg-type]


class City:
    """An engine and its time."""

    def __init__(
        self,
        *there: Rule,
        wanted: tuple[AlarmSettings, ...] = (),
        windows: tuple[MaintenanceSettings, ...] = (),
        kept: Kept | None = None,
        now_s: float = 0.0,
    ) -> None:
        self.rules = {one.name: one for one in there or (rule(),)}
        self.engine = Engine(self.rules, wanted, Quiet(windows, ZoneInfo("UTC")), kept)
        self.now_s = now_s
        self.happened: list[Happening] = []

    @property
    def now_ns(self) -> int:
        return T0 + round(self.now_s * S)

    def see(
        self, level: float, subject: str = "b-1", name: str = "hot", groups: tuple[str, ...] = ()
    ) -> None:
        self.engine.sight(name, Sighting(subject, level, groups))

    def run(self, seconds: float) -> list[str]:
        """Let time pass; returns what happened meanwhile."""
        before = len(self.happened)
        for _ in range(round(seconds)):
            self.now_s += 1
            self.happened += self.engine.tick(self.now_ns)
        return [h.what for h in self.happened[before:]]


def raised() -> City:
    city = City()
    city.see(70)
    assert city.run(15) == ["raised"]
    return city


def test_it_is_raised_after_its_delay_once() -> None:
    city = City()
    city.see(70)
    assert city.run(10) == []
    assert city.run(30) == ["raised"]
    assert city.engine.alarms()[0].text == "b-1 has 70 degrees."


def test_a_level_that_falls_below_the_bound_meanwhile_begins_anew() -> None:
    city = City()
    city.see(70)
    city.run(8)
    city.see(59)
    city.run(1)
    city.see(70)
    assert city.run(9) == []
    assert city.run(3) == ["raised"]


def test_between_the_bounds_it_stays_and_below_the_lower_it_is_over_after_its_delay() -> None:
    city = raised()
    city.see(50)
    assert city.run(30) == []
    city.see(39)
    assert city.run(4) == []
    city.see(45)
    assert city.run(30) == []
    city.see(39)
    assert city.run(10) == ["cleared"]
    assert city.engine.alarms() == []
    assert [a.active for a in city.engine.history] == [False]


def test_where_low_is_bad_everything_is_the_other_way_round() -> None:
    city = City(rule(raise_at=3.0, clear_at=3.2))
    city.see(3.1)
    assert city.run(20) == []
    city.see(2.9)
    assert city.run(20) == ["raised"]
    city.see(3.1)
    assert city.run(20) == []
    city.see(3.3)
    assert city.run(20) == ["cleared"]


def test_nobody_who_acknowledged_is_reminded_and_all_others_are() -> None:
    city = raised()
    assert city.run(895) == []
    assert city.run(10) == ["escalated"]
    assert city.run(905) == ["reminded"]
    found = city.engine.acknowledge("hot:b-1", "anna", city.now_ns)
    assert [(h.what, h.who) for h in found] == [("acknowledged", "anna")]
    assert city.engine.acknowledge("hot:b-1", "otto", city.now_ns) == []
    assert city.run(4000) == []
    assert city.engine.alarms()[0].acknowledged_by == "anna"


def test_an_alarm_that_is_not_there_cannot_be_acknowledged() -> None:
    with pytest.raises(KeyError, match="no active alarm 'hot:b-2'; there are: hot:b-1:"):
        raised().engine.acknowledge("hot:b-2", "anna", T0)


def test_a_snoozed_alarm_is_silent_until_then_and_told_again_if_it_is_still_so() -> None:
    city = raised()
    city.engine.suspend("hot", "b-1", city.now_ns + 2000 * S, "anna", "", city.now_ns)
    assert city.run(1) == ["suspended"]
    assert city.run(1900) == []
    assert city.run(200) == ["resumed"]
    assert city.happened[-1].aloud


def test_a_snoozed_alarm_that_ends_says_nothing() -> None:
    city = raised()
    city.engine.suspend("hot", "b-1", city.now_ns + 2000 * S, "anna", "", city.now_ns)
    city.run(5)
    city.see(10)
    assert city.run(20) == ["cleared"]
    assert not city.happened[-1].aloud


def test_a_snooze_can_be_ended() -> None:
    city = raised()
    city.engine.suspend("hot", "b-1", city.now_ns + 2000 * S, "anna", "", city.now_ns)
    city.run(5)
    city.engine.suspend("hot", "b-1", city.now_ns, "anna", "", city.now_ns)
    assert city.run(2) == ["resumed"]


def test_what_is_raised_during_maintenance_is_told_when_that_ends() -> None:
    window = MaintenanceSettings.model_validate(
        {"subjects": ["b-*"], "start": "2026-03-01T00:00:00Z", "stop": "2026-03-01T01:00:00Z"}
    )
    city = City(windows=(window,))
    city.see(70)
    assert city.run(3500) == ["raised"]
    assert not city.happened[0].aloud
    assert city.run(150) == ["resumed"]
    assert city.happened[1].aloud


def test_a_weekly_window_follows_the_clock_of_the_city() -> None:
    night = MaintenanceSettings(subjects=("*",), begin="23:00", end="00:30", days=("sat",))
    quiet = Quiet((night,), ZoneInfo("UTC"))  # 2026-03-01 is a Sunday
    assert quiet.at("hot", ("b-1",), T0 + 29 * 60 * S, ()) is not None
    assert quiet.at("hot", ("b-1",), T0 + 31 * 60 * S, ()) is None
    assert quiet.at("hot", ("b-1",), T0 + 23 * 3600 * S, ()) is None


def caused(**changes: object) -> City:
    return City(rule("outage", raise_after_s=5.0), rule("silent", causes=("outage",), **changes))


def test_a_cause_holds_back_what_it_causes() -> None:
    city = caused()
    for n in range(20):
        city.see(70, f"w-{n}", "silent", ("water",))
    city.see(70, "water", "outage")
    city.run(60)
    assert [h.alarm.rule for h in city.happened] == ["outage"]
    city.see(0, "water", "outage")
    for n in range(1, 20):
        city.see(0, f"w-{n}", "silent", ("water",))
    city.run(40)
    assert [(h.what, h.alarm.subject) for h in city.happened[1:]] == [("cleared", "water"), ("raised", "w-0")]


def test_what_was_raised_just_before_its_cause_is_a_part_of_it() -> None:
    city = caused(raise_after_s=1.0)
    city.see(70, "w-1", "silent", ("water",))
    city.run(3)
    city.see(70, "water", "outage")
    city.run(10)
    assert [(h.what, h.alarm.rule, h.aloud) for h in city.happened] == [
        ("raised", "silent", True),
        ("raised", "outage", True),
        ("suspended", "silent", False),
    ]
    assert city.engine.alarms()[1].cause == city.engine.alarms()[0].id
    assert city.run(5000).count("reminded") == 4


def test_a_cause_elsewhere_holds_nothing_back() -> None:
    city = caused()
    city.see(70, "w-1", "silent", ("water",))
    city.see(70, "gas", "outage")
    city.run(20)
    assert {h.alarm.rule for h in city.happened} == {"outage", "silent"}


def test_a_restart_raises_nothing_again_and_misses_no_end() -> None:
    city = raised()
    city.see(70, "b-2")
    city.run(4)
    kept = msgspec.json.decode(msgspec.json.encode(city.engine.kept()), type=Kept)
    later = City(kept=kept, now_s=city.now_s + 2)
    assert later.run(3) == []
    assert later.run(3) == ["raised"]
    assert [a.subject for a in later.engine.alarms()] == ["b-2", "b-1"]
    later.see(10)
    assert later.run(10) == ["cleared"]


def test_an_alarm_whose_rule_is_gone_or_switched_off_is_over() -> None:
    kept = raised().engine.kept()
    for city in (
        City(rule("cold"), kept=kept, now_s=20),
        City(
            kept=kept,
            now_s=20,
            wanted=(AlarmSettings.model_construct(rule="hot", subjects=(), enabled=False),),
        ),
    ):
        assert city.run(2) == ["cleared"]


def test_what_nobody_hears_of_for_a_week_is_given_up() -> None:
    city = raised()
    city.engine.acknowledge("hot:b-1", "anna", city.now_ns)
    city.now_s += 7 * 86_400
    assert city.run(20) == ["cleared"]
    assert "seven days" in city.happened[-1].why


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.alarms.engine.TRACKS", 10)
    city = City()
    for n in range(50):
        city.see(70, f"b-{n}")
    city.run(20)
    assert len(city.engine.alarms()) == 10
    assert city.engine.overflow == 40
