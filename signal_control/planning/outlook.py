"""What does a view say, as the arrays from which the search starts?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from signal_control.estimates import estimates_of
from signal_control.estimation.told import LEARNED_VEH_H, MOVING, QUEUED
from signal_control.model import Intersection
from signal_control.planning.arrays import Now, Rules, Traffic
from signal_control.planning.arriving import Approaches
from signal_control.planning.layout import Layout
from signal_control.planning.lights import Times, all_held_s, demands, heading, situation, timing
from signal_control.situation import Situation
from signal_control.view import View

BELIEVED: Final = (0.6, 1.25)
"""A learned saturation flow beyond these multiples of the configured one is taken for an error."""


class Lights:
    """What is shown or under way, and what that allows."""

    __slots__ = ("_layout", "_times", "_view", "bound_s", "places", "seen", "shown", "stage")

    def __init__(self, view: View, layout: Layout) -> None:
        self._view, self._layout = view, layout
        self.seen = situation(view)
        self.shown = heading(view, self.seen)
        self.stage = layout.index.get(self.shown, len(layout.stages))
        """The place of what is shown among the layout's stages."""
        self.places = tuple([layout.place[p] for p in self.shown if p in layout.place])
        """Of the phases shown."""
        self._times: Times | None = None
        self.bound_s = self._bound_s()
        """For how long nothing can be changed: every green is held, or not there yet; 0 where something can.
        Longer than any horizon where no phase of what is shown is green yet."""

    @property
    def times(self) -> Times:
        """Seconds to all that the lights hold in store; whoever decides nothing need not know them."""
        if self._times is None:
            self._times = timing(self._view, self.seen, self._layout, self.shown)
        return self._times

    def _bound_s(self) -> float:
        if not self.places:
            return 0.0
        held_s = all_held_s(self._view, self.seen, self._layout, self.places)
        if held_s > 0.0 and not self._layout.outlets:
            return held_s
        free_s = self.times.free_s
        return max(0.0, min([free_s[p] for p in self.places]))


class Outlook(NamedTuple):
    """A problem for the search."""

    lights: Lights
    now: Now
    rules: Rules
    traffic: Traffic


class Watch:
    """Makes outlooks from the views of one intersection; what it keeps between them only saves time."""

    def __init__(self, intersection: Intersection) -> None:
        self.layout = Layout(intersection)
        self._approaches = Approaches(intersection, self.layout)
        own = self.layout.saturation.tolist()
        self._saturations = [
            (x.id, s, BELIEVED[0] * s, BELIEVED[1] * s) for x, s in zip(self.layout.lanes, own, strict=True)
        ]
        """Lanes, their configured discharge rates and the bounds of what is believed (vehicles per hour)."""

        self._learned: tuple[list[float], list[float]] = ([], [])
        """Rates as learned when last looked at, and as believed then."""

        self._served_by: dict[int, list[str]] = {}
        for lane in self.layout.lanes:
            for phase in lane.phases:
                self._served_by.setdefault(phase, []).append(lane.id)
        self._headway_s = np.ones(len(self.layout.lanes))
        self._made: tuple[tuple[object, ...], Rules] | None = None

    def lights(self, view: View) -> Lights:
        """What the lights allow at this moment."""
        return Lights(view, self.layout)

    def look(self, view: View, lights: Lights, weights: Mapping[str, float]) -> Outlook:
        """The problem at this moment, lanes weighted besides; its arrays are valid until the next call."""
        layout = self.layout
        layout.set_other(0 if lights.shown in layout.index else layout.mask(lights.shown))
        demands(view, lights.seen, layout, lights.times, self._known(view, lights.seen))
        now = lights.times.arrays(layout)
        now.allowed[-1] = lights.shown in layout.index
        rules = self._rules(view, layout)
        traffic = self._approaches.look(view, self._headway_s)
        for lane, factor in weights.items():
            traffic.weight[layout.lane_place[lane]] *= factor
        return Outlook(lights, now, rules, traffic)

    def _rules(self, view: View, layout: Layout) -> Rules:
        """How fast lanes go under which greens; made again only when one of the three reasons is another."""
        saturation = self._saturation(view)
        reasons = saturation, view.unserved, int(layout.masks[-1])
        if self._made is None or self._made[0] != reasons:
            self._headway_s = 3600.0 / np.array(saturation)
            self._made = reasons, self._served(view, layout)
        return self._made[1]

    def _saturation(self, view: View) -> list[float]:
        """Discharge rates, vehicles per hour: as learned, within BELIEVED of the lane's own."""
        seen = estimates_of(view.queues)
        places, rows = seen.places, seen.rows
        learned = [rows[places[x[0]]][LEARNED_VEH_H] if x[0] in places else 0.0 for x in self._saturations]
        if learned != self._learned[0]:
            believed = [
                min(max(round(rate), least), most) if rate > 0.0 else own
                for rate, (_, own, least, most) in zip(learned, self._saturations, strict=True)
            ]
            self._learned = learned, believed
        return self._learned[1]

    def _known(self, view: View, seen: Situation) -> dict[int, float]:
        """Vehicles that estimates know of, by phase, where somebody has called."""
        found, estimates = {}, estimates_of(view.queues)
        for phase in seen.veh_waiting:
            veh = 0.0
            for lane in self._served_by.get(phase, ()):
                place = estimates.places.get(lane)
                if place is not None:
                    veh += estimates.rows[place][QUEUED]
                    veh += estimates.rows[place][MOVING]
            found[phase] = veh
        return found

    def _served(self, view: View, layout: Layout) -> Rules:
        served, rate = layout.served, layout.rate
        if view.unserved:
            served, rate = served.copy(), rate.copy()
            places = layout.lane_place
            for lane, greens in view.unserved:
                if greens in layout.index:
                    served[layout.index[greens], places[lane]] = 0
                    rate[layout.index[greens], places[lane]] = 0.0
        headway_s = np.divide(self._headway_s, rate, out=np.zeros_like(rate), where=rate > 0.0)
        return layout.rules(served, headway_s)
