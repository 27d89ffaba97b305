"""What can be done with a street that runs, whatever it was made from?"""

from __future__ import annotations

from typing import Any, Protocol

from simulators.lights import Lights, StreetStep


class OpenStreet(Protocol):
    """A street that runs, whatever it was made from."""

    @property
    def now_ms(self) -> int:
        """Its clock."""

    def step(self) -> StreetStep:
        """Move on by one step."""

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Turn the heads of an intersection."""

    def truth(self) -> dict[str, dict[str, int]]:
        """True queues."""

    def summary(self) -> dict[str, Any]:
        """The street at a glance."""

    def close(self) -> None:
        """End it."""
