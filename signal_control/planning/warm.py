"""Is the search compiled before the first green needs it?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from collectors.compiled import entry
from signal_control.planning.arrays import Knobs, Now, Rules, Traffic, Work
from signal_control.planning.layout import BEAM, Layout
from signal_control.planning.rows import blank_traffic, warm_write
from signal_control.planning.search import search

Search = Callable[[Rules, Now, Traffic, Work, Knobs, int, int], tuple[int, float, int]]


def warm(layout: Layout) -> Search:
    """The search, after one on an empty street: compiles, or loads what an earlier start compiled.

    Later calls cost nothing.
    """
    rules = layout.rules(layout.served, layout.rate.copy())
    blank = [np.zeros(len(layout.phases)) for _ in range(9)]
    now = Now(*blank, np.ones(len(layout.masks), np.bool_))  # type: ignore[call-arg, arg-type]
    warm_write(len(layout.lanes))
    traffic = blank_traffic(len(layout.lanes))
    search(rules, now, traffic, layout.work(), layout.knobs(), 0, BEAM)
    return entry(search)
