"""Which numbers bound the fields of a kind, and where does one city or device differ?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from collectors.judge.layout import COUNTER_RULES, DAY_MS, GAUGE_RULES, HOUR_MS
from collectors.plausible import Counter, Plausible
from collectors.plugins import choose, kinds
from collectors.reading import BadPayload
from collectors.registry import Devices

__all__ = ["Bounded", "Other", "RuleBook", "bounded", "check"]

GAUGE: Final = frozenset({"low", "high", "band", "rise", "fall", "per_h", "still", "still_h"})
COUNTER: Final = frozenset({"per_h", "usual_per_h", "slack", "dip", "turns_at", "still_h"})


class Other(msgspec.Struct, frozen=True):
    """Other bounds for one field of a kind, for devices that match any of the patterns, or for all."""

    kind: str
    field: str
    bounds: Mapping[str, float]
    devices: tuple[str, ...] = ()
    expected_s: float = 0.0
    """How often these devices speak; 0: that is learned."""


class Bounded(msgspec.Struct, frozen=True):
    """The gauges and counters of a kind, in order."""

    gauges: Mapping[str, Plausible]
    counters: Mapping[str, Counter]


@cache
def bounded(kind: str) -> Bounded | None:
    """What can be judged of a kind; None where nothing can."""
    declared = kinds().get(kind)
    if declared is None:
        return None
    found = {name: field.plausible for name, field in declared.fields.items() if field.plausible is not None}
    gauges = {name: bound for name, bound in found.items() if isinstance(bound, Plausible)}
    counters = {name: bound for name, bound in found.items() if isinstance(bound, Counter)}
    return Bounded(gauges, counters) if found else None


def check(other: Other) -> None:
    """Raises ValueError where a rule names what does not exist; the text names the choices."""
    judged = {name for name in kinds() if bounded(name) is not None}
    choose("kind with bounds", other.kind, dict.fromkeys(judged))
    if not other.field:
        return
    there = bounded(other.kind)
    assert there is not None
    fields = {**there.gauges, **there.counters}
    of = choose(f"field of kind '{other.kind}' with bounds", other.field, fields)
    names = GAUGE if isinstance(of, Plausible) else COUNTER
    for name in other.bounds:
        choose(f"bound of {other.kind}.{other.field}", name, dict.fromkeys(names))
    _devices(other)


class RuleBook:
    """The bounds of one kind, as arrays of sets of rules; a device has the set that its name earns it."""

    def __init__(self, kind: str, others: Iterable[Other] = ()) -> None:
        found = bounded(kind)
        assert found is not None
        self._declared, self._others = found, tuple(other for other in others if other.kind == kind)
        self._meant = tuple(_devices(other) for other in self._others)
        self._sets: dict[tuple[int, ...], int] = {}
        self.gauges = np.zeros((0, len(found.gauges), GAUGE_RULES))
        self.counters = np.zeros((0, len(found.counters), COUNTER_RULES))

    def set_of(self, device: str) -> tuple[int, float]:
        """Which set of rules is the device's, and how often it speaks as declared (ms, 0: unknown)."""
        mine = tuple(i for i, meant in enumerate(self._meant) if _is_of(meant, self._others[i].kind, device))
        expected_s = max([self._others[i].expected_s for i in mine], default=0.0)
        number = self._sets.get(mine)
        if number is None:
            number = self._sets[mine] = len(self._sets)
            self._add([self._others[i] for i in mine])
        return number, expected_s * 1000.0

    def _add(self, mine: Sequence[Other]) -> None:
        gauges, counters = dict(self._declared.gauges), dict(self._declared.counters)
        for other in mine:
            if other.field in gauges:
                gauges[other.field] = replace(gauges[other.field], **other.bounds)
            if other.field in counters:
                counters[other.field] = replace(counters[other.field], **other.bounds)
        names = list(counters)
        gauge_rows = np.array([_gauge(bound, names) for bound in gauges.values()])
        counter_rows = np.array([_counter(bound) for bound in counters.values()])
        self.gauges = _joined(self.gauges, gauge_rows)
        self.counters = _joined(self.counters, counter_rows)


def _devices(other: Other) -> Devices:
    return Devices({other.kind: other.devices})


def _is_of(devices: Devices, kind: str, device: str) -> bool:
    try:
        devices.allow(kind, device)
    except BadPayload:
        return False
    return True


def _joined(there: NDArray[np.float64], more: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([there, more.reshape(1, *there.shape[1:])])


def _gauge(bound: Plausible, counters: Sequence[str]) -> list[float]:
    return [
        bound.low,
        bound.high,
        bound.band,
        bound.rise,
        bound.fall,
        bound.per_h / HOUR_MS,
        float(bound.still),
        bound.still_h * HOUR_MS,
        float(bound.zero_rests),
        float(counters.index(bound.moves)) if bound.moves in counters else -1.0,
    ]


def _counter(bound: Counter) -> list[float]:
    return [
        bound.per_h,
        bound.usual_per_h,
        bound.slack,
        bound.dip,
        bound.turns_at,
        max(bound.still_h * HOUR_MS, DAY_MS) if bound.still_h else 0.0,
    ]
