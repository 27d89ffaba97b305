"""What does a view say, as the arrays from which the search starts?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signal_control.model import Intersection
from signal_control.planning.arrays import Now, Rules, Traffic
from signal_control.planning.arriving import Approaches
from signal_control.planning.layout import Layout
from signal_control.planning.lights import heading, situation, timing
from signal_control.situation import Situation
from signal_control.view import View


@dataclass(frozen=True, slots=True)
class Outlook:
    """A problem for the search: `stage` is the place of what is shown, or of what is under way."""

    seen: Situation
    shown: tuple[int, ...]
    stage: int
    rules: Rules
    now: Now
    traffic: Traffic

    @property
    def bound(self) -> bool:
        """Whether nothing can be changed now: every green is held, or not there yet."""
        places = [p for p in range(len(self.now.free_s)) if int(self.rules.stages[self.stage]) >> p & 1]
        return bool(places) and all(self.now.free_s[p] > 0.0 for p in places)


class Watch:
    """Makes outlooks from the views of one intersection; keeps no memory between them."""

    def __init__(self, intersection: Intersection) -> None:
        self.layout = Layout(intersection)
        self._approaches = Approaches(intersection, self.layout)

    def look(self, view: View) -> Outlook:
        """The problem at this moment; its arrays are valid until the next call."""
        layout = self.layout
        seen = situation(view)
        shown = heading(view, seen)
        stage = layout.index.get(shown, len(layout.stages))
        layout.set_other(0 if shown in layout.index else layout.mask(shown))
        saturation = np.array([self._saturation(view, i) for i in range(len(layout.lanes))])
        traffic = self._approaches.look(view, saturation)
        rules = self._rules(view, traffic)
        return Outlook(seen, shown, stage, rules, timing(view, seen, layout, shown, _known(view)), traffic)

    def _rules(self, view: View, traffic: Traffic) -> Rules:
        layout = self.layout
        served, rate = layout.served, layout.rate
        if view.unserved:
            served, rate = served.copy(), rate.copy()
            places = {lane.id: i for i, lane in enumerate(layout.lanes)}
            for lane, greens in view.unserved:
                if greens in layout.index:
                    served[layout.index[greens], places[lane]] = 0
                    rate[layout.index[greens], places[lane]] = 0.0
        with np.errstate(divide="ignore"):
            headway_s = np.where(rate > 0.0, traffic.headway_s / rate, 0.0)
        return Rules(layout.masks, layout.rivals, layout.clear_s, served, headway_s)

    def _saturation(self, view: View, i: int) -> float:
        queue = view.queues.get(self.layout.lanes[i].id)
        return (queue.saturation_veh_h if queue is not None else 0.0) or float(self.layout.saturation[i])


def _known(view: View) -> dict[int, float]:
    """Vehicles that estimates know of, by phase."""
    found: dict[int, float] = {}
    for lane in view.intersection.lanes:
        queue = view.queues.get(lane.id)
        if queue is not None:
            for phase in lane.phases:
                found[phase] = found.get(phase, 0.0) + queue.vehicles + queue.moving
    return found
