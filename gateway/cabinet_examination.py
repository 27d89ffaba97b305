"""How are the cabinets of a city file asked without running the city?"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gateway.all_cabinets import AllCabinets
from gateway.cabinet import Examined, Outside
from gateway.clock import SystemClock
from gateway.config.settings import load
from gateway.links.memory_link import MemoryLink


async def examine(file: Path, only: Collection[str] = ()) -> dict[str, Examined]:
    """What each cabinet of the file answers, by intersection; of those in `only`, if any are given.

    Raises SettingsError, and ValueError naming the choices for an intersection that is not there.
    """
    settings = load(file)
    there = [node.id for node in settings.intersections]
    for name in only:
        if name not in there:
            raise ValueError(f"no intersection '{name}'; there are: {', '.join(there)}")
    nodes = tuple(node for node in settings.intersections if not only or node.id in only)
    outside = Outside(settings.city.site, SystemClock(), MemoryLink(), lambda _: None, lambda *_: None)
    return await AllCabinets(nodes, settings.cabinets, outside).examine()
