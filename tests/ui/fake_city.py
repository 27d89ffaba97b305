"""What would the board see of a running city? A made-up one with moving numbers; run it to work on the page.

python tests/ui/fake_city.py --port 8399 --state normal|fixed|empty|trouble|old
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

sys.path.insert(0, str(Path(__file__).parent))

from fake_alarms import FakeAlarms
from fake_pipeline import pipeline, utilities, waste
from fake_street import geometry, intersections

from gateway.alarms.route import add_alarms
from gateway.board.server import build
from gateway.operate.route import Wish

START_MS = 1_764_572_400_000
SPEED = 10.0
STATES = ("normal", "fixed", "empty", "trouble", "old")
STAGES = (((1, 5), 12.0), ((2, 6), 34.0), ((3, 7), 11.0), ((4, 8), 20.0))
YELLOW_S, RED_CLEAR_S, WALK_S, PED_CLEAR_S = 3.5, 1.5, 7.0, 12.0
STRATEGIES = [
    {"name": "fixed_time", "doc": "The local coordinated plan, by the clock."},
    {
        "name": "max_pressure",
        "doc": "Serve the movements with the most vehicles waiting, less those downstream.",
    },
    {"name": "webster", "doc": "Splits and cycle after Webster, from the flows of the last minutes."},
]


class FakeCity:
    """A BoardView whose numbers move with the clock given to it (seconds)."""

    def __init__(
        self, state: str = "normal", clock: Any = time.monotonic, street: tuple[Any, Any] | None = None
    ) -> None:
        self.state = state
        self._clock = clock
        self._start_s = clock() - 400.0
        drawn, listed = street or (geometry(), intersections())
        self._geometry = None if state == "empty" else drawn
        self._intersections = [] if state == "empty" else listed
        first = "fixed_time" if state == "fixed" else "max_pressure"
        self.strategies = {one["id"]: first for one in self._intersections}
        if state == "trouble":
            self.strategies["x4"] = "webster"
        self.alarms = FakeAlarms(state)
        self.switches: list[tuple[str, str | None]] = []
        self.orders: dict[str, tuple[Wish, str, int]] = {}

    def city(self) -> dict[str, Any]:
        return {
            "name": "Arterial demo city",
            "site": "demo",
            "strategies": STRATEGIES,
            "default_adaptive": "max_pressure",
            "geometry": self._geometry,
            "intersections": self._intersections,
        }

    def live(self) -> dict[str, Any]:
        elapsed_s = self._clock() - self._start_s
        now_ms = START_MS + int(elapsed_s * SPEED * 1000)
        wall_ms = START_MS + int(elapsed_s * 1000)
        empty = self.state == "empty"
        return {
            "now_ms": now_ms,
            "wall_ms": wall_ms,
            "clock": self._street_clock(elapsed_s),
            "intersections": {
                one["id"]: self._status(i, one, now_ms) for i, one in enumerate(self._intersections)
            },
            "pipeline": pipeline(elapsed_s, wall_ms, self.state),
            "utilities": utilities(elapsed_s, empty),
            "waste": waste(elapsed_s, empty),
            "delay": None if empty else self._delay(now_ms),
            "alarms": self.alarms.at(now_ms),
        }

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None:
        self.switches.append((strategy, intersection))
        for name in self.strategies if intersection is None else [intersection]:
            self.strategies[name] = strategy

    async def operate(self, wish: Wish, who: str) -> None:
        until_ms = self.live()["now_ms"] + int(wish.seconds * 1000)
        self.orders[wish.intersection] = (wish, who, until_ms)

    def _operation(self, name: str, now_ms: int) -> dict[str, Any]:
        wish, who, until_ms = self.orders.get(name, (None, "", 0))
        base = {"mode": "adaptive", "says": "adaptive", "why": "By the city file.", "until_ms": None}
        if wish is not None and now_ms < until_ms:
            kinds = {"release": "released", "hold": "held " + "+".join(map(str, wish.serve))}
            base |= {
                "says": kinds.get(wish.kind, wish.mode),
                "why": f"Asked for by {who}.",
                "until_ms": until_ms,
            }
        return {**base, "step": "adaptive", "cause": ""}

    def _street_clock(self, elapsed_s: float) -> dict[str, Any]:
        if self.state == "empty":
            return {"source": "system", "speed": 1.0, "profile_s": None, "age_s": 0.0}
        age_s = 14.0 if self.state == "old" else 0.1
        return {
            "source": "street",
            "speed": SPEED,
            "profile_s": 24_600 + int(elapsed_s * SPEED) % 7200,
            "age_s": age_s,
        }

    def _status(self, i: int, intersection: dict[str, Any], now_ms: int) -> dict[str, Any]:
        phases = _phases(intersection, now_ms / 1000 + 17 * i, now_ms)
        mode = (
            {1: "flash", 2: "offline", 4: "local"}.get(i, "remote") if self.state == "trouble" else "remote"
        )
        return {
            "mode": mode,
            "age_s": 47.0 if mode == "offline" else 0.1 + 0.05 * i,
            "strategy": self.strategies[intersection["id"]],
            "operation": self._operation(intersection["id"], now_ms),
            "phases": phases,
            "queues": [_queue(n, lane, phases, now_ms) for n, lane in enumerate(intersection["lanes"])],
            "decision": self._decision(intersection, phases, now_ms) if mode == "remote" else None,
        }

    def _decision(self, intersection: dict[str, Any], phases: dict[str, Any], now_ms: int) -> dict[str, Any]:
        serve = [int(n) for n, phase in phases.items() if phase["color"] == "green"] or [2, 6]
        names = " and ".join(p["label"] for p in intersection["phases"] if p["number"] in serve)
        scores = [12.4 + 5 * math.sin(now_ms / 9000), 8.1, 3.9, 1.2]
        stages = [s for s, _ in STAGES if str(s[0]) in phases]
        stages.sort(key=lambda stage: list(stage) != serve)
        strategy = self.strategies[intersection["id"]]
        why = (
            "the plan has it so"
            if strategy == "fixed_time"
            else f"they hold {scores[0]:.1f} vehicles more than they would meet downstream"
        )
        return {
            "at_ms": now_ms - 400,
            "strategy": strategy,
            "serve": serve,
            "reason": f"Serve {names}: {why}.",
            "binding": "min_green" if now_ms // 7000 % 3 == 0 else "",
            "candidates": [
                {
                    "serve": list(stage),
                    "score": score,
                    "note": "in force" if list(stage) == serve else "pressure",
                }
                for stage, score in zip(stages, scores, strict=False)
            ],
        }

    def _delay(self, now_ms: int) -> dict[str, Any]:
        def adaptive(t: float) -> float:
            return 24.0 + 4 * math.sin(t / 700e3) + 1.2 * math.sin(t / 90e3)

        def fixed(t: float) -> float:
            return 36.0 + 5 * math.sin(t / 800e3 + 1) + 1.5 * math.sin(t / 70e3)

        on_plan = set(self.strategies.values()) == {"fixed_time"}
        times = range(now_ms - 1_800_000, now_ms, 15_000)
        return {
            "window_s": 300,
            "adaptive": {
                "mean_s": adaptive(now_ms),
                "at_ms": now_ms - (540_000 if on_plan else 0),
                "live": not on_plan,
            },
            "fixed_time": {
                "mean_s": fixed(now_ms),
                "at_ms": now_ms,
                "live": True,
                "source": "street" if on_plan else "twin",
            },
            "series": [
                [t, None if on_plan and t > now_ms - 540_000 else adaptive(t), fixed(t)] for t in times
            ],
            "explain": "Delay is time lost against free flow, plus waiting to enter the street.",
        }


def _phases(intersection: dict[str, Any], second: float, now_ms: int) -> dict[str, Any]:
    present = {phase["number"]: phase for phase in intersection["phases"]}
    stages = [(numbers, green) for numbers, green in STAGES if any(n in present for n in numbers)]
    at_s = second % sum(green + YELLOW_S + RED_CLEAR_S for _, green in stages)
    shown: dict[int, tuple[str, float]] = {}
    for numbers, green in stages:
        for color, length in (("green", green), ("yellow", YELLOW_S), ("red_clear", RED_CLEAR_S)):
            if 0 <= at_s < length:
                shown = dict.fromkeys(numbers, (color, at_s))
            at_s -= length
    return {
        str(n): _phase(phase, *shown.get(n, ("red", second % 60)), now_ms) for n, phase in present.items()
    }


def _phase(phase: dict[str, Any], color: str, elapsed_s: float, now_ms: int) -> dict[str, Any]:
    ped = None
    if phase["walk_s"]:
        walking = color == "green" and elapsed_s < WALK_S
        clearing = color == "green" and WALK_S <= elapsed_s < WALK_S + PED_CLEAR_S
        ped = "walk" if walking else "clear" if clearing else "dont"
    number = phase["number"]
    return {
        "color": color,
        "since_ms": now_ms - int(1000 * elapsed_s),
        "elapsed_s": elapsed_s,
        "ped": ped,
        "call": (now_ms // 4000 + number) % 3 != 0,
        "ped_call": bool(phase["walk_s"]) and (now_ms // 6000 + number) % 5 == 0,
    }


def _queue(n: int, lane: dict[str, Any], phases: dict[str, Any], now_ms: int) -> dict[str, Any]:
    red = phases[str(lane["phases"][0])]["color"] == "red"
    size = 7.0 if "through" in lane["turns"] else 3.5
    wave = 0.55 + 0.45 * math.sin(now_ms / 21_000 + 1.7 * n)
    estimate = size * wave * (1.3 if red else 0.6)
    truth = max(0, round(estimate + 1.3 * math.sin(now_ms / 13_000 + n)))
    return {
        "lane": lane["id"],
        "estimate": estimate,
        "sd": 0.4 + 0.1 * estimate,
        "truth": truth,
        "age_s": 0.2,
    }


def main() -> None:
    """Serve the board with a fake city on 127.0.0.1."""
    parser = argparse.ArgumentParser(description="Serve the board with a made-up city.")
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--state", choices=STATES, default="normal")
    options = parser.parse_args()
    city = FakeCity(options.state)
    app = build(city, operate=city.operate)
    add_alarms(app, city.alarms)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
