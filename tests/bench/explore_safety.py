"""How many states can an intersection of two rings and eight phases get into, and is each one safe?

python -m tests.bench.explore_safety             # all eight phases: a quarter of an hour or more
python -m tests.bench.explore_safety 2468        # only these phases
python -m tests.bench.explore_safety overlaps    # four phases with two overlaps, one of them with a modifier
python -m tests.bench.explore_safety stages      # four phases in three declared stages
"""

from __future__ import annotations

import sys
import time

from signal_control.model import Intersection
from tests.signal_control.explorer import Explorer, small, staged

MAX_WAIT_S = 16


OVERLAPS = (
    {"number": 1, "label": "A", "included": [2], "trail_green_s": 2, "yellow_s": 3, "red_clear_s": 2},
    {"number": 2, "label": "B", "included": [4], "modifiers": [8], "yellow_s": 3, "red_clear_s": 2},
)


def chosen(word: str) -> Intersection:
    """The intersection that a word of the command line stands for."""
    if word == "overlaps":
        return small((2, 4, 6, 8), MAX_WAIT_S, overlaps=OVERLAPS)
    if word == "stages":
        return staged(((1, 2), (2, 3), (3, 4)), MAX_WAIT_S)
    return small(tuple(int(c) for c in word), MAX_WAIT_S)


def main(words: list[str]) -> int:
    """Explore, print what was found; returns 1 when something unsafe was."""
    x = chosen(words[0] if words else "12345678")
    found = Explorer(x, veh=1, ped=0)
    began = time.monotonic()
    states = found.run()
    took_s = time.monotonic() - began
    phases = "+".join(str(p.number) for p in x.phases)
    print(f"phases {phases}: {states:,} states, {found.decisions:,} decisions, {took_s:.0f} s")
    print(f"longest wait {found.longest_wait_s} s of {MAX_WAIT_S} s; breaches: {len(found.breaches)}")
    for breach in found.breaches:
        print(breach)
    return 1 if found.breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
