"""What is a service message, and what does each of its versions refer to?"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["Alert", "Update", "Cancel"]
Category = Literal[
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Status = Literal["Actual", "Exercise", "Test"]
Circle = tuple[float, float, float]
"""Latitude, longitude (degrees, WGS 84) and radius in km."""


class FeedSettings(BaseModel):
    """[feed]: the feed of service messages for citizens, at /feed of the board."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Annotated[str, Field(pattern=r"^[^\s,<&]{1,100}$")] = ""
    """Who says it, as only this sender is called, mostly a mail address; empty means arterial.{site}."""
    sender_name: Annotated[str, Field(max_length=200)] = ""
    """The same for people; empty means the city's name."""
    status: Status = "Actual"
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$")] = "en"
    area: Annotated[str, Field(max_length=200)] = ""
    """Where a message counts that names no area; empty means the city's name."""
    url: Annotated[str, Field(pattern=r"^(https?://\S+[^/])?$")] = ""
    """Where citizens reach the board, without /feed; empty: links are relative to the feed."""
    hours: Annotated[float, Field(gt=0, le=8760)] = 24.0
    """A message that names no end expires after so long."""


class Wording(msgspec.Struct, frozen=True):
    """What is said; the same for all versions but those that change it."""

    headline: str
    text: str = ""
    instruction: str = ""
    event: str = "Service message"
    area: str = ""
    circle: Circle | None = None
    category: Category = "Infra"
    urgency: Urgency = "Expected"
    severity: Severity = "Minor"
    certainty: Certainty = "Observed"


class Version(msgspec.Struct, frozen=True):
    """One CAP message: the first is an Alert, later ones are Updates or the Cancel; times in ns."""

    identifier: str
    kind: Kind
    sent_ns: int
    expires_ns: int
    says: Wording
    who: str
    note: str = ""


class Message(msgspec.Struct, frozen=True):
    """A service message with all its versions, the oldest first; `alarm` is the alarm that it came from."""

    number: int
    versions: tuple[Version, ...]
    alarm: str = ""

    @property
    def newest(self) -> Version:
        """What counts."""
        return self.versions[-1]

    def counts(self, now_ns: int) -> bool:
        """Whether it is neither withdrawn nor expired."""
        return self.newest.kind != "Cancel" and now_ns < self.newest.expires_ns


def cap_time(at_ns: int, zone: tzinfo) -> str:
    """`2026-03-01T08:12:05+01:00`: CAP wants an offset and no letters (3.3.2)."""
    text = datetime.fromtimestamp(at_ns // 1_000_000_000, zone).isoformat(timespec="seconds")
    return text.replace("+00:00", "-00:00")
