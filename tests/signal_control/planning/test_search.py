"""Does the compiled search answer as Python would, and is what it answers sensible?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from collectors.compiled import plain
from signal_control.model import Intersection
from signal_control.planning.arrays import NEVER, Now, Traffic
from signal_control.planning.layout import BEAM, VEHICLES, Layout
from signal_control.planning.search import search

Lanes = dict[str, list[float]]
WE, NS = "x1_eb_1", "x1_nb_1"


class Street:
    """A problem in the making: 2+6 is green and may end; `standing` and `coming` fill lanes."""

    def __init__(self, layout: Layout, **lanes: list[float]) -> None:
        self.layout = layout
        n, phases = len(layout.lanes), len(layout.phases)
        self.eta = np.zeros((n, VEHICLES))
        self.vehicles = np.zeros(n, np.int64)
        for i, lane in enumerate(layout.lanes):
            due = lanes.get(lane.id, [])
            self.eta[i, : len(due)] = due
            self.vehicles[i] = len(due)
        self.last = self.vehicles.copy()
        self.weight = np.ones(n)
        zeros = [np.zeros(phases) for _ in range(9)]
        self.now = Now(*zeros, np.ones(len(layout.masks), np.bool_))  # type: ignore[call-arg, arg-type]
        self.now.limit_s[:] = self.now.due_s[:] = NEVER
        self.now.first_s[:] = self.now.least_s[:] = 7.0
        self.now.most_s[:] = layout.most_s
        self.now.allowed[-1] = False
        self.served, self.rate = layout.served.copy(), layout.rate.copy()

    def solve(self, python: bool = False) -> tuple[tuple[int, ...], float, list[list[int]], list[float]]:
        """The stage to show next, its cost, the path and the costs by first stage."""
        layout = self.layout
        headway_s = np.where(self.rate > 0, 2.0, 0.0)
        rules = layout.rules(self.served, headway_s)
        full_s, free_s = np.full(len(self.vehicles), 2.0), np.zeros(len(self.vehicles))
        size, stood = np.ones_like(self.eta), self.eta < 5.0
        inside = np.zeros(len(self.vehicles), np.bool_)
        traffic = Traffic(
            self.eta, size, stood, self.vehicles, self.last, self.weight, full_s, free_s, inside
        )
        work = layout.work()
        run = plain(search) if python else search
        best, cost, _ = run(rules, self.now, traffic, work, layout.knobs(), layout.index[(2, 6)], BEAM)
        return layout.stages[best], float(cost), work.path.tolist(), work.found.tolist()


@pytest.fixture(scope="module")
def layout(make_intersection: Callable[..., Intersection]) -> Layout:
    """Eight phases, one lane each."""
    return Layout(make_intersection())


def queue(vehicles: int) -> list[float]:
    """So many standing."""
    return [0.5 * i for i in range(vehicles)]


def test_nothing_changes_on_an_empty_street(layout: Layout) -> None:
    serve, cost, _, _ = Street(layout).solve()
    assert (serve, cost) == ((2, 6), 0.0)


def test_a_queue_in_red_is_served_when_nobody_needs_the_green(layout: Layout) -> None:
    serve, _, _, _ = Street(layout, x1_nb_1=queue(4)).solve()
    assert 4 in serve


def test_a_green_is_kept_for_a_platoon_that_is_nearly_there(layout: Layout) -> None:
    platoon = [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    assert Street(layout, x1_eb_1=platoon, x1_nb_1=queue(1)).solve()[0] == (2, 6)
    assert 4 in Street(layout, x1_eb_1=[t + 30 for t in platoon], x1_nb_1=queue(1)).solve()[0]


def test_the_best_sequence_is_told_by_its_changes(layout: Layout) -> None:
    _, _, path, _ = Street(layout, x1_eb_1=queue(4), x1_nb_1=queue(8), x1_sb_1=queue(8)).solve()
    told = path[: [stage for stage, _ in path].index(-1)]
    assert told[-1] == [layout.index[(2, 6)], 0]
    assert all(later != earlier for (later, _), (earlier, _) in pairwise(told))
    assert sorted(told, key=lambda step: -step[1]) == told
    assert len(told) > 1


def test_a_green_under_its_minimum_is_kept(layout: Layout) -> None:
    street = Street(layout, x1_nb_1=queue(8))
    street.now.free_s[[layout.place[2], layout.place[6]]] = 3.0
    assert street.solve()[0] == (2, 6)


def test_a_green_at_its_maximum_ends_whatever_it_costs(layout: Layout) -> None:
    street = Street(layout, x1_eb_1=queue(20), x1_nb_1=queue(1))
    assert street.solve()[0] == (2, 6)
    street.now.limit_s[[layout.place[2], layout.place[6]]] = 0.0
    assert not {2, 6} & set(street.solve()[0])


def test_a_phase_is_not_called_back_while_it_clears(layout: Layout) -> None:
    street = Street(layout, x1_wb_1=queue(9), x1_wb_2=queue(9))
    street.now.gone_s[layout.place[1]] = 2.0
    assert street.solve()[0] == (2, 6)


def test_one_ring_changes_alone(layout: Layout) -> None:
    assert Street(layout, x1_wb_1=queue(9), x1_wb_2=queue(9)).solve()[0] == (1, 6)


def test_what_the_rules_refuse_is_no_answer(layout: Layout) -> None:
    street = Street(layout, x1_nb_1=queue(8))
    street.now.allowed[layout.index[(2, 6)]] = False
    street.now.allowed[layout.index[(4, 8)]] = False
    assert street.solve()[0] == (4, 7)


def test_a_green_past_its_maximum_goes_on_when_nobody_else_needs_it(layout: Layout) -> None:
    street = Street(layout, x1_eb_1=queue(20))
    street.now.limit_s[[layout.place[2], layout.place[6]]] = 0.0
    assert street.solve()[0] == (2, 6)


def test_nobody_is_sent_where_there_is_no_room(layout: Layout) -> None:
    street = Street(layout, x1_nb_1=queue(8))
    street.last[[i for i, lane in enumerate(layout.lanes) if lane.id == NS]] = 0
    assert street.solve()[0] == (2, 6)


def test_a_lane_that_does_not_get_away_is_no_reason_for_its_green(layout: Layout) -> None:
    street = Street(layout, x1_nb_1=queue(8))
    lane = next(i for i, x in enumerate(layout.lanes) if x.id == NS)
    street.served[:, lane], street.rate[:, lane] = 0, 0.0
    assert street.solve()[0] == (2, 6)


def test_a_call_without_vehicles_is_answered_and_in_time(layout: Layout) -> None:
    street = Street(layout, x1_eb_1=[2.0 * i for i in range(20)])
    street.now.call[layout.place[4]] = 0.1
    assert street.solve()[0] == (2, 6)
    street.now.due_s[layout.place[4]] = 5.0
    assert 4 in street.solve()[0]


def test_the_delay_of_a_bus_counts_more(layout: Layout) -> None:
    street = Street(layout, x1_eb_1=[1.0 + 1.9 * i for i in range(12)], x1_nb_1=queue(1))
    assert street.solve()[0] == (2, 6)
    street.weight[[i for i, lane in enumerate(layout.lanes) if lane.id == NS]] = 60.0
    assert 4 in street.solve()[0]


def test_a_walk_makes_the_visit_longer_and_so_dearer(layout: Layout) -> None:
    lanes = {"x1_nb_1": queue(2), "x1_eb_1": [12.0 + 2 * i for i in range(8)]}
    short, long = Street(layout, **lanes), Street(layout, **lanes)
    long.now.first_s[:] = 25.0
    there = [i for i, stage in enumerate(layout.stages) if 4 in stage]
    assert min(long.solve()[3][i] for i in there) > min(short.solve()[3][i] for i in there) + 5


@pytest.mark.parametrize("seed", range(6))
def test_python_and_the_compiler_agree_to_the_last_bit(layout: Layout, seed: int) -> None:
    random = np.random.default_rng(seed)
    lanes = {
        lane.id: sorted(random.uniform(0, 40, random.integers(0, 9)).round(1).tolist())
        for lane in layout.lanes
    }
    street = Street(layout, **lanes)
    street.now.call[:] = random.uniform(0, 1, 8).round()
    assert street.solve() == street.solve(python=True)
    assert street.solve() == street.solve()
