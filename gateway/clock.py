"""What time is it in the city?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

STEP_NS = 2_000_000_000
HOLD_AFTER_S = 3.0
"""A followed clock runs on by itself for this long (its own seconds) unheard, then stands still.

The street tells the time once a second of its own, and the lights with it. Behind a street that cannot keep
its speed, a clock that ran on for longer would make every report of the lights look too old to act on, though
nothing has happened since.
"""


class Clock(Protocol):
    """Tells the time by which signals are controlled and readings are stamped."""

    @property
    def source(self) -> str:
        """`system` or `street`."""
        ...

    @property
    def speed(self) -> float:
        """City seconds per wall second."""
        ...

    @property
    def profile_s(self) -> float | None:
        """Second of the simulated demand day; None where there is none."""
        ...

    @property
    def age_s(self) -> float | None:
        """Wall seconds since the time was last heard; None when it never was."""
        ...

    def now_ns(self) -> int:
        """City time, nanoseconds since the epoch, UTC. Runs backwards only when somebody sets it back."""
        ...


class SystemClock:
    """The computer's own clock: production."""

    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return time.time_ns()


class BadClock(Exception):
    """The payload is not a clock message; the clock goes on as it was."""


class _Tick(msgspec.Struct):
    t: int
    speed: float = 1.0
    profile_s: float | None = None


class FollowedClock:
    """The street's clock, heard over MQTT: may run fast, and stands still when the street is silent.

    `monotonic_ns` measures wall time between two messages.
    """

    source = "street"

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._decoder = msgspec.json.Decoder(_Tick)
        self._tick: _Tick | None = None
        self._heard_ns = 0
        self._told_ns = 0

    @property
    def heard(self) -> bool:
        """Whether the street has told the time at all; until then `now_ns` is 0."""
        return self._tick is not None

    @property
    def speed(self) -> float:
        """City seconds per wall second, as last heard."""
        return self._tick.speed if self._tick else 1.0

    @property
    def profile_s(self) -> float | None:
        """Second of the simulated demand day, run on like the time itself; None when unknown."""
        if self._tick is None or self._tick.profile_s is None:
            return None
        return self._tick.profile_s + max(0, self.now_ns() - self._tick.t * 1_000_000) / 1e9

    @property
    def age_s(self) -> float | None:
        """Wall seconds since the last message; None before the first."""
        if self._tick is None:
            return None
        return (self._monotonic_ns() - self._heard_ns) / 1e9

    def hear(self, payload: bytes) -> None:
        """Take a clock message `{"t": ms, "speed": 10.0, "profile_s": 25320}`; raises BadClock."""
        try:
            tick = self._decoder.decode(payload)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise BadClock(str(error)) from error
        if not (0 < tick.t < 2**53 and 0 < tick.speed <= 1000):
            raise BadClock(f"t {tick.t} or speed {tick.speed} is out of range")
        self._tick, self._heard_ns = tick, self._monotonic_ns()

    def now_ns(self) -> int:
        """City time; stands still rather than run back when the street corrects it."""
        if self._tick is not None:
            silent_ns = int((self._monotonic_ns() - self._heard_ns) * self._tick.speed)
            estimate_ns = self._tick.t * 1_000_000 + min(silent_ns, int(HOLD_AFTER_S * 1e9))
            self._told_ns = max(self._told_ns, estimate_ns)
        return self._told_ns


class StepWatch:
    """Notices when the computer's clock is set, by comparing it with one that nobody can set.

    A clock that is only slowed down or hurried (NTP slew) does not count.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns, self._monotonic_ns = wall_ns, monotonic_ns
        self._apart_ns = wall_ns() - monotonic_ns()

    def look(self) -> int:
        """By how many nanoseconds the clock was set since the last look: 0 when by less than STEP_NS."""
        apart_ns = self._wall_ns() - self._monotonic_ns()
        step_ns, self._apart_ns = apart_ns - self._apart_ns, apart_ns
        return step_ns if abs(step_ns) >= STEP_NS else 0
