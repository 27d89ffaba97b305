"""Is the search compiled before the first green needs it?"""

from __future__ import annotations

import numpy as np

from signal_control.planning.arrays import Now
from signal_control.planning.layout import BEAM, Layout
from signal_control.planning.rows import OF_A_LANE, blank_traffic, write
from signal_control.planning.search import search


def warm(layout: Layout) -> None:
    """Search an empty street: compiles, or loads what an earlier start compiled. Later calls cost nothing."""
    rules = layout.rules(layout.served, layout.rate.copy())
    blank = [np.zeros(len(layout.phases)) for _ in range(9)]
    now = Now(*blank, np.ones(len(layout.masks), np.bool_))  # type: ignore[call-arg, arg-type]
    traffic = blank_traffic(len(layout.lanes))
    write(np.zeros(0), np.zeros(OF_A_LANE * len(layout.lanes)), traffic)
    search(rules, now, traffic, layout.work(), layout.knobs(), 0, BEAM)
