"""What does a decision of the planner cost, and how many intersections can one process control?

Run it: `python tests/bench/bench_planner.py`. CPU time of this thread, not wall clock, so other work on the
machine hurts less. Every intersection has eight phases and twelve lanes with stop-line and advance detectors,
and a street of its own (random arrivals, lights that obey) that sends what a cabinet would; with `--row` each
leads into the next. Timed is what production does with what ingest hands over: events and reports in,
neighbours told, estimates, decisions, safety review, commands, and the readings that are stored, with memory
managed as the running program does it. `decide` is the strategy alone. Percent are of a core at one decision
a second.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.reading import Reading
from gateway.links.fast_memory import settled
from gateway.signals import Signals
from signal_control.controller import Controller
from signal_control.model import Intersection
from signal_control.status import SignalState
from signal_control.warm import warm_up
from tests.signal_control.small_street import SECOND, START, Street, eight_phases

SITE, SETTLING_S = "bench", 30


def row(count: int) -> list[Intersection]:
    """So many intersections; eastbound through lanes of each lead into the next."""
    found = []
    for i in range(count):
        x = eight_phases(f"x{i}")
        onward = {f"x{i + 1}_a2": 0.9}
        lanes = tuple(
            lane.model_copy(update={"to": onward}) if lane.link.endswith("_a2") else lane for lane in x.lanes
        )
        found.append(x.model_copy(update={"lanes": lanes}))
    return found


def run(count: int, seconds: int, strategy: str, in_a_row: bool) -> dict[str, Any]:
    """`count` intersections for so long; CPU per intersection and second, memory of each, stored readings."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    city = row(count) if in_a_row else [eight_phases(f"x{i}") for i in range(count)]
    signals = Signals(SITE, city, strategy)
    streets = {x.id: Street(x, i) for i, x in enumerate(city)}
    spent, stored, changed, serving = 0.0, 0, 0, dict.fromkeys(streets, (2, 6))
    with settled():
        for s in range(seconds):
            if s == SETTLING_S:
                held = tracemalloc.get_traced_memory()[0] - before
                tracemalloc.stop()
            heard = [
                reading for name, street in streets.items() for reading in readings(street, s, serving[name])
            ]
            began = time.thread_time()
            for reading in heard:
                signals.observe(reading)
            tick = signals.tick(START + s * SECOND)
            if s >= SETTLING_S:
                spent += time.thread_time() - began
                stored += len(tick.readings)
            changed += sum(bool(d.binding) for d in tick.decisions)
            serving = {d.intersection: d.command.serve if d.command else () for d in tick.decisions}
            del tick  # nor does the program keep it
    timed_s = count * (seconds - SETTLING_S)
    return {
        "tick_ms": 1000 * spent / timed_s,
        "kb": held / count / 1024,
        "changed": changed,
        "stored": stored / timed_s,
        "decides": decide_times(Controller(city[0], strategy), seconds),
    }


def readings(street: Street, second: int, serve: tuple[int, ...]) -> list[Reading]:
    """What ingest makes of a second of a street."""
    events, state = street.second(second, serve)
    name = street.x.id
    found = [Reading("hires", SITE, name, e.at_ns, {"code": e.code, "param": e.param}) for e in events]
    return [*found, Reading("signal", SITE, name, state.at_ns, told(state))]


def told(state: SignalState) -> dict[str, Any]:
    """A cabinet's report, as ingest hands it on."""
    sets = ("greens", "yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls")
    masks = {name: sum(1 << p - 1 for p in getattr(state, name)) for name in sets}
    return {"mode": state.mode, "plan": state.plan, "command": state.command, **masks}


def decide_times(fresh: Controller, seconds: int) -> list[float]:
    """Milliseconds of single decisions of the strategy alone, on a street of its own."""
    times: list[float] = []
    street, serving = Street(fresh.intersection, 99), (2, 6)
    strategy = fresh._strategy
    inner = strategy.decide

    def timed(view: Any) -> Any:
        began = time.thread_time()
        proposal = inner(view)
        times.append(1000 * (time.thread_time() - began))
        return proposal

    strategy.decide = timed  # type: ignore[method-assign]
    for s in range(max(600, seconds)):
        events, state = street.second(s, serving)
        for event in events:
            fresh.observe(event)
        fresh.observe_state(state)
        decision = fresh.tick(state.at_ns, {})
        serving = decision.command.serve if decision.command else ()
    return sorted(times[30:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="10,100,1000")
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--strategy", default="lookahead")
    parser.add_argument("--row", action="store_true", help="each intersection leads into the next")
    wish = parser.parse_args()
    began = time.perf_counter()
    warm_up(eight_phases("x"))
    print(f"compiled, or loaded: {time.perf_counter() - began:.1f} s")
    for count in (int(n) for n in wish.counts.split(",")):
        found = run(count, wish.seconds, wish.strategy, wish.row)
        times = found["decides"]
        print(
            f"{count:>5} intersections: {found['tick_ms']:.3f} ms per intersection and second = "
            f"{count * found['tick_ms'] / 10:.1f} % of a core; {found['kb']:.0f} kB each, "
            f"{found['stored']:.2f} readings a second; decide median {times[len(times) // 2]:.3f} ms, "
            f"p99 {times[int(0.99 * len(times))]:.3f} ms; safety filter changed {found['changed']} commands"
        )


if __name__ == "__main__":
    main()
