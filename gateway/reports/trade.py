"""How is every measure a command of its own, by the names of the trade: `arterial report pcd`?

Nothing is imported before one is asked for: `arterial` itself starts as fast as without them.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

PATTERN: Final = "measure"
"""The command whose options all of them have."""


class Trade(TyperGroup):
    """The commands of `report`, and one for each measure and study, by its name or a short one."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command called `cmd_name`; None when there is none."""
        own = super().get_command(ctx, cmd_name)
        return own if own is not None else self._measure(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands that `--help` lists: the short name where there is one."""
        from gateway.desk.catalog import SHORT, catalog

        shorts: dict[str, str] = {}
        for short, long in SHORT.items():
            shorts.setdefault(long, short)
        names = {shorts.get(name, name).replace("_", "-") for name in catalog()}
        own = super().list_commands(ctx)
        return [*own, *sorted(names - set(own))]

    def _measure(self, ctx: Any, name: str) -> Any:
        from gateway.desk.catalog import find

        try:
            found = find(name)
        except ValueError:
            return None
        pattern = super().get_command(ctx, PATTERN)
        if pattern is None or pattern.callback is None:
            return None
        params: list[Any] = [p for p in pattern.params if p.name != "name"]
        measure = partial(pattern.callback, name=found.name)
        return TyperCommand(
            name,
            callback=lambda chart, **words: measure(chart=chart is not False, **words),
            params=params,
            help=found.about,
            rich_help_panel="Measures",
        )
