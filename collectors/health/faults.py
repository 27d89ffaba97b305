"""Which devices are broken, going by the flags of what they say, since when and until when?

One strange value is no fault. A fault opens after some flagged readings, and ends after some clean ones; how
many depends on the flag. A counter that was set back is a fault that is over at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from collectors.health.finding import Finding, Severity, What
from collectors.judge.judge import Noted
from collectors.quality import Flag

DEVICES: Final = 20_000
"""Devices with a fault, or on their way to one, that are followed; more are not."""


class _Rule(NamedTuple):
    flag: int
    what: What
    opens: int
    """So many flagged readings, clean ones counted off, open it."""
    closes: int
    """So many clean ones in a row end it."""
    severity: Severity
    why: str


_RULES: Final = (
    _Rule(int(Flag.STUCK), "stuck", 1, 1, "warning", "a value that should live does not move"),
    _Rule(int(Flag.RANGE), "range", 3, 3, "warning", "its values are implausible"),
    _Rule(int(Flag.RATE), "rate", 5, 10, "warning", "its values jump"),
    _Rule(int(Flag.CLOCK), "clock", 3, 3, "warning", "its clock is ahead of ours by a minute or more"),
    _Rule(int(Flag.RESET), "reset", 1, 1, "info", "its counter was set back, or exchanged"),
)


class _Course(msgspec.Struct):
    """How one fault of one device goes."""

    bad: int = 0
    clean: int = 0
    since_ns: int = 0
    finding: Finding | None = None


class Faults:
    """The faults of all devices. `note` readings in the order of their judgement."""

    def __init__(self) -> None:
        self._courses: dict[tuple[str, str, str], dict[What, _Course]] = {}

    def note(self, noted: Noted) -> tuple[list[Finding], bool]:
        """What opened or ended with this reading; and whether its device is to be followed further."""
        key = (noted.site, noted.device, noted.kind)
        courses = self._courses.get(key)
        if courses is None:
            if len(self._courses) >= DEVICES:
                return [], False
            courses = self._courses[key] = {}
        found = [change for rule in _RULES for change in _step(rule, courses, noted)]
        for what in [what for what, course in courses.items() if not course.bad and course.finding is None]:
            del courses[what]
        if not courses:
            del self._courses[key]
        return found, bool(courses)

    def take(self, finding: Finding) -> None:
        """Go on with a fault of an earlier run."""
        key = (finding.site, finding.subject, finding.kind)
        course = _Course(1, 0, finding.since_ns, finding)
        self._courses.setdefault(key, {})[finding.what] = course


def _step(rule: _Rule, courses: dict[What, _Course], noted: Noted) -> list[Finding]:
    course = courses.get(rule.what)
    if noted.flags & rule.flag:
        if course is None:
            course = courses[rule.what] = _Course(since_ns=noted.since_ns or noted.at_ns)
        return _worse(rule, course, noted)
    if course is None:
        return []
    course.clean += 1
    if course.finding is None:
        course.bad -= 1
        return []
    if course.clean < rule.closes:
        return []
    over = replace(course.finding, until_ns=max(noted.at_ns, course.finding.since_ns + 1))
    course.bad, course.finding = 0, None
    return [over]


def _worse(rule: _Rule, course: _Course, noted: Noted) -> list[Finding]:
    course.bad, course.clean = course.bad + 1, 0
    if course.finding is not None or course.bad < rule.opens:
        return []
    finding = Finding(
        noted.site,
        noted.device,
        "device",
        rule.what,
        f"{rule.why} ({noted.kind})",
        rule.severity,
        course.since_ns,
        kind=noted.kind,
    )
    if rule.what == "reset":  # it has happened, and is over
        course.bad = 0
        return [replace(finding, until_ns=finding.since_ns + 1)]
    course.finding = finding
    return [finding]
