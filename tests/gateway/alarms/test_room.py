"""Do alarms of a running city outlive a restart, and reach store, trail, broker and people?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from collectors.plugins import kinds
from collectors.reading import Reading
from gateway.alarms.health import Health, StoreHealth
from gateway.alarms.notice import Notice
from gateway.alarms.room import AlarmRoom
from gateway.alarms.settings import AlarmTables, NotifySettings
from gateway.audit.entry import Fact
from gateway.links.memory_link import MemoryLink
from tests.scenarios.drill import START_MS

S = 1_000_000_000
AWAY = Health(stores=(StoreHealth("main", "down", why="refused"),))
WELL = Health(stores=(StoreHealth("main"),))


class Town:
    """A clock, a link, and whatever a room tells."""

    source, speed, profile_s, age_s = "street", 1.0, None, 0.0

    def __init__(self, var: Path, **tables: Any) -> None:
        self.now_s = 0
        self.link = MemoryLink()
        self.readings: list[Reading] = []
        self.facts: list[Fact] = []
        self.letters: list[tuple[str, Notice]] = []
        self.takes = True
        self.room = AlarmRoom("demo", "Demo", "UTC", AlarmTables(**tables), (), var, self, self._send)

    def now_ns(self) -> int:
        return START_MS * 1_000_000 + self.now_s * S

    def run(self, seconds: int, health: Health) -> None:
        for _ in range(seconds):
            self.now_s += 1
            self.room.tick(self.now_ns(), health)

    async def lives(self, for_s: float = 0.01) -> None:
        """Let the tasks of the room work, then end them as a stop of the program does."""
        async with asyncio.TaskGroup() as group:
            tasks = self.room.start(group, self.link, self._offer, self.facts.append)
            async with asyncio.timeout(10):
                while self.room.waiting or (self.takes and self.room.delivery.outbox()):
                    await asyncio.sleep(0.001)
            await asyncio.sleep(for_s)
            for task in tasks:
                task.cancel()

    def _offer(self, readings: Sequence[Reading]) -> None:
        self.readings += readings

    async def _send(self, url: str, notice: Notice) -> bool:
        if self.takes:
            self.letters.append((url, notice))
        return self.takes


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.alarms.delivery.GATHER_S", 0.0)
    monkeypatch.setattr("gateway.alarms.delivery.FIRST_S", 0.001)
    monkeypatch.setenv("CITY_MAILS", "mailto://secret@example.org json://b")


async def test_what_happens_is_a_reading_on_the_trail_and_at_the_broker(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.run(65, AWAY)
    await town.lives()
    (reading,) = town.readings
    assert (reading.kind, reading.device, reading.tags) == ("alarm", "main", {"rule": "store_away"})
    assert reading.fields["what"] == "raised"
    declared = kinds()["alarm"].fields
    assert {
        name: declared[name].check(name, value) for name, value in reading.fields.items()
    } == reading.fields
    assert [(f.what, f.subject, f.who) for f in town.facts] == [("alarm raised", "main", "arterial")]
    sent = town.link.sent[-1]
    assert (sent.topic, sent.retain) == ("arterial/demo/alarm/store_away.main", True)
    told = json.loads(sent.payload)
    assert (told["aS"], told["ack"], told["pri"], told["xACId"]) == (
        "Active",
        "notAcknowledged",
        "1",
        "store_away",
    )


async def test_an_alarm_that_is_over_is_taken_from_the_broker(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.run(65, AWAY)
    await town.lives()
    town.run(15, WELL)
    town.link.sent.clear()
    await town.lives()
    over, gone = town.link.sent
    assert (json.loads(over.payload)["aS"], over.retain) == ("inActive", False)
    assert (gone.payload, gone.retain, gone.topic) == (b"", True, over.topic)


async def test_a_broker_that_is_away_gets_the_state_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.alarms.room.PUBLISH_AGAIN_S", 0.01)
    town = Town(tmp_path)
    town.link.disconnect()
    town.run(65, AWAY)
    async with asyncio.TaskGroup() as group:
        tasks = town.room.start(group, town.link, town._offer)
        await asyncio.sleep(0.05)
        assert town.link.sent == []
        town.link.reconnect()
        async with asyncio.timeout(10):
            while town.room.waiting:
                await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
    assert {m.topic for m in town.link.sent} == {"arterial/demo/alarm/store_away.main"}


async def test_a_state_at_the_broker_that_is_no_longer_so_is_taken_away(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.room.heard("bin_full.b-7", b"{}")
    town.room.heard("bin_full.b-8", b"")
    await town.lives()
    assert [(m.topic, m.payload, m.retain) for m in town.link.sent] == [
        ("arterial/demo/alarm/bin_full.b-7", b"", True)
    ]


async def test_a_restart_raises_nothing_twice_and_misses_no_end(tmp_path: Path) -> None:
    before = Town(tmp_path)
    before.run(65, AWAY)
    before.room.acknowledge("store_away:main", "anna")
    await before.lives()
    after = Town(tmp_path)
    after.now_s = 200
    after.run(5, AWAY)
    assert [row["acknowledged_by"] for row in after.room.view()["active"]] == ["anna"]
    after.run(15, WELL)
    await after.lives()
    assert [r.fields["what"] for r in after.readings] == ["cleared"]
    assert [row["rule"] for row in after.room.history()] == ["store_away"]


async def test_a_state_that_cannot_be_read_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "alarms").mkdir()
    (tmp_path / "alarms" / "state.json").write_text('{"kept": 7}')
    town = Town(tmp_path)
    assert town.room.view()["active"] == []
    (aside,) = (tmp_path / "alarms").glob("state.json-broken-*")
    assert aside.read_text() == '{"kept": 7}'


OPS = NotifySettings(name="ops", urls_env="CITY_MAILS")
CHIEF = NotifySettings(name="chief", urls_env="CITY_MAILS", escalation=True)


async def test_people_are_told_with_the_runbook_and_again_when_it_is_over(tmp_path: Path) -> None:
    town = Town(tmp_path, notify=(OPS,))
    town.run(65, AWAY)
    await town.lives()
    assert [url for url, _ in town.letters] == ["mailto://secret@example.org", "json://b"]
    letter = town.letters[0][1]
    assert letter.title == "Demo: Alarm, priority 1: A store is away (main)"
    assert "What it means" in letter.text
    assert "arterial alarms ack store_away:main" in letter.text
    town.run(15, WELL)
    await town.lives()
    assert town.letters[-1][1].title.startswith("Demo: Over: A store is away")


async def test_letters_wait_for_a_mail_server_even_over_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town = Town(tmp_path, notify=(OPS,))
    town.takes = False
    town.run(65, AWAY)
    await town.lives()
    assert town.letters == []
    assert "secret" not in caplog.text
    again = Town(tmp_path, notify=(OPS,))
    again.now_s = 100
    await again.lives()
    assert [letter.title for _, letter in again.letters] == [
        "Demo: Alarm, priority 1: A store is away (main)"
    ] * 2
    assert "secret" not in (tmp_path / "alarms" / "state.json").read_text()


async def test_a_storm_is_one_letter(tmp_path: Path) -> None:
    town = Town(tmp_path, notify=(OPS,))
    many = Health(stores=tuple(StoreHealth(f"s{n}", "down") for n in range(30)))
    town.run(65, many)
    await town.lives()
    letter = town.letters[0][1]
    assert len(town.letters) == 2
    assert letter.title.endswith("and 29 more")
    assert "and 10 more" in letter.text


async def test_the_chief_hears_only_of_what_nobody_cared_for(tmp_path: Path) -> None:
    town = Town(tmp_path, notify=(CHIEF,))
    town.run(65, AWAY)
    await town.lives()
    assert town.letters == []
    town.run(900, AWAY)
    await town.lives()
    assert {letter.title for _, letter in town.letters} == {
        "Demo: Unanswered alarm, priority 1: A store is away (main)"
    }


async def test_addresses_that_are_not_there_are_said_and_the_city_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town = Town(tmp_path, notify=(NotifySettings(name="ops", urls_env="NO_SUCH_VARIABLE"),))
    town.run(65, AWAY)
    await town.lives()
    assert "notify.ops: the variable NO_SUCH_VARIABLE names nobody" in caplog.text
    assert len(town.readings) == 1


async def test_a_test_says_which_address_took_it(tmp_path: Path) -> None:
    town = Town(tmp_path, notify=(OPS,))
    assert await town.room.test("anna") == {"ops/1": True, "ops/2": True}
    town.takes = False
    assert await town.room.test("anna") == {"ops/1": False, "ops/2": False}
