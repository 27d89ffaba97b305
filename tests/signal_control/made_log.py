"""A log of an intersection that nobody built: two phases, detectors, pedestrians, priority and preemption."""

from __future__ import annotations

import numpy as np

SECOND = 1_000_000_000
START = 1_700_000_100 // 900 * 900 * SECOND
CHANNELS = {2: (1, 2), 4: (3,)}


def made_log(seed: int, hours: float = 1.0) -> np.ndarray:
    """Rows of (at_ns, code, param) in order of time; every code that any measure reads is among them."""
    chance, rows = np.random.default_rng(seed), []
    t, end = 0.0, hours * 3600.0
    while t < end:
        t = _cycle(chance, rows, t)
    for channel in (1, 2, 3):
        at = 0.0
        while at < end:
            at += chance.exponential(8.0)
            on = round(at, 1)
            at += chance.uniform(0.2, 4.0)
            rows += [(on, 82, channel), (round(at, 1), 81, channel)]
    for at in np.arange(60.0, end, 290.0):
        rows += [(at, 400, 3), (at, 502, 0), (at, 503, int(chance.integers(20, 60)))]
    rows += [(10.0, 131, 1), (10.0, 132, 90), (10.0, 135, 40), (end / 2, 132, 100)]
    rows += [(at, code, number) for at, code, number in _rare(end)]
    table = np.array([(round(at, 1) * SECOND, code, param) for at, code, param in rows if at < end])
    table[:, 0] += START
    return table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))].astype(np.int64)


def _cycle(chance: np.random.Generator, rows: list[tuple[float, int, int]], t: float) -> float:
    for phase in (2, 4):
        green, cause = float(chance.integers(8, 40)), int(chance.choice((4, 5, 6)))
        pressed = bool(chance.random() < 0.4)
        rows += [(t - 5 - chance.integers(0, 10), 43, phase), (t, 1, phase)]
        if pressed:
            rows += [(t - 9, 90, phase), (t - 8.5, 89, phase), (t - 9, 45, phase), (t, 21, phase)]
            rows += [(t + 5, 22, phase), (t + 7, 23, phase)]
        rows += [(t + green, cause, phase), (t + green, 7, phase), (t + green, 8, phase)]
        if chance.random() < 0.7:
            rows.append((t + 1, 44, phase))
        t += green + 3
        rows += [(t, 9, phase), (t, 10, phase), (t + 1.5, 11, phase), (t + 1.5, 12, phase)]
        t += 2
    rows += [(t, 300, 30), (t, 316, 60), (t, 318, 3)]
    return t


def _rare(end: float) -> list[tuple[float, int, int]]:
    found = []
    for at in np.arange(400.0, end, 1500.0):
        found += [(at, 102, 1), (at + 1, 105, 1), (at + 4, 106, 1), (at + 9, 107, 1), (at + 20, 104, 1)]
        found += [(at + 25, 111, 1), (at + 100, 112, 7), (at + 104, 113, 7), (at + 130, 115, 7)]
    return found
