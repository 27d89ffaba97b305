"""What is a device whose format needs no memory? A name, and a way to put one report into messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from simulators.fleet import Report
from simulators.foreign import Wire

Saying = Callable[[str, Report], list[Wire]]
"""(id, report) -> messages."""


class PlainSpeaker:
    """Says each report by itself, and hears nothing."""

    def __init__(self, name: str, saying: Saying) -> None:
        self._name, self._saying = name, saying

    @property
    def id(self) -> str:
        """As its readings will be called."""
        return self._name

    def say(self, report: Report) -> list[Wire]:
        """The report in messages."""
        return self._saying(self._name, report)

    def hear(self, topic: str, payload: bytes) -> None:
        """Nothing."""


def number(report: Report, name: str) -> float:
    """A number of a report."""
    value = report[name]
    assert isinstance(value, int | float)
    return float(value)


def rfc3339(report: Report) -> str:
    """The time of a report as text, in milliseconds and UTC."""
    t = round(number(report, "t"))
    at = datetime.fromtimestamp(t // 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{t % 1000:03}Z"
