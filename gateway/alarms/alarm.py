"""What is an alarm, and what can happen to it?"""

from __future__ import annotations

from typing import Literal

import msgspec

What = Literal["raised", "cleared", "acknowledged", "suspended", "resumed", "reminded", "escalated"]


class Alarm(msgspec.Struct, frozen=True):
    """One incident, from when it was raised until it is over (`cleared_ns`); times are ns since the epoch.

    `heard_ns` is when people first heard of it (or again, after a silence), `told_ns` when they heard last;
    `cause` is the id of another alarm of which this is a part.
    """

    id: str
    rule: str
    subject: str
    code: str
    title: str
    priority: int
    category: str
    raised_ns: int
    level: float
    text: str
    groups: tuple[str, ...] = ()
    heard_ns: int = 0
    told_ns: int = 0
    escalated: bool = False
    acknowledged_by: str = ""
    acknowledged_ns: int = 0
    suspended_until_ns: int = 0
    suspended_why: str = ""
    cause: str = ""
    cleared_ns: int = 0

    @property
    def active(self) -> bool:
        """Whether it is still so."""
        return not self.cleared_ns

    @property
    def acknowledged(self) -> bool:
        """Whether somebody has said that he cares for it."""
        return bool(self.acknowledged_ns)

    def suspended(self, now_ns: int) -> bool:
        """Whether nobody wants to hear of it now."""
        return now_ns < self.suspended_until_ns

    @property
    def quiet(self) -> bool:
        """Whether people are not to be bothered: it is a part of something that they know of."""
        return bool(self.cause)


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to an alarm, by whom and why; what goes to people, store, trail and MQTT."""

    what: What
    at_ns: int
    alarm: Alarm
    who: str = "arterial"
    why: str = ""
    aloud: bool = True
    """Whether people are told of it."""


class Suspension(msgspec.Struct, frozen=True):
    """Until `until_ns` nobody wants to hear of what these patterns (* is anything) match."""

    rule: str
    subject: str
    until_ns: int
    who: str
    why: str = ""
