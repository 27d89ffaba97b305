"""What does the board need to know of the city that does not change?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signal_control.model import Intersection
from signal_control.view import strategies

ADAPTIVE_DEFAULT: Final = "lookahead"
FIXED: Final = "fixed_time"


def strategy_docs() -> list[dict[str, str]]:
    """Every strategy by name, with its one-line description."""
    return [{"name": name, "doc": str(module.DOC)} for name, module in sorted(strategies().items())]


def describe(
    name: str,
    site: str,
    intersections: tuple[Intersection, ...],
    geometry: Mapping[str, object] | None,
    strategy: str,
    timezone: str = "UTC",
) -> dict[str, object]:
    """The static half of the board's data. `strategy` is the configured one."""
    return {
        "name": name,
        "site": site,
        "timezone": timezone,
        "strategies": strategy_docs(),
        "default_adaptive": strategy if strategy != FIXED else ADAPTIVE_DEFAULT,
        "geometry": geometry,
        "intersections": [_intersection(x) for x in intersections],
    }


def _intersection(x: Intersection) -> dict[str, object]:
    barriers: dict[int, list[int]] = {}
    for phase in x.phases:
        barriers.setdefault(phase.barrier, []).append(phase.number)
    return {
        "id": x.id,
        "name": x.name,
        "rings": [[p.number for p in ring] for ring in x.rings().values()],
        "barriers": [sorted(group) for _, group in sorted(barriers.items())],
        "phases": [
            {
                "number": p.number,
                "label": p.label,
                "ring": p.ring,
                "barrier": p.barrier,
                "min_green_s": p.min_green_s,
                "max_green_s": p.max_green_s,
                "yellow_s": p.yellow_s,
                "red_clear_s": p.red_clear_s,
                "walk_s": p.walk_s,
                "ped_clear_s": p.ped_clear_s,
            }
            for p in x.phases
        ],
        "lanes": [
            {
                "id": lane.id,
                "link": lane.link,
                "phases": list(lane.phases),
                "turns": list(lane.turns),
                "length_m": lane.length_m,
            }
            for lane in x.lanes
        ],
    }
