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
import random
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from signal_control.controller import Controller
from signal_control.events import (
    DETECTOR_OFF,
    DETECTOR_ON,
    PHASE_GREEN,
    PHASE_RED_CLEAR,
    PHASE_RED_CLEAR_END,
    PHASE_YELLOW,
    Event,
)
from signal_control.model import Intersection
from signal_control.status import SignalState

SECOND = 1_000_000_000
START = 1_790_000_000 * SECOND
THROUGH_VEH_H, LEFT_VEH_H = 260, 90


def eight_phases(name: str) -> Intersection:
    """Eight phases; per approach two through lanes and a left-turn pocket."""
    phases, lanes, detectors = [], [], []
    for n in range(1, 9):
        through = n % 2 == 0
        place = {"ring": 1 if n <= 4 else 2, "barrier": 1 if n in (1, 2, 5, 6) else 2}
        timing = {"min_green_s": 7, "max_green_s": 50 if through else 25, "yellow_s": 3, "red_clear_s": 1}
        ped = {"walk_s": 7, "ped_clear_s": 9} if through else {}
        phases.append({"number": n, "label": str(n), **place, **timing, **ped})
        approach = f"{name}_a{n if through else {1: 6, 3: 8, 5: 2, 7: 4}[n]}"
        for k in range(2 if through else 1):
            lane = f"{approach}_{n}{k}"
            length_m = 200 if through else 80
            way = {"turns": ["through" if through else "left"], "length_m": length_m}
            lanes.append({"id": lane, "link": approach, "phases": [n], **way})
            channel = 2 * len(lanes)
            detectors.append({"channel": channel, "lane": lane, "role": "stop", "distance_m": 1.5})
            ahead_m = 80 if through else 45
            detectors.append({"channel": channel + 1, "lane": lane, "role": "advance", "distance_m": ahead_m})
    splits = [{"phase": n, "split_s": 15 if n % 2 else 35} for n in range(1, 9)]
    plan = {"cycle_s": 100, "sequence": [[1, 2, 3, 4], [5, 6, 7, 8]], "splits": splits}
    fields = {
        "id": name,
        "name": name,
        "phases": phases,
        "lanes": lanes,
        "detectors": detectors,
        "plan": plan,
    }
    return Intersection.model_validate(fields)


class Street:
    """Traffic and lights of one intersection, a second at a time: the least that makes a planner work."""

    def __init__(self, intersection: Intersection, seed: int) -> None:
        self.x, self._random = intersection, random.Random(seed)
        self._queue = dict.fromkeys((lane.id for lane in intersection.lanes), 0)
        self._coming: list[tuple[int, str]] = []
        self._greens: set[int] = {2, 6}
        self._until: dict[int, tuple[str, float]] = {}
        self._channel = {(d.lane, d.role): d.channel for d in intersection.detectors}

    def second(self, now_s: int, serve: tuple[int, ...]) -> tuple[list[Event], SignalState]:
        """Events of this second and the cabinet's report at its end."""
        events = [*self._lights(now_s, serve), *self._traffic(now_s)]
        at_ns = START + now_s * SECOND
        waiting = {p for x in self.x.lanes if self._queue[x.id] for p in x.phases} - self._greens
        yellows = tuple(sorted(p for p, (color, _) in self._until.items() if color == "yellow"))
        clears = tuple(sorted(p for p, (color, _) in self._until.items() if color == "red"))
        greens = tuple(sorted(self._greens))
        state = SignalState(at_ns, "remote", greens, yellows, clears, veh_calls=tuple(sorted(waiting)))
        return events, state

    def _lights(self, now_s: int, serve: tuple[int, ...]) -> list[Event]:
        at_ns, events = START + now_s * SECOND, []
        for p, (color, end_s) in list(self._until.items()):
            if now_s >= end_s:
                code = PHASE_RED_CLEAR if color == "yellow" else PHASE_RED_CLEAR_END
                events.append(Event(at_ns, code, p))
                if color == "yellow":
                    self._until[p] = ("red", now_s + 1)
                else:
                    del self._until[p]
        for p in self._greens - set(serve or self._greens):
            self._greens.discard(p)
            self._until[p] = ("yellow", now_s + 3)
            events.append(Event(at_ns, PHASE_YELLOW, p))
        for p in set(serve) - self._greens - self._until.keys():
            if all(self.x.compatible(p, q) for q in (*self._greens, *self._until)):
                self._greens.add(p)
                events.append(Event(at_ns, PHASE_GREEN, p))
        return events

    def _traffic(self, now_s: int) -> list[Event]:
        at_ns, events = START + now_s * SECOND, []
        for lane in self.x.lanes:
            flow = THROUGH_VEH_H if lane.phases[0] % 2 == 0 else LEFT_VEH_H
            if self._random.random() < flow / 3600:
                channel = self._channel[lane.id, "advance"]
                events += [
                    Event(at_ns, DETECTOR_ON, channel),
                    Event(at_ns + SECOND // 2, DETECTOR_OFF, channel),
                ]
                self._coming.append((now_s + 6, lane.id))
            if self._queue[lane.id] and self._greens & set(lane.phases) and now_s % 2 == 0:
                self._queue[lane.id] -= 1
                channel = self._channel[lane.id, "stop"]
                events += [Event(at_ns, DETECTOR_ON, channel), Event(at_ns + SECOND, DETECTOR_OFF, channel)]
        for due_s, name in self._coming:
            if due_s == now_s:
                self._queue[name] += 1
        self._coming = [x for x in self._coming if x[0] > now_s]
        return sorted(events, key=lambda e: e.at_ns)


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
