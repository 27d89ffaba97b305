"""What would a cabinet hear if some of its detectors were broken?

A failure is written `kind` or `kind:share`: `dead:0.1` silences a tenth of the channels, `stuck:0.1` leaves
them on, `missing:0.1` loses every tenth pulse of every channel, `swapped:0.1` crosses the wires of so many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from signal_control.model import Intersection
from simulators.lights import Count, Detection, Lights, StreetStep
from simulators.networks.open_street import OpenStreet
from simulators.street_net import StreetError

KINDS: Final = ("dead", "stuck", "missing", "swapped")
SHARE: Final = 0.1
"""Share of the channels, or of the pulses, when nothing is said."""

Wire = tuple[str, int]
"""A channel of an intersection."""


def faulty(street: OpenStreet, intersections: Sequence[Intersection], failure: str, seed: int) -> OpenStreet:
    """The street behind broken detectors; itself when `failure` is empty. Raises StreetError."""
    if not failure:
        return street
    kind, share = parse_failure(failure)
    wires = [(x.id, d.channel) for x in intersections for d in x.detectors]
    rng = np.random.default_rng([seed, 77])
    n = len(wires) if kind == "missing" else max(1, round(share * len(wires)))
    hit = [wires[k] for k in sorted(rng.permutation(len(wires))[:n])]
    return _Faulty(street, kind, share, hit, rng)


def parse_failure(text: str) -> tuple[str, float]:
    """Kind and share of a failure; raises StreetError naming the choices."""
    kind, _, share_text = text.partition(":")
    try:
        share = float(share_text) if share_text else SHARE
    except ValueError:
        share = -1.0
    if kind not in KINDS or not 0 < share <= 1:
        raise StreetError(
            f"no failure {text!r}; there are: {', '.join(KINDS)}, with a share (0 to 1) as in dead:0.1"
        )
    return kind, share


class _Faulty:
    """A street whose detections pass through broken wires on their way to the cabinet."""

    def __init__(
        self, street: OpenStreet, kind: str, share: float, hit: Sequence[Wire], rng: np.random.Generator
    ) -> None:
        self._street, self._kind, self._share, self._rng = street, kind, share, rng
        self._hit = set(hit)
        self._cross = dict(zip(hit, [*hit[1:], *hit[:1]], strict=True)) if kind == "swapped" else {}
        self._begun = False
        self._lost: set[Wire] = set()

    @property
    def now_ms(self) -> int:
        """The street's clock."""
        return self._street.now_ms

    def step(self) -> StreetStep:
        """What gets through."""
        moved = self._street.step()
        detections = [d for seen in moved.detections if (d := self._through(seen)) is not None]
        if self._kind == "stuck" and not self._begun:
            detections += [Detection(x, channel, moved.now_ms, True) for x, channel in sorted(self._hit)]
        self._begun = True
        counts = tuple(c for seen in moved.counts if (c := self._counted(seen)) is not None)
        return moved._replace(detections=detections, counts=counts)

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Lights are not affected."""
        self._street.show(intersection_id, lights)

    def truth(self) -> dict[str, dict[str, int]]:
        """Truth is not affected."""
        return self._street.truth()

    def summary(self) -> dict[str, Any]:
        """The street at a glance."""
        return self._street.summary()

    def close(self) -> None:
        """End the street."""
        self._street.close()

    def _through(self, seen: Detection) -> Detection | None:
        wire = (seen.intersection, seen.channel)
        if wire not in self._hit:
            return seen
        if self._kind == "swapped":
            other = self._cross[wire]
            return seen._replace(intersection=other[0], channel=other[1])
        if self._kind == "missing":
            return None if self._misses(wire, seen.on) else seen
        return None

    def _misses(self, wire: Wire, on: bool) -> bool:
        """A pulse is missed whole: who was not seen to come is not seen to go."""
        if on:
            if self._rng.random() < self._share:
                self._lost.add(wire)
                return True
            return False
        if wire in self._lost:
            self._lost.discard(wire)
            return True
        return False

    def _counted(self, seen: Count) -> Count | None:
        wire = (seen.intersection, seen.channel)
        if wire not in self._hit or self._kind == "missing":
            return seen
        if self._kind == "swapped":
            other = self._cross[wire]
            return seen._replace(intersection=other[0], channel=other[1])
        if self._kind == "stuck":
            return seen._replace(vehicles=1, standing=1)
        return None
