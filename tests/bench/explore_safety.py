"""How many states can an intersection of two rings and eight phases get into, and is each one safe?

python -m tests.bench.explore_safety             # all eight phases: a quarter of an hour or more
python -m tests.bench.explore_safety 2468        # only these phases
"""

from __future__ import annotations

import sys
import time

from tests.signal_control.explorer import Explorer, small

MAX_WAIT_S = 16


def main(words: list[str]) -> int:
    """Explore, print what was found; returns 1 when something unsafe was."""
    numbers = tuple(int(c) for c in (words[0] if words else "12345678"))
    found = Explorer(small(numbers, MAX_WAIT_S), veh=1, ped=0)
    began = time.monotonic()
    states = found.run()
    took_s = time.monotonic() - began
    phases = "+".join(map(str, numbers))
    print(f"phases {phases}: {states:,} states, {found.decisions:,} decisions, {took_s:.0f} s")
    print(f"longest wait {found.longest_wait_s} s of {MAX_WAIT_S} s; breaches: {len(found.breaches)}")
    for breach in found.breaches:
        print(breach)
    return 1 if found.breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
