"""How is what happens to an alarm said: as a reading, an entry of the trail, an RSMP message, to people?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import msgspec

from collectors.reading import TIE_LIMIT, Reading, Value
from gateway.alarms.alarm import Alarm, Happening
from gateway.alarms.rule import Rule
from gateway.audit.entry import Fact

SPECIALISATION: Final = {"acknowledged": "Acknowledge", "suspended": "Suspend", "resumed": "Resume"}
"""RSMP's aSp; everything else is an Issue."""
VERBS: Final = {
    "raised": "Alarm",
    "cleared": "Over",
    "acknowledged": "Acknowledged",
    "suspended": "Snoozed",
    "resumed": "Alarm, still",
    "reminded": "Reminder",
    "escalated": "Unanswered alarm",
}


def readings(site: str, happened: Iterable[Happening]) -> list[Reading]:
    """What happened, as readings of kind `alarm`."""
    return [
        Reading("alarm", site, h.alarm.subject, h.at_ns, _fields(h), {"rule": h.alarm.rule}, n % TIE_LIMIT)
        for n, h in enumerate(happened)
    ]


def _fields(h: Happening) -> dict[str, Value]:
    alarm = h.alarm
    return {
        "what": h.what,
        "id": alarm.id,
        "title": alarm.title,
        "text": alarm.text,
        "code": alarm.code,
        "category": alarm.category,
        "priority": alarm.priority,
        "level": float(alarm.level),
        "active": alarm.active,
        "acknowledged": alarm.acknowledged,
        "suspended": alarm.suspended(h.at_ns),
        "who": h.who,
        "why": h.why,
    }


def fact(h: Happening) -> Fact:
    """What happened, for the audit trail."""
    alarm = h.alarm
    after = {"id": alarm.id, "priority": alarm.priority, "text": alarm.text}
    return Fact(h.at_ns, h.who, f"alarm {h.what}", alarm.subject, after=after, why=h.why)


def topic(site: str, alarm: Alarm) -> str:
    """Where the state of an alarm is kept (retained) at the broker."""
    return f"arterial/{site}/alarm/{alarm.rule}.{alarm.subject}"


def rsmp(h: Happening) -> bytes:
    """What happened, as RSMP 3.1.2 says alarms (without its transport): one JSON object."""
    alarm = h.alarm
    told = {
        "mType": "rSMsg",
        "type": "Alarm",
        "mId": _message_id(h),
        "cId": alarm.subject,
        "aCId": alarm.code,
        "xACId": alarm.rule,
        "aSp": SPECIALISATION.get(h.what, "Issue"),
        "ack": "Acknowledged" if alarm.acknowledged else "notAcknowledged",
        "aS": "Active" if alarm.active else "inActive",
        "sS": "suspended" if alarm.suspended(h.at_ns) else "notSuspended",
        "aTs": stamp(h.at_ns),
        "cat": alarm.category,
        "pri": str(alarm.priority),
        "rvs": [
            {"n": "id", "v": alarm.id},
            {"n": "title", "v": alarm.title},
            {"n": "text", "v": alarm.text},
            {"n": "raised", "v": stamp(alarm.raised_ns)},
            {"n": "by", "v": h.who},
        ],
    }
    return msgspec.json.encode(told)


def stamp(at_ns: int) -> str:
    """`2026-03-01T07:12:05.250Z`."""
    return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{at_ns // 1_000_000 % 1000:03d}Z"
    )


def _message_id(h: Happening) -> str:
    """A UUID of version 4's form, the same for the same event."""
    digest = bytearray(hashlib.sha256(f"{h.alarm.id}/{h.what}/{h.at_ns}".encode()).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x40, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def headline(h: Happening, city: str) -> str:
    """`Meridian Avenue: Alarm, priority 1: A bin burns (b-005)`."""
    alarm = h.alarm
    urgency = f", priority {alarm.priority}" if alarm.active else ""
    return f"{city}: {VERBS[h.what]}{urgency}: {alarm.title} ({alarm.subject})"


def letter(h: Happening, rule: Rule | None, zone: tzinfo) -> str:
    """What people read: the sentence, since when, and the runbook while it lasts."""
    alarm = h.alarm
    since = datetime.fromtimestamp(alarm.raised_ns / 1e9, zone).strftime("%Y-%m-%d %H:%M:%S %Z")
    lines = [alarm.text, f"Since {since}."]
    if h.why:
        lines.append(h.why)
    if alarm.active and rule is not None:
        lines += ["", f"What it means: {rule.means}", "Check:"]
        lines += [f"- {step}" for step in rule.check]
        lines += [f"Arterial meanwhile: {rule.done}", "", f"arterial alarms ack {alarm.rule}:{alarm.subject}"]
    return "\n".join(lines)


def as_row(alarm: Alarm, rule: Rule | None, now_ns: int) -> dict[str, Any]:
    """An alarm as the board and the commands show it."""
    return {
        "id": alarm.id,
        "rule": alarm.rule,
        "subject": alarm.subject,
        "title": alarm.title,
        "text": alarm.text,
        "code": alarm.code,
        "category": alarm.category,
        "priority": alarm.priority,
        "raised_ms": alarm.raised_ns // 1_000_000,
        "cleared_ms": alarm.cleared_ns // 1_000_000 or None,
        "acknowledged_by": alarm.acknowledged_by,
        "suspended_until_ms": alarm.suspended_until_ns // 1_000_000 if alarm.suspended(now_ns) else None,
        "suspended_why": alarm.suspended_why if alarm.suspended(now_ns) else "",
        "cause": alarm.cause,
        "escalated": alarm.escalated,
        "means": rule.means if rule else "",
        "check": list(rule.check) if rule else [],
        "done": rule.done if rule else "",
    }
