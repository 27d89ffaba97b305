"""How far is the queue estimate off on our corridor, per detector layout and failure, and what does it cost?

    python tests/bench/bench_queues.py --record var/queues.jsonl.gz    # one SUMO run under the local plans
    python tests/bench/bench_queues.py --score var/queues.jsonl.gz     # some seconds for every row

Scored against SUMO's truth (simulators.street_queue) once a second after five minutes, over all lanes: RMSE
and bias over all of it, cover of the 90 % interval where truth or estimate is half a vehicle or more (an
empty road tests no interval). Cost: CPU of events, reports and estimates, per intersection and second.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from signal_control.events import DETECTOR_OFF, DETECTOR_ON, Event  # noqa: E402
from signal_control.model import Intersection  # noqa: E402
from signal_control.queue_estimate import QueueEstimate  # noqa: E402
from signal_control.queues import QueueEstimator  # noqa: E402
from signal_control.status import SignalState  # noqa: E402

START_MS, WARM_S = 1_790_000_000_000, 300
LAYOUTS = {"loops": {"stop", "advance"}, "stopline": {"stop"}, "advance": {"advance"}}
Log = list[list[int]]
Failure = Callable[[Log, str, int], Log]


def intersections() -> list[Intersection]:
    """Those of the demo city."""
    data = tomllib.loads((ROOT / "configs/demo.toml").read_text(encoding="utf-8"))
    return [Intersection.model_validate(entry) for entry in data["intersections"]]


def record(out: Path, seconds: int, seed: int) -> None:
    """Run the corridor and write one line a second: events, greens and true queues by intersection."""
    from simulators.cabinet import Cabinet
    from simulators.network import build
    from simulators.street import Street

    with tempfile.TemporaryDirectory() as folder, gzip.open(out, "wt", encoding="utf-8") as file:
        build(ROOT / "configs/streets/corridor", Path(folder))
        street = Street(Path(folder), intersections(), seed, START_MS)
        cabinets = {x.id: Cabinet(x, START_MS) for x in intersections()}
        for _ in range(seconds):
            logs: dict[str, Log] = {name: [] for name in cabinets}
            for _ in range(2):
                step = street.step()
                for d in step.detections:
                    cabinets[d.intersection].detection(d.channel, d.t_ms, d.on)
                for name, cabinet in cabinets.items():
                    done = cabinet.step(step.now_ms)
                    street.show(name, done.lights)
                    logs[name] += [list(event) for event in done.events]
            greens = {name: cabinet.lights.greens for name, cabinet in cabinets.items()}
            told = {"t": street.now_ms, "events": logs, "greens": greens, "truth": street.truth()}
            file.write(json.dumps(told) + "\n")
        street.close()


def missing(log: Log, name: str, second: int) -> Log:
    """Every tenth pulse is lost."""
    dice = random.Random(f"{name}{second}")
    lost = {e[2] for e in log if e[1] == DETECTOR_ON and dice.random() < 0.1}
    return [e for e in log if e[1] not in (DETECTOR_ON, DETECTOR_OFF) or e[2] not in lost]


def dead(log: Log, name: str, second: int) -> Log:
    """One detector in eight says nothing from the fifth minute on."""
    return [e for e in log if second < WARM_S or not _pulse(e) or e[2] % 8 != 3]


def stuck(log: Log, name: str, second: int) -> Log:
    """One in eight turns on then and stays so."""
    kept = [e for e in log if second < WARM_S or not _pulse(e) or e[2] % 8 != 3]
    at_ms = log[0][0] if log else START_MS + 1000 * second
    return kept + ([[at_ms, DETECTOR_ON, c] for c in range(3, 64, 8)] if second == WARM_S else [])


def swapped(log: Log, name: str, second: int) -> Log:
    """Channels 3 and 4, and 11 and 12, are crossed."""
    crossed = {3: 4, 4: 3, 11: 12, 12: 11}
    return [[e[0], e[1], crossed.get(e[2], e[2])] if _pulse(e) else e for e in log]


FAILURES: dict[str, Failure | None] = {
    "none": None,
    "missing": missing,
    "dead": dead,
    "stuck": stuck,
    "swapped": swapped,
}


def _pulse(event: list[int]) -> bool:
    return event[1] in (DETECTOR_ON, DETECTOR_OFF)


def seconds_of(path: Path) -> Iterator[dict[str, Any]]:
    """The recording, second by second."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def score(path: Path, layout: str, failure: str) -> str:
    """One row of the table."""
    estimators = {x.id: QueueEstimator(_laid(x, layout)) for x in intersections()}
    seen = {x.id: {d.channel for d in _laid(x, layout).detectors} for x in intersections()}
    broken, errors, spent_s, steps = FAILURES[failure], [], 0.0, 0
    clock_s = _clock_s()
    for second, told in enumerate(seconds_of(path)):
        now_ns = told["t"] * 1_000_000
        heard = {name: _heard(told, name, second, broken, seen[name]) for name in estimators}
        states = {n: SignalState(now_ns, "local", greens=tuple(g)) for n, g in told["greens"].items()}
        began = time.thread_time()
        found = {name: _step(e, heard[name], states[name]) for name, e in estimators.items()}
        spent_s, steps = spent_s + time.thread_time() - began - clock_s, steps + len(found)
        if second >= WARM_S:
            for name, lanes in found.items():
                truth = told["truth"][name]
                errors += [(e.vehicles - truth[n], e.sd, truth[n] + e.vehicles) for n, e in lanes.items()]
    lively = [(error, sd) for error, sd, size in errors if size >= 0.5]
    covered = sum(abs(error) <= 1.645 * sd for error, sd in lively) / max(1, len(lively))
    rmse = math.sqrt(sum(error**2 for error, _, _ in errors) / len(errors))
    bias = sum(error for error, _, _ in errors) / len(errors)
    cost = f"{1e6 * spent_s / steps:5.0f} us"
    return f"{layout:9} {failure:8} {rmse:6.2f} {bias:+6.2f} {covered:7.0%}   {cost}"


def _clock_s() -> float:
    """What asking for the time costs, which is not little in some sandboxes."""
    began = time.thread_time()
    for _ in range(200):
        time.thread_time()
    return (time.thread_time() - began) / 200


def _heard(
    told: dict[str, Any], name: str, second: int, broken: Failure | None, seen: set[int]
) -> list[Event]:
    log = broken(told["events"][name], name, second) if broken else told["events"][name]
    return [Event(e[0] * 1_000_000, e[1], e[2]) for e in log if not _pulse(e) or e[2] in seen]


def _step(estimator: QueueEstimator, heard: list[Event], state: SignalState) -> dict[str, QueueEstimate]:
    for event in heard:
        estimator.observe(event)
    estimator.observe_state(state)
    return estimator.at(state.at_ns)


def _laid(x: Intersection, layout: str) -> Intersection:
    kept = tuple(d for d in x.detectors if d.role in LAYOUTS[layout])
    return x.model_copy(update={"detectors": kept})


def main() -> None:
    """Record, score, or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--score", type=Path)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if options.record:
        record(options.record, options.seconds, options.seed)
    if path := options.score or options.record:
        print("layout    failure    RMSE   bias   cover   per intersection and second")
        rows = [(layout, "none") for layout in LAYOUTS] + [("loops", f) for f in FAILURES if f != "none"]
        for layout, failure in rows:
            print(score(path, layout, failure), flush=True)


if __name__ == "__main__":
    main()
