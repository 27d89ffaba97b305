"""How does another program read the results of an evaluation, and how far it is?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulators.evaluate_measures import MEASURES, by_strategy, mean_of, paired
from simulators.evaluate_run import Run


def write_json(path: Path, facts: Mapping[str, str], runs: Sequence[Run]) -> None:
    """Means with the half widths of their 95 % intervals, and differences to the first strategy.

    Differences are paired by seed; what is not known is null.
    """
    found = by_strategy(runs)
    base = next(iter(found))
    told = {
        "facts": dict(facts),
        "base": base,
        "measures": [
            {"key": m.key, "heading": m.heading, "digits": m.digits, "doc": m.doc} for m in MEASURES
        ],
        "strategies": [_strategy(name, same, found[base]) for name, same in found.items()],
    }
    _replaced(path, json.dumps(told))


def note_progress(path: Path | None, share: float) -> None:
    """Keep the share that is done in a file, whole or not at all."""
    if path is not None:
        _replaced(path, f"{share:.4f}")


def _strategy(name: str, same: Sequence[Run], base: Sequence[Run]) -> dict[str, Any]:
    values = {}
    for m in MEASURES:
        mean, gain = mean_of(same, m.key), paired(same, base, m.key)
        values[m.key] = {
            "mean": _known(mean.value),
            "half_width": _known(mean.half_width),
            "difference": _known(gain.value),
            "difference_half_width": _known(gain.half_width),
            "p": None if math.isnan(gain.value) else _known(gain.p),
        }
    return {"name": name, "seeds": [run.seed for run in same], "values": values}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _replaced(path: Path, text: str) -> None:
    spare = path.with_suffix(".new")
    spare.write_text(text, encoding="utf-8")
    spare.replace(path)
