"""Prepare the room of the search before it, and read the best sequence out of it afterwards. Compiled."""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled
from signal_control.planning.arrays import (
    BEGUN,
    FREE,
    FROM,
    FROM_S,
    KEY,
    LIMIT,
    NEVER,
    RANK,
    READY,
    ROW,
    SPENT,
    STAGE,
    Counts,
    Flags,
    Floats,
    Ints,
    Now,
    Rules,
    Traffic,
    Work,
)

FACTOR: Final = 131
HASH: Final = (1 << 40) - 1
"""Keys of nodes are numbers to the base of FACTOR, cut to 40 bits: the stage, then who left each lane."""


@compiled
def tabulate(
    eta: Floats, size: Floats, stood: Flags, count: Ints, horizon: int, sums: Floats, arrived: Counts
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
            arrived[t, lane] = i


@compiled
def sort_out(rules: Rules, now: Now, traffic: Traffic, work: Work) -> None:
    """List the phases of every stage, the lanes it lets somebody go from, and who gains by which change."""
    stages, lanes, phases = rules.served.shape[0], rules.served.shape[1], rules.rivals.shape[0]
    for s in range(stages):
        n = 0
        for p in range(phases):
            if rules.stages[s] >> p & 1:
                n += 1
                work.members[s, n] = p
        work.members[s, 0] = n
        for then in range(stages):
            gain = 0
            for lane in range(lanes):
                then_s, here_s = rules.headway_s[then, lane], rules.headway_s[s, lane]
                faster = (then_s > 0.0) & ((here_s == 0.0) | (here_s > then_s + 0.01))
                gain |= int(faster) << min(lane, 62)  # without a branch, which would often be mistaken
            work.gainers[s, then] = gain
    _clear(rules, work)
    for p in range(phases):
        work.open_s[p] = 0.0
        for q in range(phases):
            if rules.rivals[p] >> q & 1:
                work.open_s[p] = max(work.open_s[p], now.gone_s[q])


@compiled
def _clear(rules: Rules, work: Work) -> None:
    """How long phases wait for those that end before them, from every stage to every other."""
    members = work.members
    for s in range(members.shape[0]):
        for then in range(members.shape[0]):
            for n in range(members[then, 0]):
                p = members[then, n + 1]
                ended, wait_s = rules.rivals[p] & ~rules.stages[then], 0.0
                for m in range(members[s, 0]):
                    q = members[s, m + 1]
                    if ended >> q & 1:
                        wait_s = max(wait_s, rules.clear_s[q])
                work.waits_s[s, then, p] = wait_s


@compiled
def begin_keys(work: Work, stage: int) -> None:
    """Write what the keys of nodes are made of, and that of the first node."""
    lanes = work.factor.shape[0] - 1
    work.factor[lanes] = 1
    for lane in range(lanes - 1, -1, -1):
        work.factor[lane] = work.factor[lanes]
        work.factor[lanes] = work.factor[lanes] * FACTOR & HASH
    work.node[0, 0, KEY] = (stage + 1) * work.factor[lanes] & HASH


@compiled
def plant(rules: Rules, now: Now, traffic: Traffic, work: Work, stage: int, horizon: int) -> None:
    """Clear the room and write the first node: the present stage at second 0."""
    tabulate(traffic.eta, traffic.size, traffic.stood, traffic.vehicles, horizon, work.sums, work.arrived)
    sort_out(rules, now, traffic, work)
    begin_keys(work, stage)
    for t in range(horizon + 1):
        work.nodes[t, 0], work.cost[t, -1, RANK] = 0, NEVER * NEVER
    for s in range(rules.stages.shape[0]):
        work.found[s] = NEVER * NEVER
    begun, lanes = 0, traffic.vehicles.shape[0]
    for p in range(now.ready_s.shape[0]):
        if rules.stages[stage] >> p & 1 and now.ready_s[p] > 0.0:
            begun |= 1 << p
        work.phase_s[0, p, READY], work.phase_s[0, p, FREE] = now.ready_s[p], now.free_s[p]
        work.phase_s[0, p, LIMIT] = now.limit_s[p]
    work.nodes[0, 0], work.cost[0, 0, SPENT] = 1, 0.0
    work.node[0, 0, STAGE], work.node[0, 0, BEGUN], work.node[0, 0, ROW] = stage, begun, 0
    work.node[0, 0, FROM_S], work.node[0, 0, FROM], work.busy[horizon, 0, 0] = horizon, 0, lanes
    for lane in range(lanes):
        work.left[0, lane], work.lane_free[0, lane] = 0, traffic.free_s[lane]
        work.busy[horizon, 0, lane + 1] = lane


@compiled
def retrace(work: Work, t: int, b: int, stage: int) -> None:
    """Write the changes of the best sequence: its last choice was `stage` at node (t, b)."""
    n, after = 0, -1
    while t >= 0:
        n += stage != after
        work.path[n - 1, 0], work.path[n - 1, 1], after = stage, t, stage
        if t == 0:
            break
        stage = work.node[t, b, STAGE]
        t, b = work.node[t, b, FROM_S], work.node[t, b, FROM]
    work.path[n, 0] = -1
