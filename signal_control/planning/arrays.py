"""What does the search read and write? Arrays, so that it can be compiled."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.uint32]
"""What is never negative, and often a place in another array: compiled code then need not look whether it
counts from the end."""

NOBODY, WAITS, PASSES = 0, 1, 2
"""Who is inside the junction (see Traffic.inside)."""
NEVER: Final = 1e6
"""Seconds; later than any horizon."""


class Rules(NamedTuple):
    """What may follow what, and how fast lanes go. Sets of phases are bit masks (bit: place of the phase)."""

    stages: Ints
    """[stage] phases green together."""
    rivals: Ints
    """[phase] phases in conflict with it."""
    clear_s: Floats
    """[phase] yellow and red clearance."""
    served: Ints
    """[stage, lane] phases that let the lane go."""
    headway_s: Floats
    """[stage, lane] between vehicles at the stop line; 0: not served."""
    barred: Ints
    """[stage, stage] lanes (bits) whose turners the second stage would meet inside the junction."""
    lets_out: Ints
    """[stage, stage] lanes (bits) whose turners the second stage lets out of the junction."""


class Now(NamedTuple):
    """The lights now and what is due. Times are seconds from now; NEVER where nothing is due."""

    ready_s: Floats
    """[phase] when a phase of the present stage shows green (0: it does)."""
    free_s: Floats
    """[phase] when it may end."""
    limit_s: Floats
    """[phase] when it must end."""
    gone_s: Floats
    """[phase] when the clearance of an ended phase is over."""
    first_s: Floats
    """[phase] shortest green when it begins next (a walk, if called)."""
    least_s: Floats
    """[phase] shortest green afterwards."""
    most_s: Floats
    """[phase] longest green."""
    call: Floats
    """[phase] cost of every second until it begins next."""
    due_s: Floats
    """[phase] when it must have begun."""
    allowed: Flags
    """[stage] whether the safety rules would let it be shown next."""


class Traffic(NamedTuple):
    """Who is on each lane or will come, in order of arrival."""

    eta: Floats
    """[lane, vehicle] seconds until at the stop line, if nothing held them up."""
    size: Floats
    """[lane, vehicle] vehicles it stands for."""
    stood: Flags
    """[lane, vehicle] whether it stands already."""
    vehicles: Ints
    last: Ints
    """[lane] who may leave at most: there is no room beyond for more."""
    weight: Floats
    headway_s: Floats
    """[lane] at full saturation flow."""
    free_s: Floats
    """[lane] when the next one may go if it is green."""
    inside: Ints
    """[lane] who left it and is inside the junction: NOBODY as far as can be told, a turner who WAITS for a
    gap (with those behind it), or a stream that PASSES another one that its turners yield to."""


# Of a node of the search ...
STAGE, BEGUN, FIRST, KEY, FROM_S, FROM, ROW = 0, 1, 2, 3, 4, 5, 6
"""The stage shown, the phases (bits) that have begun, the first stage of the sequence, what tells the node
from others, the second and the place of the one before it, and the row of its lanes and phases."""
SPENT, RANK = 0, 1
"""What it has cost so far, and what it counts among those of its second."""
READY, FREE, LIMIT = 0, 1, 2
"""When a phase of its stage begins, may end and must end."""


class Work(NamedTuple):
    """Room for the search: nodes by [second, place], and results."""

    nodes: Ints
    """[second, 2] how many there are, and which of them has the highest rank once there is no more room."""
    node: Ints
    """[second, place, 7] STAGE to ROW"""
    cost: Floats
    """[second, place, 2] SPENT and RANK; beyond the last place the highest rank of all that are kept."""
    left: Counts
    """[row, lane] who have left; a move is written into a spare row, which its node gets if it is kept"""
    lane_free: Floats
    """[row, lane] when the next one may go"""
    phase_s: Floats
    """[row, phase, 3] READY to LIMIT, of the phases of the stage"""
    sums: Floats
    arrived: Counts
    open_s: Floats
    """[phase] when the clearance of all its rivals that ended before is over"""
    next_s: Floats
    """[lane] when the first of those who are left is there"""
    members: Counts
    """[stage, 1 + phases] how many phases it has, and which"""
    busy: Counts
    """[second, place, 1 + lanes] how many lanes on which somebody is left or will come, and which"""
    follows: Counts
    """Stages that may follow."""
    gainers: Ints
    """[stage, stage] lanes (bits; from the 63rd on they share one) that go faster in the second one"""
    found: Floats
    """[stage] least cost of a full sequence that begins with it; NEVER squared where there is none."""
    path: Ints
    """[step, 2] of the best sequence the stages and the seconds from which they are chosen, the last one
    first; stage -1 ends it."""
    factor: Ints
    """[lanes + 1] what one more who left a lane, and last a higher stage, adds to the KEY of a node"""
    waits_s: Floats
    """[stage, stage, phase] how long a phase of the second one waits for the clearance of those of the first
    that end; of phases of the second alone"""


class Knobs(NamedTuple):
    """What the search weighs, and how far it looks. Seconds, and vehicle seconds of delay."""

    horizon: int
    start_s: float
    """Start-up loss of a queue."""
    stop: float
    """A new stop costs as much as so much delay."""
    clearing: float
    """Weight of the time that it takes to let those go who still wait."""
    lost_s: float
    """Added to that for lanes that are red."""
    overdue: float
    """A second beyond the time when a phase is due costs as much as so much delay."""
