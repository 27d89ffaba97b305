"""How is an imported intersection written down for a person to check?"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from signal_control.model import Intersection

CHECK = """# Imported from a SUMO network. Before this controls a street, check against the signal plans:
# - phases: which movements each one serves (label), and every interval;
# - declared_stages: no two phases of a stage may conflict but where one yields, as it does in the program;
# - detectors: where they really lie, and their channels at the cabinet;
# - lanes: turns, saturation flow, and `to`, the shares that go on to the next signal (guessed here).
"""


def as_toml(intersections: Sequence[Intersection], doubts: Sequence[str] = ()) -> str:
    """`[[intersections]]` tables as a city file takes them; read back they are the same intersections."""
    doubtful = "".join(f"# DOUBT: {doubt}\n" for doubt in doubts)
    text = CHECK + doubtful + "\n".join(_table(x) for x in intersections)
    again = [Intersection.model_validate(x) for x in tomllib.loads(text)["intersections"]]
    if again != list(intersections):
        raise AssertionError("an intersection changed by being written down")
    return text


def _table(intersection: Intersection) -> str:
    told = intersection.model_dump(exclude_defaults=True)
    plan = told.pop("plan")
    lines = ["[[intersections]]"]
    for key, value in told.items():
        lines += _rows(key, value)
    lines += ["", "[intersections.plan]"]
    for key, value in plan.items():
        lines += _rows(key, value)
    return "\n".join([*lines, ""])


def _rows(key: str, value: Any) -> list[str]:
    """A list of tables has a line for each of them."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return [f"{key} = [", *(f"  {_value(entry)}," for entry in value), "]"]
    return [f"{key} = {_value(value)}"]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)


def _key(key: object) -> str:
    text = str(key)
    plain = text and all(c.isascii() and (c.isalnum() or c in "-_") for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
