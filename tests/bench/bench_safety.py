"""How many random and adversarial decisions does the safety filter stand, and does one breach get through?

python -m tests.bench.bench_safety                 # a million decisions
python -m tests.bench.bench_safety 100000 7        # fewer, another seed
"""

from __future__ import annotations

import sys
import time

from tests.signal_control.attack import Attack

STEP = 50_000


def main(words: list[str]) -> int:
    """Attack, print the counts; returns 1 when something got through."""
    decisions, seed = (int(w) for w in (*words, *("1000000", "1")[len(words) :]))
    found, began = Attack(seed), time.monotonic()
    while found.decisions < decisions and found.run(min(decisions, found.decisions + STEP)) is None:
        print(f"{found.decisions:,} decisions", file=sys.stderr)
    took_s = time.monotonic() - began
    print(
        f"{found.decisions:,} decisions over {found.situations:,} situations of {found.intersections:,} "
        f"intersections, {found.bound / found.decisions:.0%} bound by a rule, {took_s:.0f} s; "
        f"breaches: {int(found.breach is not None)}"
    )
    if found.breach is not None:
        print(*found.breach, sep="\n")
    return int(found.breach is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
