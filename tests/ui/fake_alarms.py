"""Which alarms would the board see? A few made-up ones, that can be acknowledged and snoozed."""

from __future__ import annotations

from typing import Any

from gateway.alarms.rule import rules

BAD = (
    ("conflict", "x3", 240, "The monitor of x3 saw lights that must not be together, and made it flash."),
    ("bin_burning", "b-017", 900, "Bin b-017 is on fire or about to be. It has 83 °C."),
    ("pipeline_lag", "archive", 4000, "Store archive is 318 s behind."),
    (
        "detector_failed",
        "x2-21",
        7000,
        "Detector x2-21 cannot be believed. It is dead: 7 vehicles passed \u202e<b>.",
    ),
    ("battery_low", "w-0042", 90_000, "The battery of w-0042 has 2.87 V left."),
)


class FakeAlarms:
    """A few alarms in trouble, none otherwise; what was asked for is in `asked`."""

    def __init__(self, state: str) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._acked = {"pipeline_lag:archive": "anna (password)"}
        self._snoozed: dict[str, float] = {"battery_low:w-0042": 86_400.0}
        self._bad = BAD if state == "trouble" else ()
        self.now_ms = 0

    def at(self, now_ms: int) -> dict[str, Any]:
        self.now_ms = now_ms
        return self.view()

    def view(self) -> dict[str, Any]:
        return {"active": [self._row(*one) for one in self._bad], "overflow": 0}

    def history(self) -> list[dict[str, Any]]:
        return [self._row(*one) | {"cleared_ms": self.now_ms - 60_000 * n} for n, one in enumerate(BAD)]

    def acknowledge(self, id: str, who: str) -> None:
        self.asked.append(("ack", id))
        self._acked[id.rpartition(":")[0]] = who

    def suspend(self, rule: str, subject: str, seconds: float, who: str, why: str) -> None:
        self.asked.append(("snooze", rule, subject, seconds))
        self._snoozed[f"{rule}:{subject}"] = seconds

    async def test(self, who: str) -> dict[str, bool]:
        return {}

    def _row(self, name: str, subject: str, age_s: int, text: str) -> dict[str, Any]:
        rule, key = rules()[name], f"{name}:{subject}"
        snoozed = self._snoozed.get(key)
        return {
            "id": f"{key}:1",
            "rule": name,
            "subject": subject,
            "title": rule.title,
            "text": text,
            "code": rule.code,
            "category": rule.category,
            "priority": rule.priority,
            "raised_ms": self.now_ms - 1000 * age_s,
            "cleared_ms": None,
            "acknowledged_by": self._acked.get(key, ""),
            "suspended_until_ms": self.now_ms + int(snoozed * 1000) if snoozed else None,
            "suspended_why": "",
            "cause": "",
            "escalated": name == "bin_burning",
            "means": rule.means,
            "check": list(rule.check),
            "done": rule.done,
        }
