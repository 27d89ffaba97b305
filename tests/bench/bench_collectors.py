"""What does reading a message cost, beside the least that could be done (json.loads and a dict)?

Run it: `python tests/bench/bench_collectors.py`. Microseconds per message, best of several rounds; the
ratio is to the baseline of the same run, so that it can be compared between machines.
"""

from __future__ import annotations

import json
import sys
import timeit
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.plugins import kinds
from collectors.reading import BadPayload
from collectors.source import Source, Sources

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000
ROUNDS, CALLS = 7, 4_000

CITY = Sources([Source(f"arterial/{{site}}/{kind}/{{device}}", "json", kind) for kind in kinds()])


def message(kind: str, device: str, record: object) -> tuple[str, bytes]:
    return f"arterial/demo/{kind}/{device}", json.dumps(record, separators=(",", ":")).encode()


MESSAGES = {
    "water": message("water", "w-0001", {"t": T, "volume_m3": 812.374, "flow_m3_h": 0.31, "battery_v": 3.6}),
    "waste": message("waste", "b-001", {"t": T, "fill": 0.42, "temperature_c": 14.5, "battery_v": 3.6}),
    "signal": message("signal", "x1", kinds()["signal"].example),
    "truth, 6 lanes": message("truth", "x1", {"t": T, "lanes": {f"x1_eb_{i}": i for i in range(6)}}),
    "hires, 1 event": message("hires", "x1", {"seq": 881, "events": [[T, 82, 5]]}),
    "hires, 20 events": message(
        "hires", "x1", {"seq": 881, "events": [[T + 100 * i, 82 - i % 2, i] for i in range(20)]}
    ),
    "garbage": ("arterial/demo/water/w-0001", b'{"t":1754000000000,"volume_m3":"812"}'),
}


def baseline(topic: str, payload: bytes) -> list[dict[str, object]]:
    """The standard library, no check of anything: topic split, json.loads, one dict per reading."""
    _, site, kind, device = topic.split("/")
    record = json.loads(payload)
    rows = record.get("events") or [record]
    return [{"site": site, "kind": kind, "device": device, "record": row} for row in rows]


def refusable(topic: str, payload: bytes) -> object:
    try:
        return CITY.read(topic, payload, NOW_NS)
    except BadPayload as refusal:
        return refusal


def best_us(call: Callable[[], object]) -> float:
    return min(timeit.repeat(call, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def main() -> None:
    print(f"{'message':<18}{'bytes':>7}{'arterial us':>13}{'baseline us':>13}{'ratio':>8}")
    for name, (topic, payload) in MESSAGES.items():
        ours = best_us(lambda t=topic, p=payload: refusable(t, p))  # type: ignore[misc]
        least = best_us(lambda t=topic, p=payload: baseline(t, p))  # type: ignore[misc]
        print(f"{name:<18}{len(payload):>7}{ours:>13.2f}{least:>13.2f}{ours / least:>8.2f}")


if __name__ == "__main__":
    main()
