"""What do logs and models of several intersections together say, where it can be worked out by hand?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from signal_control.eventlog import SECOND_NS, Log, ordered
from signal_control.model import Intersection
from signal_control.street import Site, Stop, street_through, streets
from signal_control.studies.link_pivot import link_pivot
from signal_control.studies.time_space import time_space
from signal_control.studies.webster import lane_flows, webster

BEGIN_S = 1_700_000_040 // 60 * 60
SPAN = (BEGIN_S * SECOND_NS, (BEGIN_S + 600) * SECOND_NS)


def crossing(name: str, east: str = "", west: str = "", **changed: Any) -> Intersection:
    """Phases 2 and 6 along the street, 4 across; detectors 1 to 3 at the stop lines, 11 to 13 before."""
    phase: dict[str, Any] = {"min_green_s": 5, "max_green_s": 40, "yellow_s": 3.0, "red_clear_s": 2.0}
    lane: dict[str, Any] = {"turns": ["through"], "length_m": 300, "speed_mps": 15.0}
    ways = (("eb", 2, east), ("wb", 6, west), ("nb", 4, ""))
    numbers = (2, 4, 6, 8)
    table: dict[str, Any] = {
        "id": name,
        "name": name,
        "phases": [
            {"number": n, "label": str(n), "ring": 1 + n // 5, "barrier": 1 + (n % 4 == 0), **phase}
            for n in numbers
        ],
        "lanes": [
            {"id": f"{name}_{w}_1", "link": f"{name}_{w}", "phases": [n], "to": {t: 0.9} if t else {}, **lane}
            for w, n, t in ways
        ],
        "detectors": [
            {"channel": i + 1 + 10 * far, "lane": f"{name}_{w}_1", "role": role, "distance_m": 60.0 * far}
            for i, (w, _, _) in enumerate(ways)
            for far, role in enumerate(("stop", "advance"))
        ],
        "plan": {
            "cycle_s": 60,
            "sequence": [[2, 4], [6, 8]],
            "splits": [{"phase": n, "split_s": 30} for n in numbers],
        },
    }
    return Intersection.model_validate(table | changed)


A, B = crossing("a", east="b_eb"), crossing("b", west="a_wb")


def log(*rows: tuple[int, int, int]) -> Log:
    """Ten cycles of a minute with (second, code, parameter) in each."""
    table = [(BEGIN_S + 60 * k + s, c, p) for k in range(10) for s, c, p in rows]
    at, code, param = np.array([(t * SECOND_NS, c, p) for t, c, p in table], np.int64).T
    return ordered(at, code, param)


def greens(*numbers: int, begin_s: int = 0) -> list[tuple[int, int, int]]:
    return [(begin_s + s, c, n) for n in numbers for s, c in ((0, 1), (20, 8))]


def test_a_street_is_told_once_with_both_ways() -> None:
    (found,) = streets([A, B])
    assert found == [Stop("a", 0.0, 2, 6, 15.0), Stop("b", 300.0, 2, 6, 15.0)]
    assert street_through([A, B], "b") == found
    assert street_through([crossing("c")], "c") == []


def test_a_platoon_that_comes_on_red_moves_the_farther_green() -> None:
    near = Site(A, log(*greens(2, 6)))
    far = Site(B, log(*greens(2, 6), *((s, 82, 11) for s in (40, 42, 44))))
    channels = {"a": {2: [11], 6: [12]}, "b": {2: [11], 6: [12]}}
    (link,) = link_pivot([near, far], street_through([A, B], "a"), channels, SPAN)
    assert (link.nearer, link.to, link.cycle_s) == ("a", "b", 60)
    assert link.before == 0.0
    assert link.shift_s == 25  # of 20 s, the first green that has 40, 42 and 44
    assert link.after == pytest.approx(link.arrivals)
    assert link.arrivals == pytest.approx(3.0, rel=0.15)


def test_only_times_of_the_most_common_cycle_count() -> None:
    told: list[tuple[int, int, int]] = [(0, 82, 11)]
    odd = log(*greens(2, 6), *told)
    at = np.concatenate((odd.at_ns, [SPAN[0], SPAN[0] + 420 * SECOND_NS]))
    changed = ordered(at, np.append(odd.code, (132, 132)), np.append(odd.param, (60, 90)))
    sites = [Site(A, log(*greens(2, 6))), Site(B, changed)]
    (link,) = link_pivot(sites, street_through([A, B], "a"), {"b": {2: [11]}}, SPAN)
    assert link.cycle_s == 60
    assert link.arrivals == pytest.approx(1.0, rel=0.2)


def test_a_band_passes_both_signals() -> None:
    sites = [Site(A, log(*greens(2, 6))), Site(B, log(*greens(2, 6, begin_s=20)))]
    rows = time_space(sites, street_through([A, B], "a"), {}, SPAN)
    assert sum(r.what == "green" and r.way == "onward" for r in rows) == 20
    first = [r for r in rows if r.what == "band" and r.way == "onward" and r.number == 1]
    assert [(r.device, r.at_m) for r in first] == [("a", 0.0), ("b", 300.0)]
    assert [r.begin_ns - SPAN[0] for r in first] == [0, 20 * SECOND_NS]
    assert all(r.end_ns - r.begin_ns == 20 * SECOND_NS for r in first)
    assert not [r for r in rows if r.what == "band" and r.way == "back"]


def test_webster_gives_the_busier_phase_more() -> None:
    counted = log(*((s, 82, 1) for s in range(0, 60, 4)), *((s, 82, 3) for s in (0, 30)))
    rows = webster([Site(A, counted)], [], {}, SPAN)
    by_phase = {row.phase: row for row in rows}
    assert by_phase[2].volume_veh_h == pytest.approx(900.0)
    assert lane_flows(A, counted, SPAN)["a_nb_1"] == pytest.approx(120.0)
    assert by_phase[2].webster_split_s > by_phase[4].webster_split_s
    assert by_phase[2].webster_delay_s < by_phase[2].delay_s
    assert webster([Site(A, log((0, 1, 2)))], [], {}, SPAN) == []


def test_stages_have_no_splits_to_compare() -> None:
    plan = {"cycle_s": 60, "stages": [{"phases": [2, 6], "split_s": 30}, {"phases": [4, 8], "split_s": 30}]}
    staged = crossing("s", declared_stages=[[2, 6], [4, 8]], plan=plan)
    with pytest.raises(ValueError, match="runs stages"):
        webster([Site(staged, log((0, 82, 1)))], [], {}, SPAN)
