"""What is a rule of an alarm, and which rules are there? (One file in gateway/alarms/rules each.)

A rule watches readings or the health of the program and tells sightings: how bad it is with one subject. When
that becomes an alarm, and when it is over, is the engine's business (gateway.alarms.engine).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, NamedTuple, Protocol

from collectors.plugins import load_folder
from collectors.reading import Reading
from gateway.alarms.health import Health
from signal_control.model import Intersection

DEVICES: Final = 131_072
"""A rule that remembers something of every device remembers at most so many."""
RULES: Final = "gateway.alarms.rules"


class Sighting(NamedTuple):
    """How bad it is with one subject now.

    `groups` name what the subject belongs to (its kind, its intersection): an alarm on one of them may be the
    cause of this one. `detail` is a sentence or nothing.
    """

    subject: str
    level: float
    groups: tuple[str, ...] = ()
    detail: str = ""


class Known(NamedTuple):
    """What a rule may know of the city, and by rule the subjects that were bad when the program ended."""

    intersections: tuple[Intersection, ...] = ()
    open: Mapping[str, tuple[str, ...]] = {}


class Watch(Protocol):
    """A rule at work; pure: time is an argument, memory is bounded."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of readings it wants to see."""
        ...

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        """Take a reading of one of its kinds in; fresh ones only, in order of arrival."""
        ...

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        """It is `now_ns` (city time, nanoseconds since the epoch); once a second."""
        ...


Options = Mapping[str, float]
Begin = Callable[[Known, Options], Watch]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be wrong, with its bounds unless the city file says otherwise, and its runbook.

    `code` is RSMP's where that means the same, else A9 and a number. `priority` runs from 1 (now) over 2
    (today) to 3 (when convenient); `category` is T (traffic) or D (technical). It is raised when the level
    has been at `raise_at` or beyond for `raise_after_s`, and over when it has been at `clear_at` or better
    for `clear_after_s`. `says` is a sentence with {subject}, {level}, {detail}. An alarm of one of `causes`
    on a group of the subject holds this one back. `options` are further numbers of the rule's own.
    """

    name: str
    code: str
    title: str
    priority: int
    category: Literal["T", "D"]
    raise_at: float
    clear_at: float
    raise_after_s: float
    clear_after_s: float
    says: str
    begin: Begin
    means: str
    check: tuple[str, ...]
    done: str
    unit: str = ""
    causes: tuple[str, ...] = ()
    options: Options = field(default_factory=dict)

    @property
    def low_is_bad(self) -> bool:
        """Whether it gets worse as the level falls."""
        return self.raise_at < self.clear_at


@cache
def rules() -> dict[str, Rule]:
    """Every rule by name; raises TypeError when a file declares none, or one under another name."""
    found = {}
    for name, module in load_folder(RULES).items():
        rule = getattr(module, "RULE", None)
        if not isinstance(rule, Rule) or rule.name != name:
            raise TypeError(f"gateway/alarms/rules/{name}.py declares no RULE named '{name}'")
        found[name] = rule
    return found


@dataclass(frozen=True, slots=True)
class _Readings:
    kinds: tuple[str, ...]
    seen: Callable[[Reading], Iterable[Sighting]]

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return self.seen(reading)

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        return ()


@dataclass(frozen=True, slots=True)
class _Health:
    seen: Callable[[Health], Iterable[Sighting]]
    kinds: tuple[str, ...] = ()

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterable[Sighting]:
        return self.seen(health)


def from_readings(kinds: tuple[str, ...], seen: Callable[[Reading], Iterable[Sighting]]) -> Begin:
    """A rule that needs nothing but the reading itself."""
    return lambda known, options: _Readings(kinds, seen)


def from_health(seen: Callable[[Health], Iterable[Sighting]]) -> Begin:
    """A rule that needs nothing but the health of this second."""
    return lambda known, options: _Health(seen)


def flag(bad: bool) -> float:
    """The level of what is only wrong or right."""
    return 1.0 if bad else 0.0
