"""How many intersection-hours of random commands and faults pass without a conflict monitor's trip?

python -m tests.bench.bench_hours             # a hundred hours
python -m tests.bench.bench_hours 10 7        # fewer, another seed
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.simulators.rough_hours import FAULTS, RoughHours
from tests.simulators.test_rough_hours import rough_crossroads


def main(words: list[str]) -> int:
    """Run hour by hour, a third of them over NTCIP; returns 1 when a monitor tripped."""
    hours, seed = (int(w) for w in (*words, *("100", "1")[len(words) :]))
    happened, trips, began = Counter[str](), 0, time.monotonic()
    for hour in range(hours):
        field = RoughHours(rough_crossroads(), seed * 1000 + hour, ntcip=hour % 3 == 2)
        faults = field.run(3600)
        happened += field.happened
        trips += bool(faults)
        for fault in faults:
            print(f"hour {hour}: {fault}")
        print(f"{hour + 1} hours", file=sys.stderr)
    faults_made = ", ".join(f"{name} {happened[name]:,}" for name in (*FAULTS, "lost"))
    print(
        f"{hours} intersection-hours, {happened['decisions']:,} decisions, {happened['accepted']:,} commands "
        f"obeyed, {time.monotonic() - began:.0f} s; trips: {trips}\nfaults: {faults_made}"
    )
    return int(trips > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
