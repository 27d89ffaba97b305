"""Which intersections does a city file describe?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from signal_control.model.intersection import Intersection


def on_city_time(intersections: Iterable[Intersection], timezone: str) -> tuple[Intersection, ...]:
    """The intersections with the city's time zone where they name none."""
    return tuple(
        x if "timezone" in x.model_fields_set else x.model_copy(update={"timezone": timezone})
        for x in intersections
    )


def intersections_in(city_file: Mapping[str, Any]) -> tuple[Intersection, ...]:
    """The intersections of a city file that was read as TOML; raises KeyError or ValueError."""
    told = tuple(Intersection.model_validate(entry) for entry in city_file["intersections"])
    return on_city_time(told, city_file.get("city", {}).get("timezone", "UTC"))
