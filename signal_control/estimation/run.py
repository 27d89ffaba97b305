"""By which code are estimates made: compiled, or as Python runs it until that is ready? Both say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from collectors.compiled import entry, plain
from signal_control.estimation import approach, count, intake, unseen
from signal_control.estimation.book import Book, Floats, book_of
from signal_control.estimation.told import Told, told_of
from signal_control.model import Detector, Lane


class Code(NamedTuple):
    """What the estimate of an intersection is made of; see approach.py, intake.py and count.py."""

    begin: Callable[[Book, float], None]
    take: Callable[[Book, Floats], None]
    zone_told: Callable[[Book, int, float, float], None]
    open_lane: Callable[[Book, int, float], None]
    close_lane: Callable[[Book, int, float], None]
    carry_on: Callable[[Book, float, float], None]
    estimate: Callable[[Book, Told, float], None]
    flows: Callable[[Book, float, Floats], None]
    overdue: Callable[[Book, int, float], float]


COMPILED = Code(
    approach.begin_all,
    intake.take,
    approach.zone_told,
    approach.open_lane,
    approach.close_lane,
    intake.carry_on,
    count.count_all,
    approach.flows,
    unseen.overdue_veh,
)
PLAIN = Code._make([plain(function) for function in COMPILED])


class _Choice:
    """Which of the two is in use, in this process."""

    code = PLAIN


def code() -> Code:
    """The code in use."""
    return _Choice.code


def compile_estimates() -> None:
    """Use compiled code from now on; takes seconds when it has never been compiled on this machine."""
    if _Choice.code is PLAIN:
        _run_once(COMPILED)
        _Choice.code = Code._make([entry(function) for function in COMPILED])


def _run_once(made: Code) -> None:
    """Call everything on a small street, which compiles it, or loads what an earlier start compiled."""
    lane = Lane(id="lane", link="link", phases=(1,), turns=("through",), length_m=100.0)
    zone = Detector(channel=2, lane="lane", role="area", distance_m=0.0, length_m=30.0)
    book = book_of([([lane], [Detector(channel=1, lane="lane", role="stop", distance_m=0.0), zone])])
    made.begin(book, 0.0)
    made.take(book, np.array([intake.HEARD, 0.0, 1.0, intake.TURNED_ON, 0.0, 1.0, intake.REPORTED, 0.0, 1.0]))
    made.zone_told(book, 1, 0.0, 1.0)
    made.open_lane(book, 0, 2.0)
    made.close_lane(book, 0, 3.0)
    made.carry_on(book, 4.0, 2.0)
    made.estimate(book, told_of(1), 4.0)
    made.flows(book, 4.0, np.zeros((1, 2)))
    made.overdue(book, 0, 4.0)
