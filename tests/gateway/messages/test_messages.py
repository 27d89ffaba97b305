"""Do citizens read what was published, in valid CAP and RSS, and is what is over taken back?"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from gateway import board_client
from gateway.access.door import open_here
from gateway.access.guard import install, rules
from gateway.alarms.settings import AlarmSettings
from gateway.audit.entry import Fact
from gateway.cli import app as arterial
from gateway.messages.cap import NAMESPACE
from gateway.messages.desk import Messages
from gateway.messages.message import FeedSettings, Wording
from gateway.messages.route import add_messages
from tests.gateway.alarms.test_room import AWAY, WELL, Town

CAP = f"{{{NAMESPACE}}}"
ALERT = ("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses")
ALERT += ("code", "note", "references", "incidents", "info")
INFO = ("language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience")
INFO += ("eventCode", "effective", "onset", "expires", "senderName", "headline", "description", "instruction")
INFO += ("web", "contact", "parameter", "resource", "area")
NEEDED = {"identifier", "sender", "sent", "status", "msgType", "scope"}
NEEDED_INFO = {"category", "event", "urgency", "severity", "certainty"}
CHOICES = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"


def desk(tmp_path: Path, town: Town | None = None, **feed: Any) -> tuple[Town, Messages]:
    town = town or Town(tmp_path)
    settings = FeedSettings(**{"sender": "ops@city.example", "url": "https://city.example", **feed})
    return town, Messages("demo", "Demo", "Europe/Vienna", settings, tmp_path, town)


def valid(xml: bytes) -> ElementTree.Element:
    """The message, checked against the rules of CAP 1.2 (3.2): names, order, choices, times, area."""
    alert = ElementTree.fromstring(xml)
    assert alert.tag == f"{CAP}alert"
    _in_order(alert, ALERT, NEEDED)
    info = alert.find(f"{CAP}info")
    assert info is not None
    _in_order(info, INFO, NEEDED_INFO)
    for element in alert.iter():
        name, text = element.tag.removeprefix(CAP), element.text or ""
        if name in CHOICES:
            assert text in CHOICES[name].split(), name
        if name in ("sent", "effective", "expires"):
            assert re.fullmatch(TIME, text), text
        if name in ("identifier", "sender"):
            assert not re.search(r"[\s,<&]", text)
    assert info.findtext(f"{CAP}area/{CAP}areaDesc")
    return alert


def _in_order(parent: ElementTree.Element, names: tuple[str, ...], needed: set[str]) -> None:
    found = [child.tag.removeprefix(CAP) for child in parent]
    assert needed <= set(found)
    places = [names.index(name) for name in found]
    assert places == sorted(places)


def text(alert: ElementTree.Element, path: str) -> str:
    return alert.findtext("/".join(f"{CAP}{part}" for part in path.split("/"))) or ""


def test_a_message_is_valid_cap(tmp_path: Path) -> None:
    _, messages = desk(tmp_path)
    says = Wording(
        "Water off <Mill Lane> & Elm", "From 8 to 12.\x00", "Fill a bucket.", circle=(48.2, 16.37, 0.5)
    )
    message = messages.publish(says, 4, "anna")
    alert = valid(messages.cap(message.newest.identifier) or b"")
    assert text(alert, "sent") == "2026-03-01T01:00:00+01:00"
    assert text(alert, "info/headline") == "Water off <Mill Lane> & Elm"
    assert text(alert, "info/description") == "From 8 to 12."
    assert text(alert, "info/area/circle") == "48.2,16.37 0.5"
    assert text(alert, "info/expires") == "2026-03-01T05:00:00+01:00"


def test_updates_and_the_cancel_refer_to_all_before_them(tmp_path: Path) -> None:
    town, messages = desk(tmp_path)
    number = messages.publish(Wording("Water off"), 4, "anna").number
    town.now_s += 60
    messages.update(number, Wording("Water off until noon"), 8, "anna")
    town.now_s += 60
    last = messages.withdraw(number, "anna", "The pipe is mended.")
    alerts = [valid(messages.cap(v.identifier) or b"") for v in last.versions]
    assert [text(a, "msgType") for a in alerts] == ["Alert", "Update", "Cancel"]
    before = [",".join(text(a, name) for name in ("sender", "identifier", "sent")) for a in alerts]
    assert [text(a, "references") for a in alerts] == ["", before[0], f"{before[0]} {before[1]}"]
    assert text(alerts[2], "note") == "The pipe is mended."
    assert messages.standing() == []
    with pytest.raises(KeyError, match="no message 1 counts now; there are: none"):
        messages.withdraw(number, "anna")


def test_the_feed_holds_what_counts_and_for_a_day_what_is_over(tmp_path: Path) -> None:
    town, messages = desk(tmp_path)
    messages.publish(Wording("One"), 1, "anna")
    messages.publish(Wording("Two"), 100, "anna")

    def titles() -> list[str]:
        channel = ElementTree.fromstring(messages.rss())[0]
        for name in ("title", "link", "description"):
            assert channel.findtext(name)
        assert all(item.findtext("guid") and item.findtext("pubDate") for item in channel.iter("item"))
        return [item.findtext("title") or "" for item in channel.iter("item")]

    assert titles() == ["Two", "One"]
    town.now_s += 2 * 3600
    assert [m.newest.says.headline for m in messages.standing()] == ["Two"]
    assert titles() == ["Two", "One"]
    messages.withdraw(2, "anna")
    assert titles() == ["Over: Two", "One"]
    town.now_s += 2 * 86_400
    assert titles() == []


def test_only_alarms_that_are_public_are_told_and_end_with_the_alarm(tmp_path: Path) -> None:
    public = AlarmSettings(rule="store_away", public=True, public_text="Figures are late.\nWe are at it.")
    town, messages = desk(tmp_path, Town(tmp_path, alarms=(public,)))
    facts: list[Fact] = []
    messages.record(facts.append)
    town.run(65, AWAY._replace(broker_up=False))
    for happening in town.room._untold:
        messages.heard(happening, town.room)
    (message,) = messages.standing()
    assert message.newest.says.headline == "Figures are late."
    assert {h.alarm.rule for h in town.room._untold} == {"store_away", "broker_away"}
    town.room._untold.clear()
    town.run(15, WELL)
    for happening in town.room._untold:
        messages.heard(happening, town.room)
    assert messages.standing() == []
    assert [f.what for f in facts] == ["message Alert", "message Cancel"]


async def test_messages_outlive_a_restart(tmp_path: Path) -> None:
    town, messages = desk(tmp_path)
    messages.publish(Wording("Water off"), 4, "anna")
    task = asyncio.create_task(messages.run())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    _, again = desk(tmp_path, town)
    assert [m.newest.says.headline for m in again.standing()] == ["Water off"]
    assert again.publish(Wording("More"), 4, "anna").number == 2


def test_everybody_reads_and_operators_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, messages = desk(tmp_path)
    app = FastAPI()
    access = open_here()
    install(app, access)
    add_messages(app, messages)
    board = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    monkeypatch.setattr(board_client, "_transport", board._transport)
    roles = {path: rule.role for _, path, rule in rules(app) if rule is not None}
    assert roles["/feed/messages.rss"] is roles["/feed/cap/{identifier}.xml"] is None
    assert roles["/api/messages/{number}/withdraw"] == "operator"

    def said(*words: str) -> str:
        return CliRunner().invoke(arterial, ["messages", *words], env={"COLUMNS": "200"}).output

    assert said("publish", "Water off", "--for", "4h") == "Message 1 is published for 4h.\n"
    assert "Water off" in said("list")
    assert said("update", "1", "Water off until noon").startswith("Message 1 is changed")
    link = ElementTree.fromstring(board.get("/feed/messages.rss").content).findtext("channel/item/link") or ""
    cap = board.get(link.removeprefix("https://city.example"))
    assert cap.headers["content-type"] == "application/cap+xml"
    assert text(valid(cap.content), "msgType") == "Update"
    assert board.get("/feed/cap/none.xml").status_code == 404
    assert said("withdraw", "1", "--why", "Mended.") == "Message 1 is withdrawn.\n"
    assert "there are: none" in said("withdraw", "1")
    access.near = False
    assert board.get("/feed/messages.rss").status_code == 200
    assert board.post("/api/messages", json={"headline": "No"}).status_code in (401, 403)
