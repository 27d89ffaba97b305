"""Prepare the room of the search before it, and read the best sequence out of it afterwards. Compiled."""

from __future__ import annotations

from collectors.compiled import compiled
from signal_control.planning.arrays import NEVER, Flags, Floats, Ints, Now, Rules, Traffic, Work


@compiled
def tabulate(
    eta: Floats, size: Floats, stood: Flags, count: Ints, horizon: int, sums: Floats, arrived: Ints
) -> None:
    """Running sums over the vehicles of each lane (size x time, size, size of who moves), and how many are
    there by each second."""
    for lane in range(count.shape[0]):
        n = count[lane]
        sums[lane, 0, 0] = sums[lane, 0, 1] = sums[lane, 0, 2] = 0.0
        for i in range(n):
            s = size[lane, i]
            sums[lane, i + 1, 0] = sums[lane, i, 0] + s * eta[lane, i]
            sums[lane, i + 1, 1] = sums[lane, i, 1] + s
            sums[lane, i + 1, 2] = sums[lane, i, 2] + (0.0 if stood[lane, i] else s)
        i = 0
        for t in range(horizon + 1):
            while i < n and eta[lane, i] <= t:
                i += 1
            arrived[lane, t] = i


@compiled
def plant(rules: Rules, now: Now, traffic: Traffic, work: Work, stage: int, horizon: int) -> None:
    """Clear the room and write the first node: the present stage at second 0."""
    tabulate(traffic.eta, traffic.size, traffic.stood, traffic.vehicles, horizon, work.sums, work.arrived)
    for t in range(horizon + 1):
        work.nodes[t] = 0
    for s in range(rules.stages.shape[0]):
        work.found[s] = NEVER * NEVER
    work.nodes[0] = 1
    work.stage[0, 0], work.begun[0, 0], work.spent[0, 0] = stage, 0, 0.0
    for p in range(now.ready_s.shape[0]):
        if rules.stages[stage] >> p & 1 and now.ready_s[p] > 0.0:
            work.begun[0, 0] |= 1 << p
        work.ready[0, 0, p], work.free[0, 0, p] = now.ready_s[p], now.free_s[p]
        work.limit[0, 0, p] = now.limit_s[p]
    for lane in range(traffic.vehicles.shape[0]):
        work.left[0, 0, lane], work.lane_free[0, 0, lane] = 0, traffic.free_s[lane]


@compiled
def retrace(work: Work, t: int, b: int, stage: int) -> None:
    """Write the best sequence: its last choice was `stage` at node (t, b)."""
    n = 0
    while t >= 0:
        work.path[n, 0], work.path[n, 1] = stage, t
        n += 1
        if t == 0:
            break
        stage = work.stage[t, b]
        t, b = work.parent[t, b, 0], work.parent[t, b, 1]
    work.path[n, 0] = -1
