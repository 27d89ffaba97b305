"""Does any message make a decoder raise, or take long? `python -m tests.fuzz.run [INPUTS] [SEED]`.

Every message goes the whole way of its source: format, field map, kind. Allowed are readings and BadPayload,
nothing else, and no message that is taken may cost more than 50 ms of CPU.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from collectors.reading import BadPayload, Reading
from tests.fuzz import guided
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import SPARKPLUG_TYPES, Target, targets
from tests.fuzz.traps import traps

NOW_NS = 1_790_000_000_000_000_000
LIMIT_MS = 50.0
GUIDED_SHARE = 10
"""Where atheris is installed, one input in so many more is made by it (tests.fuzz.guided)."""
COLUMNS = ("inputs", "taken", "refused", "slowest ms", "slowest trap ms", "trap")


@dataclass
class Outcome:
    """What became of the messages of one target."""

    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    slowest: bytes = b""
    broken: list[str] = field(default_factory=list)


def feed(target: Target, topic: str, payload: bytes, outcome: Outcome) -> None:
    """Read one message and note what became of it."""
    levels = topic.split("/")
    reader = next(reader for reader in target.source.readers if reader.shape.matches(levels))
    bound = reader.at(levels)
    device = reader.shape.named(levels)[1]
    collects = gc.isenabled()
    gc.disable()  # what it takes to look through everything this process holds is not the message's
    begin = time.thread_time()
    try:
        found = bound.readings("demo", device, payload, NOW_NS)
        assert all(type(reading) is Reading and reading.device for reading in found)
    except BadPayload as bad:
        outcome.refused[bad.reason] += 1
        if not 0 < len(bad.detail) < 1000:
            outcome.broken.append(f"a detail of {len(bad.detail)} characters: {payload[:300]!r}")
        return
    except Exception as fault:
        outcome.broken.append(f"{type(fault).__name__}: {fault!s:.100} on {topic}: {payload[:300]!r}")
        return
    finally:
        spent_ms = (time.thread_time() - begin) * 1000
        if collects:
            gc.enable()
    outcome.taken += 1
    if spent_ms > outcome.slowest_ms:
        outcome.slowest_ms, outcome.slowest = spent_ms, payload


def fuzz(name: str, target: Target, inputs: int, rng: random.Random) -> Outcome:
    """Mutations of the seeds; the seeds themselves first."""
    outcome = Outcome()
    for seed in target.seeds:
        feed(target, target.topic, seed, outcome)
    for number in range(inputs):
        topic = target.topic
        if name == "sparkplug":
            if number % 500 == 0:
                _birth(target, outcome)
            kind = rng.choice(SPARKPLUG_TYPES)
            topic = f"spBv1.0/G/{kind}/n" + ("/d" if kind[0] == "D" else "")
        feed(target, topic, mutated(rng, target.seeds), outcome)
    return outcome


def trapped(name: str, target: Target) -> dict[str, Outcome]:
    """Every trap of the format, each with its own outcome; the second reading counts."""
    found: dict[str, Outcome] = {}
    for what, payload in traps(name.split(",")[0]).items():
        for _ in range(2):
            found[what] = Outcome()
            if name == "sparkplug":
                _birth(target, Outcome())
                topic = "spBv1.0/G/DBIRTH/n/d" if "birth" in what else target.topic
                feed(target, topic, payload, found[what])
            else:
                feed(target, target.topic, payload, found[what])
    return found


def _birth(target: Target, outcome: Outcome) -> None:
    feed(target, "spBv1.0/G/NBIRTH/n", target.seeds[0], outcome)
    feed(target, "spBv1.0/G/DBIRTH/n/d", target.seeds[0], outcome)


def main() -> int:
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    found = targets()
    broken: list[str] = []
    slow: list[str] = []
    print(f"{'format':<16}" + "".join(f"{name:>17}" for name in COLUMNS))
    for name, target in found.items():
        outcome = fuzz(name, target, inputs // len(found) + 1, rng)
        traps_ = trapped(name, target)
        worst = max(traps_, key=lambda what: traps_[what].slowest_ms)
        refused = sum(outcome.refused.values())
        row = (outcome.taken + refused, outcome.taken, refused)
        figures = [*map(str, row), f"{outcome.slowest_ms:.2f}", f"{traps_[worst].slowest_ms:.2f}"]
        print(f"{name:<16}" + "".join(f"{figure:>17}" for figure in figures) + f"  {worst}", flush=True)
        broken += outcome.broken + [text for trap in traps_.values() for text in trap.broken]
        slow += [
            f"{name}: {what}: {t.slowest_ms:.0f} ms" for what, t in traps_.items() if t.slowest_ms > LIMIT_MS
        ]
        if outcome.slowest_ms > LIMIT_MS:
            slow.append(f"{name}: {outcome.slowest_ms:.0f} ms: {outcome.slowest[:300]!r}")
    if guided.there():
        broken += guided.everything(inputs // GUIDED_SHARE)
    else:
        print("not guided: atheris is not installed")
    for line in (*broken[:20], *slow):
        print(line)
    print(
        f"{len(broken)} raised something else than BadPayload, {len(slow)} took more than {LIMIT_MS:.0f} ms"
    )
    return 1 if broken or slow else 0


if __name__ == "__main__":
    sys.exit(main())
