"""What may a city file say about alarms: [[alarms]], [[maintenance]] and [[notify]]?"""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.alarms.rule import Rule, rules
from gateway.config.words import no_such
from signal_control.model.week import DAYS, Clock, Day

Priority = Annotated[int, Field(ge=1, le=3)]
Seconds = Annotated[float, Field(ge=0, le=31_536_000)]

REMIND_S: Final = {1: 900.0, 2: 14_400.0, 3: 86_400.0}
"""By priority: nobody has acknowledged it, so people are told again after so long."""
ESCALATE_S: Final = {1: 900.0, 2: 7_200.0, 3: 0.0}
"""By priority: nobody has acknowledged it, so those of [[notify]] with escalation are told too; 0: never."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AlarmSettings(_Table):
    """Other bounds for one rule, or for some of its subjects; what is left out stays as the rule has it."""

    rule: str
    subjects: tuple[str, ...] = ()
    """Only these: ids or patterns with *; all without. Of several entries that fit, the last counts."""
    enabled: bool = True
    raise_at: float | None = None
    clear_at: float | None = None
    raise_after_s: Seconds | None = None
    clear_after_s: Seconds | None = None
    priority: Priority | None = None
    remind_s: Seconds | None = None
    """0: never remind."""
    escalate_after_s: Seconds | None = None
    """0: never escalate."""
    options: dict[str, float] = {}
    """Further numbers of the rule's own; for all its subjects."""
    public: bool = False
    """Citizens are told of it in the feed of service messages."""
    public_text: Annotated[str, Field(max_length=1000)] = ""
    """What they are told; without it the alarm's own sentence."""

    @model_validator(mode="after")
    def _fits(self) -> AlarmSettings:
        there = rules()
        if self.rule not in there:
            raise ValueError(no_such("rule", self.rule, there))
        rule = there[self.rule]
        for name in self.options:
            if name not in rule.options:
                raise ValueError(no_such(f"option of rule {self.rule}", name, rule.options))
        if self.options and self.subjects:
            raise ValueError("options hold for all subjects of a rule; leave subjects out")
        bound = rule.raise_at if self.raise_at is None else self.raise_at
        clear = rule.clear_at if self.clear_at is None else self.clear_at
        if rule.low_is_bad and bound > clear:
            raise ValueError(f"clear_at ({clear:g}) must not lie below raise_at ({bound:g})")
        if not rule.low_is_bad and bound < clear:
            raise ValueError(f"clear_at ({clear:g}) must not lie above raise_at ({bound:g})")
        return self


class MaintenanceSettings(_Table):
    """While people work on it, nobody is told: once (`start` to `stop`), or every week by the clock."""

    subjects: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids or patterns with *: devices, intersections (x1 covers its detectors too), stores."""
    rules: tuple[str, ...] = ("*",)
    why: str = "Maintenance."
    start: datetime | None = None
    stop: datetime | None = None
    begin: Clock | None = None
    end: Clock | None = None
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS

    @model_validator(mode="after")
    def _once_or_weekly(self) -> MaintenanceSettings:
        said = [
            sum(x is not None for x in pair) for pair in ((self.start, self.stop), (self.begin, self.end))
        ]
        if sorted(said) != [0, 2]:
            raise ValueError("says either start and stop (dates with zone) or begin and end (22:00)")
        if self.start is not None and self.stop is not None:
            if self.start.tzinfo is None or self.stop.tzinfo is None:
                raise ValueError("start and stop need a zone, for example 2026-03-01T22:00:00+01:00")
            if self.start >= self.stop:
                raise ValueError(f"stop ({self.stop}) must be later than start ({self.start})")
        return self


class NotifySettings(_Table):
    """Somebody who is told. The addresses (apprise URLs, one a line) are secrets, so they stand elsewhere."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    urls_env: str = ""
    """The variable of the environment that holds the addresses."""
    urls_file: Path | None = None
    """Or the file; a relative path counts from the working directory."""
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)] = (1, 2)
    rules: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    subjects: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    escalation: bool = False
    """Told only of what nobody acknowledged in time, and when that is over."""
    cleared: bool = True
    """Whether also told that it is over."""

    @model_validator(mode="after")
    def _somewhere(self) -> NotifySettings:
        if bool(self.urls_env) == bool(self.urls_file):
            raise ValueError("names its addresses by urls_env or by urls_file, one of the two")
        return self


class AlarmTables(_Table):
    """The three tables together, as the desk takes them."""

    alarms: tuple[AlarmSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    notify: tuple[NotifySettings, ...] = ()

    @field_validator("notify")
    @classmethod
    def _one_each(cls, value: tuple[NotifySettings, ...]) -> tuple[NotifySettings, ...]:
        names = [one.name for one in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is there twice")
        return value


class _HasTables(Protocol):
    @property
    def alarms(self) -> tuple[AlarmSettings, ...]: ...
    @property
    def maintenance(self) -> tuple[MaintenanceSettings, ...]: ...
    @property
    def notify(self) -> tuple[NotifySettings, ...]: ...


def tables(settings: _HasTables) -> AlarmTables:
    """What a city file says of alarms."""
    return AlarmTables(alarms=settings.alarms, maintenance=settings.maintenance, notify=settings.notify)


class Tuned(_Table):
    """A rule as the city wants it, for one subject."""

    enabled: bool
    raise_at: float
    clear_at: float
    raise_after_s: float
    clear_after_s: float
    priority: int
    remind_s: float
    escalate_after_s: float
    public: bool = False
    public_text: str = ""


def tuned(rule: Rule, subject: str, wanted: tuple[AlarmSettings, ...]) -> Tuned:
    """The bounds of `rule` for `subject`: its own, with every fitting entry laid over them in order."""
    values: dict[str, Any] = {"enabled": True}
    for name in ("raise_at", "clear_at", "raise_after_s", "clear_after_s", "priority"):
        values[name] = getattr(rule, name)
    for entry in wanted:
        if entry.rule == rule.name and fits(entry.subjects or ("*",), (subject,)):
            said = entry.model_dump(exclude={"rule", "subjects", "options"}, exclude_none=True)
            values |= {name: value for name, value in said.items() if name in entry.model_fields_set}
    priority = values["priority"]
    return Tuned(**{"remind_s": REMIND_S[priority], "escalate_after_s": ESCALATE_S[priority]} | values)


def options(rule: Rule, wanted: tuple[AlarmSettings, ...]) -> dict[str, float]:
    """The further numbers of a rule."""
    found = dict(rule.options)
    for entry in wanted:
        if entry.rule == rule.name:
            found |= entry.options
    return found


def fits(patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether one of the names fits one of the patterns; * is anything."""
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)
