"""Who is on the way on one link, from the stop lines of the neighbours to the detectors here?

Whoever comes into sight of the detectors here is one of those who were sent, if the time fits (Bayes' rule);
it is not expected any longer. From that is learned how long the way takes, how far a platoon spreads on it,
and how many of those who leave a lane upstream turn up at all. Before that they are taken to drive at the
speed limit and to spread as on a street with little friction (Robertson, TRANSYT 1969: a tail of ALPHA BETA
of the travel time).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from signal_control.model import Lane

SET_OFF_S: Final = 2.0
"""Lost to accelerating from the upstream stop line."""

SPREAD: Final = 0.35 * 0.8
"""Robertson's ALPHA BETA: how far a platoon spreads, as a part of the travel time."""
LEAST_SPREAD_S: Final = 1.0
QUARTERS: Final = (-1.15, -0.32, 0.32, 1.15)
"""The middles of the quarters of a normal distribution, in standard deviations."""
SPREADS: Final = 2.5
"""Who is so many standard deviations late does not come."""
BIN_S: Final = 2.0
"""Arrivals so close together are told as one."""
STRANGER_VEH_S: Final = 0.02
"""So many come whom no neighbour has sent: from side streets, or counted too late."""
PRIOR_VEH: Final = 6.0
"""What is expected before anything was learned weighs as much as so many vehicles ..."""
MEMORY_VEH: Final = 120.0
"""... and what was learned no more than so many."""
HALF_S: Final = 0.5
"""Ticks come once a second: who has come since the last one came so long ago on average."""
ROOT: Final = math.sqrt(2.0 * math.pi)
"""Of the normal density."""
GONE: Final = 0.02
"""Who is less likely than this to come is forgotten."""


class _Share:
    """How often those who leave a lane upstream turn up in the link."""

    __slots__ = ("found", "sent")

    def __init__(self) -> None:
        self.sent = self.found = 0.0

    def of(self, told: float) -> float:
        """The probability that somebody of whom `told` is said to come does."""
        factor = (PRIOR_VEH + self.found) / (PRIOR_VEH + self.sent)
        return min(1.0, told * factor)

    def learn(self, expected: float, found: float) -> None:
        """Of so much that was expected by what neighbours say, so much was found."""
        self.sent += expected
        self.found += found
        if self.sent > MEMORY_VEH:
            self.found *= MEMORY_VEH / self.sent
            self.sent = MEMORY_VEH


class _Traveller:
    """Somebody on the way: `p` is the probability that it comes and has not been seen yet."""

    __slots__ = ("at_ns", "found", "p", "share", "told")

    def __init__(self, at_ns: int, told: float, share: _Share) -> None:
        self.at_ns, self.told, self.share = at_ns, told, share
        self.p, self.found = share.of(told), 0.0


class _Way:
    """How long one takes to where the detectors here see somebody first, as learned: mean and spread."""

    __slots__ = ("_expected_s", "_squares", "_sum", "_variance", "_weight", "mean_s", "sd_s")

    def __init__(self, expected_s: float, sd_s: float) -> None:
        self._expected_s, self._variance = expected_s, max(sd_s, LEAST_SPREAD_S) ** 2
        self._weight = self._sum = self._squares = 0.0
        self.mean_s, self.sd_s = expected_s, max(sd_s, LEAST_SPREAD_S)

    def fit(self, took_s: float) -> float:
        """The density at which somebody is so long on the way (1/s)."""
        off = (took_s - self.mean_s) / self.sd_s
        return math.exp(-0.5 * off * off) / (ROOT * self.sd_s) if -SPREADS < off < SPREADS else 0.0

    def learn(self, took_s: float, part: float) -> None:
        """So much of somebody was so long on the way."""
        off_s = took_s - self._expected_s
        keep = min(1.0, MEMORY_VEH / (self._weight + part))
        self._weight = (self._weight + part) * keep
        self._sum = (self._sum + part * off_s) * keep
        self._squares = (self._squares + part * off_s * off_s) * keep
        total = PRIOR_VEH + self._weight
        mean = self._sum / total
        variance = (PRIOR_VEH * self._variance + self._squares) / total - mean * mean
        self.mean_s, self.sd_s = self._expected_s + mean, math.sqrt(max(variance, LEAST_SPREAD_S**2))


class Link:
    """One approach, and who is on it without having been seen here."""

    def __init__(self, lanes: Sequence[Lane], length_m: float, seen_m: float) -> None:
        self.lanes = [lane.id for lane in lanes]
        speed_mps = max(lane.speed_mps for lane in lanes)
        self.seen_s = seen_m / speed_mps
        travel_s = length_m / speed_mps
        self.way = _Way(SET_OFF_S + max(0.0, travel_s - self.seen_s), SPREAD * travel_s)
        self.travellers: list[_Traveller] = []
        self.shares: dict[str, _Share] = {}
        self.hidden_ns = 0

    def send(self, at_ns: int, told: float, lane: str) -> None:
        """Somebody left a lane upstream for here."""
        share = self.shares.get(lane)
        if share is None:
            share = self.shares[lane] = _Share()
        self.travellers.append(_Traveller(at_ns, told, share))

    def see(self, vehicles: float, now_ns: int) -> None:
        """So many have come into sight since the last tick."""
        while vehicles > 0.0:
            self._see(min(1.0, vehicles), now_ns)
            vehicles -= 1.0

    def _see(self, part: float, now_ns: int) -> None:
        way, found = self.way, []
        total = STRANGER_VEH_S
        for x in self.travellers:
            took_s = (now_ns - x.at_ns) / 1e9 - HALF_S
            fit = x.p * way.fit(took_s)
            if fit > 0.0:
                found.append((x, fit, took_s))
                total += fit
        for x, fit, took_s in found:
            it = part * fit / total
            x.found += it
            x.p = max(0.0, x.p - it)
            way.learn(took_s, it)

    def forget(self, now_ns: int, hidden: bool) -> None:
        """Those who should have been here are not on the way; learn from them, if they could be seen."""
        if hidden:
            self.hidden_ns = now_ns
        late_ns = now_ns - int((self.way.mean_s + SPREADS * self.way.sd_s + 1.0) * 1e9)
        travellers = self.travellers
        while travellers and travellers[0].at_ns < late_ns:
            x = travellers.pop(0)
            if self.seen_s > 0.0 and self.hidden_ns < x.at_ns:
                x.share.learn(x.told, x.found)

    def bins(self, now_ns: int) -> dict[int, float]:
        """Vehicles by when they will be at the stop line.

        A traveller is told in quarters; those whose time to come into sight is over are not. To think the
        others the surer for it is Bayes' rule, but held greens for those who had turned off on the way.
        """
        found: dict[int, float] = {}
        ways = [self.way.mean_s + quarter * self.way.sd_s for quarter in QUARTERS]
        for x in self.travellers:
            if x.p >= GONE:
                age_s, part = (now_ns - x.at_ns) / 1e9, x.p / len(QUARTERS)
                for way_s in ways:
                    if way_s > age_s:
                        n = int((way_s - age_s + self.seen_s) / BIN_S)
                        found[n] = found[n] + part if n in found else part
        return found
