"""What does the board need to know, and what may it ask for?"""

from __future__ import annotations

from typing import Any, Protocol


class BoardView(Protocol):
    """The board's only window on the running city; the shapes are described in docs/board.md."""

    def city(self) -> dict[str, Any]:
        """What does not change while the program runs: names, geometry, intersections, strategies."""
        ...

    def live(self) -> dict[str, Any]:
        """What is so now. Called at most twice a second, however many people look; must not block."""
        ...

    async def use(self, strategy: str, intersection: str | None, who: str = "operator") -> None:
        """Switch one intersection, or all of them when None; `who` goes on record.

        Raises KeyError, whose text names the choices, when either name is unknown.
        """
        ...


def strategy_names(city: dict[str, Any]) -> list[str]:
    """The strategies the city can run, in the city's order."""
    return [str(strategy["name"]) for strategy in city.get("strategies", ())]


def intersection_ids(city: dict[str, Any]) -> list[str]:
    """The intersections the city has, in the city's order."""
    return [str(intersection["id"]) for intersection in city.get("intersections", ())]
