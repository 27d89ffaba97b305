"""What does a decision of the planner cost, and how many intersections can one process control?

Run it: `python tests/bench/bench_planner.py`. CPU time of this thread, not wall clock, so other work on the
machine hurts little. Every intersection has eight phases and twelve lanes with stop-line and advance
detectors; a street of its own (random arrivals, lights that obey) sends what a cabinet would. Timed is what
production does: take the events in, tell the neighbours, decide, keep the inputs. `decide` is the strategy
alone. The last lines are the city: CPU seconds per second of street at 1 decision per second, and memory.
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

from signal_control.controller import Controller
from tests.signal_control.small_street import Street, eight_phases


def run(count: int, seconds: int, strategy: str) -> dict[str, Any]:
    """`count` intersections for so long; CPU per intersection and second, decide times, changed commands."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    pairs = [(Controller(x := eight_phases(f"x{i}"), strategy), Street(x, i)) for i in range(count)]
    made = (tracemalloc.get_traced_memory()[0] - before) / count
    tracemalloc.stop()
    spent, decides, changed, serving = 0.0, [], 0, dict.fromkeys(range(count), (2, 6))
    for s in range(seconds):
        for i, (controller, street) in enumerate(pairs):
            events, state = street.second(s, serving[i])
            began = time.thread_time()
            for event in events:
                controller.observe(event)
            controller.observe_state(state)
            controller.link_states(state.at_ns)
            decision = controller.tick(state.at_ns, {})
            took = time.thread_time() - began
            if s >= 30:
                spent += took
            serving[i] = decision.command.serve if decision.command else ()
            changed += bool(decision.binding)
    decides = decide_times(pairs[0][0], seconds)
    per_tick_ms = 1000 * spent / count / max(1, seconds - 30)
    return {
        "count": count,
        "tick_ms": per_tick_ms,
        "made_kb": made / 1024,
        "changed": changed,
        "decides": decides,
    }


def decide_times(controller: Controller, seconds: int) -> list[float]:
    """Milliseconds of single decisions of the strategy alone, on a street of its own."""
    x, times = controller.intersection, []
    fresh, street, serving = Controller(x, controller.strategy), Street(x, 99), (2, 6)
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
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--strategy", default="lookahead")
    wish = parser.parse_args()
    began = time.perf_counter()
    run(1, 40, wish.strategy)
    print(f"first start, compilation included: {time.perf_counter() - began:.1f} s")
    for count in (int(n) for n in wish.counts.split(",")):
        found = run(count, wish.seconds, wish.strategy)
        times = found["decides"]
        print(
            f"{count:>5} intersections: {found['tick_ms']:.3f} ms per intersection and second = "
            f"{count * found['tick_ms'] / 10:.1f} % of a core at 1 Hz; {found['made_kb']:.0f} kB each; "
            f"decide median {times[len(times) // 2]:.3f} ms, p99 {times[int(0.99 * len(times))]:.3f} ms; "
            f"safety filter changed {found['changed']} commands"
        )


if __name__ == "__main__":
    main()
