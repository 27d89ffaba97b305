"""Is the search compiled before the first green needs it?"""

from __future__ import annotations

import numpy as np

from signal_control.planning.arrays import Now, Traffic
from signal_control.planning.layout import BEAM, VEHICLES, Layout
from signal_control.planning.search import search


def warm(layout: Layout) -> None:
    """Search an empty street: compiles, or loads what an earlier start compiled. Later calls cost nothing."""
    lanes, shape = len(layout.lanes), (len(layout.lanes), VEHICLES)
    rules = layout.rules(layout.served, layout.rate.copy())
    blank = [np.zeros(len(layout.phases)) for _ in range(9)]
    now = Now(*blank, np.ones(len(layout.masks), np.bool_))  # type: ignore[call-arg, arg-type]
    nobody = np.zeros(lanes, np.int64)
    traffic = Traffic(
        eta=np.zeros(shape),
        size=np.zeros(shape),
        stood=np.zeros(shape, np.bool_),
        vehicles=nobody,
        last=nobody.copy(),
        weight=np.ones(lanes),
        headway_s=np.ones(lanes),
        free_s=np.zeros(lanes),
        inside=np.zeros(lanes, np.bool_),
    )
    search(rules, now, traffic, layout.work(), layout.knobs(), 0, BEAM)
