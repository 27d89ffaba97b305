"""Who is told what? From what happened, and from [[notify]], a letter for every address."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from gateway.alarms.alarm import Happening
from gateway.alarms.settings import NotifySettings, fits

TOLD: Final = ("raised", "resumed", "reminded", "escalated", "cleared")
"""What people are told of; the rest they have done themselves, or it concerns nobody."""


class Notice(msgspec.Struct, frozen=True):
    """A letter: what kind (failure, warning, success or info, for colours), title and text."""

    kind: str
    title: str
    text: str


class AddressError(Exception):
    """The addresses of a [[notify]] entry are not there; the text says what to set, never an address."""


def addresses(entry: NotifySettings, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The apprise URLs of an entry, one a line or separated by spaces. Raises AddressError."""
    if entry.urls_env:
        text = environment.get(entry.urls_env, "")
        where = f"the variable {entry.urls_env}"
    else:
        where = f"the file {entry.urls_file}"
        try:
            text = Path(entry.urls_file or "").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AddressError(f"notify.{entry.name}: {where} cannot be read: {error}") from None
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = " ".join(lines).split()
    if not found:
        raise AddressError(f"notify.{entry.name}: {where} names nobody; it holds apprise URLs, one a line")
    return found


def concerned(entries: Iterable[NotifySettings], h: Happening) -> list[str]:
    """The names of those who are told of it."""
    return [entry.name for entry in entries if _concerns(entry, h)]


def kind_of(h: Happening) -> str:
    """Which colour a letter gets."""
    if h.what == "cleared":
        return "success"
    return "failure" if h.alarm.priority == 1 else "warning"


def _concerns(entry: NotifySettings, h: Happening) -> bool:
    alarm = h.alarm
    if not h.aloud or h.what not in TOLD or alarm.priority not in entry.priorities:
        return False
    if entry.escalation and not alarm.escalated:
        return False
    if h.what == "escalated" and not entry.escalation:
        return False
    if h.what == "cleared" and not entry.cleared:
        return False
    return fits(entry.rules, (alarm.rule,)) and fits(entry.subjects, (alarm.subject, *alarm.groups))
