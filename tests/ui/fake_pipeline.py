"""What do a made-up city's pipeline, meters and bins report? Numbers that move and balance."""

from __future__ import annotations

import math
from typing import Any

TOPIC = "arterial/demo/"
HOSTILE = [
    (
        "malformed",
        "water/w-0031",
        "not JSON: unexpected character at byte 0",
        "<script>alert(1)</script><img src=x>",
    ),
    ("out_of_range", "waste/b-044", "fill is 7.2, allowed are 0 to 1", '{"t":1764572400000,"fill":7.2}'),
    ("not_finite", "power/p-0009", "power_kw is NaN", '{"t":1764572400000,"power_kw":NaN}'),
    ("unknown_device", "gas/g-\u202e9999", "no gas meter is named so", "\x00\x1b[31m\u202ereversed\u0007"),
    ("malformed", "power/p-0100", "empty payload", ""),
    ("too_large", "water/w-0002", "payload is 1,048,577 bytes, allowed are 65,536", "A" * 400),
]


def pipeline(elapsed_s: float, wall_ms: int, state: str) -> dict[str, Any]:
    """The books after `elapsed_s` seconds of wall time."""
    if state == "empty":
        return _nothing(wall_ms)
    trouble = state == "trouble"
    received = int(820 * elapsed_s)
    refused, duplicate = int(elapsed_s * 0.7), 17
    waiting = 48_210 if trouble else int(300 + 200 * math.sin(elapsed_s))
    stored = received - refused - duplicate - waiting - (12 if trouble else 0)
    rate = 820 + 60 * math.sin(elapsed_s / 3)
    stores = _stores(elapsed_s, wall_ms, waiting, trouble)
    reasons = ("malformed", "out_of_range", "not_finite", "unknown_device", "too_large")
    return {
        "received": received,
        "stored": stored,
        "refused": refused,
        "duplicate": duplicate,
        "waiting": waiting,
        "balanced": not trouble,
        "received_per_s": rate,
        "stored_per_s": 0.0 if trouble else rate * 0.99,
        "series": [
            _rates(elapsed_s - 300 + s, wall_ms - 300_000 + 1000 * s, trouble) for s in range(0, 301, 2)
        ],
        "kinds": {kind: int(received * share) for kind, share in _SHARES.items()},
        "refused_by_reason": {reason: refused // (n + 2) for n, reason in enumerate(reasons)},
        "recent_refused": [
            {
                "at_ms": wall_ms - 3100 * n,
                "reason": reason,
                "topic": TOPIC + topic,
                "detail": detail,
                "preview": preview,
            }
            for n, (reason, topic, detail, preview) in enumerate(HOSTILE)
        ],
        **_marks(elapsed_s, refused, trouble),
        "store": stores[0],
        "stores": stores,
        "spool": {"used_bytes": 2_000_000, "max_bytes": 1 << 30, "full": "full" if trouble else ""},
        "broker": {"state": "connected", "since_ms": wall_ms - int(elapsed_s * 1000), "name": "nats"},
    }


def _marks(elapsed_s: float, refused: int, trouble: bool) -> dict[str, Any]:
    """Flags, clocks, and what became of the refused; in trouble one clock is an hour behind."""
    kept = refused // 2
    fates = {"kept": kept, "accepted": max(0, refused - kept - 3), "purged": 3, "evicted": 0}
    off = {"w-0042": -3601.2 if trouble else -0.31, "b-017": 0.12, "x1": 0.04}
    return {
        "refused_ledger": {"refused": refused, **fates, "balanced": True},
        "refused_by_topic": {TOPIC + topic: refused // (n + 3) for n, (_, topic, *_) in enumerate(HOSTILE)},
        "flagged": {"retained": 12, "late": int(elapsed_s * 1.3), "clock": 204 if trouble else 0},
        "findings": {"outage": 1, "silent": 3, "stuck": 2} if trouble else {},
        "clocks": {
            "measured": 420,
            "steps": int(trouble),
            "worst": [{"site": "demo", "device": name, "ahead_s": ahead} for name, ahead in off.items()],
        },
    }


def _stores(elapsed_s: float, wall_ms: int, waiting: int, trouble: bool) -> list[dict[str, Any]]:
    """Two of them; in trouble the first is down and the second holds the full spool."""
    since_ms = wall_ms - (58_000 if trouble else int(elapsed_s * 1000))
    first = {"name": "duckdb", "state": "down" if trouble else "ok", "since_ms": since_ms, "why": "gone"}
    second = {"name": "archive", "state": "full" if trouble else "ok", "since_ms": since_ms, "why": "full"}
    lag_s = 58.0 if trouble else 0.4
    return [{**first, "lag_s": lag_s, "waiting": waiting}, {**second, "lag_s": 2 * lag_s, "waiting": waiting}]


_SHARES = {
    "hires": 0.46,
    "truth": 0.2,
    "queue": 0.13,
    "signal": 0.1,
    "power": 0.04,
    "water": 0.03,
    "gas": 0.02,
    "decision": 0.01,
    "waste": 0.01,
}


def _rates(second: float, at_ms: int, trouble: bool) -> list[float]:
    rate = 800 + 60 * math.sin(second / 3) + 40 * math.sin(second / 11)
    down = trouble and second > 0 and at_ms % 300_000 > 242_000
    return [at_ms, rate, 0.0 if down else rate * (0.97 + 0.02 * math.sin(second))]


def _nothing(wall_ms: int) -> dict[str, Any]:
    return {
        **dict.fromkeys(("received", "stored", "refused", "duplicate", "waiting"), 0),
        "balanced": True,
        "received_per_s": 0.0,
        "stored_per_s": 0.0,
        "series": [],
        "kinds": {},
        "refused_by_reason": {},
        "recent_refused": [],
        "store": {"name": "influx", "state": "ok", "since_ms": wall_ms - 3000, "lag_s": 0.0},
        "broker": {"state": "down", "since_ms": wall_ms - 3000, "name": "mqtt"},
    }


def utilities(elapsed_s: float, empty: bool) -> dict[str, Any]:
    """Meters of three networks; none when `empty`."""
    wave = math.sin(elapsed_s / 20)
    rows = {
        "water": (100, 99, 41.3 + 4 * wave, "m3/h", 20_411.2 + elapsed_s / 90, "m3"),
        "power": (100, 100, 118.2 + 9 * wave, "kW", 412_208.4 + elapsed_s / 30, "kWh"),
        "gas": (100, 97, 22.8 - 2 * wave, "m3/h", 98_004.7 + elapsed_s / 160, "m3"),
    }
    names = ("devices", "reporting", "total", "total_unit", "counter", "counter_unit")
    none = (0, 0, None, "", None, "")
    return {kind: dict(zip(names, none if empty else row, strict=True)) for kind, row in rows.items()}


def waste(elapsed_s: float, empty: bool) -> dict[str, Any]:
    """Bins; none when `empty`."""
    if empty:
        return {"devices": 0, "reporting": 0, "over_80": 0, "histogram": [0] * 10, "fullest": []}
    histogram = [9, 14, 17, 18, 16, 14, 12, 9, 7, 4]
    fullest = [("b-017", 0.97), ("b-103", 0.95), ("b-044", 0.93), ("b-008", 0.91), ("b-071", 0.88)]
    return {
        "devices": 120,
        "reporting": 120,
        "over_80": 11,
        "histogram": histogram,
        "fullest": [{"device": name, "fill": min(1.0, fill + elapsed_s / 1e6)} for name, fill in fullest],
    }
