"""Which sequence of stages costs least over the next minute? A beam search over a lane-by-lane model.

Lanes hold vehicles in order of arrival at the stop line. Green lets them go at their headway, the first one
after a start-up loss; ended phases clear before conflicting ones begin. Nodes of the search lie on whole
seconds; each keeps how many left every lane, when each phase begins, may end and must end. The costs so far,
a penalty per stop, the delay of who still waits and an estimate of the time it takes to let them go order the
nodes of a second; the best `beam` of them are kept. Everything is written into arrays that the caller owns.
One long function: handing sixty arrays to another one costs more than what it would do with them.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.planning.arrays import NEVER, PASSES, WAITS, Knobs, Now, Rules, Traffic, Work
from signal_control.planning.room import plant, retrace

STEP_S: Final = 3
"""A stage is kept for so long at a time beyond the first second (1 or 5 s make no clear difference)."""
OUT_S: Final = 6
"""So long it takes to let turners out of the junction."""
HASH: Final = (1 << 40) - 1


@compiled
def search(
    rules: Rules, now: Now, traffic: Traffic, work: Work, knobs: Knobs, root: int, beam: int
) -> tuple[int, float, int]:
    """The best next stage (long: one function, see the file's first lines).

    Returns it (`root`, the present one: keep it), the cost of the sequence it begins, and how many moves were
    looked at. `work.found` holds the least cost of a sequence by its first stage, `work.path` the best one.
    Equal costs: the present stage, else the lower one.
    """
    plant(rules, now, traffic, work, root, knobs.horizon)
    masks, rivals, clear_s, served, headway_s, barred, lets_out = rules
    _, _, _, gone_s, first_s, least_s, most_s, call, due_s, allowed = now
    eta, size, stood, _, last, weight, full_s, _, inside = traffic
    nodes, stage, begun, first, keys, parent, spent, rank = (
        work.nodes, work.stage, work.begun, work.first, work.key, work.parent, work.spent, work.rank,
    )  # fmt: skip
    left, lane_free, ready, free, limit = work.left, work.lane_free, work.ready, work.free, work.limit
    sums, arrived, found = work.sums, work.arrived, work.found
    new_left, new_lane_free = work.new_left, work.new_lane_free
    new_ready, new_free, new_limit = work.new_ready, work.new_free, work.new_limit
    horizon, start_s, yellow_s, stop, clearing, lost_s, overdue = knobs
    phases, lanes, stages = clear_s.shape[0], last.shape[0], masks.shape[0]
    best, best_cost, moves, best_t, best_b, best_new = root, NEVER * NEVER, 0, -1, 0, root

    for t in range(horizon):
        for b in range(nodes[t]):
            here, done = stage[t, b], begun[t, b]
            old_mask = masks[here]
            moved = False
            for turn in range(stages + 1):
                rests = turn == stages  # past its maximum a green goes on when nobody else needs one
                new = here if turn == 0 or rests else (turn - 1 if turn <= here else turn)
                if (rests and moved) or (t == 0 and not allowed[new]):
                    continue
                new_mask = masks[new]
                ended, added, stays = old_mask & ~new_mask, new_mask & ~old_mask, old_mask & new_mask

                # May it follow?
                legal = True
                for p in range(phases):
                    if (added >> p & 1 and gone_s[p] > t) or (ended >> p & 1 and free[t, b, p] > t):
                        legal = False
                        break
                    if stays >> p & 1 and limit[t, b, p] <= t and not rests:
                        legal = False
                        break
                meets = barred[here, new]
                if legal and meets:
                    for lane in range(lanes):
                        if meets >> lane & 1 and (
                            inside[lane] == WAITS or (inside[lane] == PASSES and t == 0)
                        ):
                            legal = False
                            break
                if not legal:
                    continue

                # When do its phases begin, when may they end, and until when is it watched?
                soonest_free, soonest_ready, soonest_limit = NEVER, NEVER, NEVER
                for p in range(phases):
                    if stays >> p & 1:
                        new_ready[p], new_free[p], new_limit[p] = (
                            ready[t, b, p],
                            free[t, b, p],
                            limit[t, b, p],
                        )
                        soonest_limit = min(soonest_limit, new_limit[p])
                    elif added >> p & 1:
                        begin_s = float(t)
                        for q in range(phases):
                            if rivals[p] >> q & 1:
                                if ended >> q & 1:
                                    begin_s = max(begin_s, t + clear_s[q])
                                begin_s = max(begin_s, gone_s[q])
                        green_s = least_s[p] if done >> p & 1 else first_s[p]
                        new_ready[p], new_free[p] = begin_s, begin_s + green_s
                        new_limit[p] = begin_s + max(most_s[p], green_s)
                        soonest_ready = min(soonest_ready, begin_s)
                    else:
                        continue
                    soonest_free = min(soonest_free, new_free[p])
                if new == here:
                    end = t + (1 if t == 0 else STEP_S)
                    if end > soonest_limit and not rests:
                        end = int(soonest_limit)
                    end = max(end, math.ceil(min(soonest_free, float(horizon))))
                elif added == 0:
                    end = t + (OUT_S if lets_out[here, new] != 0 else STEP_S)
                elif stays == 0:
                    end = math.ceil(min(soonest_free, float(horizon)))
                else:
                    end = math.ceil(min(soonest_ready, float(horizon))) + STEP_S
                end = min(max(end, t + 1), horizon)

                # Does anybody gain by it?
                if new != here and (t > 0 or allowed[here]):
                    gains = False
                    for p in range(phases):
                        if added >> p & 1 and not done >> p & 1 and call[p] > 0.0:
                            gains = True
                    turners = lets_out[here, new]
                    for lane in range(lanes):
                        if turners >> lane & 1 and inside[lane] == WAITS:
                            gains = True
                            break
                        then_s, here_s = headway_s[new, lane], headway_s[here, lane]
                        if then_s > 0.0 and (here_s == 0.0 or here_s > then_s + 0.01):
                            i = left[t, b, lane]
                            if i < last[lane] and eta[lane, i] <= end:
                                gains = True
                                break
                    if not gains:
                        continue
                moves, moved = moves + 1, True

                # Who goes, what did they lose, and what do those lose who still wait?
                gone, still = spent[t, b], 0.0
                key = new + 1
                for lane in range(lanes):
                    i, free_s, part, n_last = left[t, b, lane], lane_free[t, b, lane], 0.0, last[lane]
                    was, will = served[here, lane], served[new, lane]
                    if i < n_last and (was | will) != 0:
                        for later in range(2):
                            begin_s = NEVER
                            if later == 0:
                                if was == 0 or was & will != 0:
                                    continue
                                end_s, step_s, fresh = t + yellow_s, headway_s[here, lane], False
                                for p in range(phases):
                                    if was >> p & 1:
                                        begin_s = min(begin_s, ready[t, b, p])
                            else:
                                if will == 0:
                                    continue
                                end_s, step_s = float(end), headway_s[new, lane]
                                for p in range(phases):
                                    if will >> p & 1:
                                        begin_s = min(begin_s, new_ready[p])
                                fresh = begin_s > t
                            begin_s = max(begin_s, float(t))
                            if begin_s >= end_s:
                                continue
                            free_s = max(free_s, begin_s)
                            while i < n_last:
                                wish_s = eta[lane, i]
                                at_s = wish_s
                                if free_s > wish_s:
                                    if fresh:
                                        free_s += start_s
                                        fresh = False
                                    at_s = free_s
                                if at_s >= end_s:
                                    break
                                n = size[lane, i]
                                part += n * (at_s - wish_s)
                                if at_s - wish_s > 1.0 and not stood[lane, i]:
                                    part += n * stop
                                free_s = at_s + step_s * min(1.0, n)
                                i += 1
                    new_left[lane], new_lane_free[lane] = i, free_s
                    key = (key * 131 + i) & HASH
                    gone += weight[lane] * part
                    there = arrived[lane, end]
                    if there > i:
                        n = sums[lane, there, 1] - sums[lane, i, 1]
                        part = n * end - (sums[lane, there, 0] - sums[lane, i, 0])
                        part += stop * (sums[lane, there, 2] - sums[lane, i, 2])
                        step_s = headway_s[new, lane]
                        if step_s > 0.0:
                            part += clearing * step_s * n * (n + 1.0) * 0.5
                        else:
                            part += clearing * (full_s[lane] * n * (n + 1.0) * 0.5 + lost_s * n)
                        still += weight[lane] * part
                for p in range(phases):
                    if not done >> p & 1:
                        if added >> p & 1:
                            gone += call[p] * new_ready[p] + overdue * max(0.0, new_ready[p] - due_s[p])
                        else:
                            still += call[p] * end + overdue * max(0.0, end - due_s[p])

                # Is the sequence complete, or among the best up to this second?
                value = gone + still
                if end == horizon:
                    begins = new if t == 0 else first[t, b]
                    found[begins] = min(found[begins], value)
                    if value < best_cost:
                        best, best_cost, best_t, best_b, best_new = begins, value, t, b, new
                    continue
                at, worst = -1, -1.0
                for c in range(nodes[end]):
                    if keys[end, c] == key:
                        at = c if value < rank[end, c] else -2
                        break
                if at == -1:
                    if nodes[end] < beam:
                        at = nodes[end]
                        nodes[end] += 1
                    else:
                        for c in range(beam):
                            if rank[end, c] > worst:
                                worst, at = rank[end, c], c
                        if value >= worst:
                            continue
                if at < 0:
                    continue
                keys[end, at], stage[end, at], begun[end, at] = key, new, done | added
                first[end, at] = new if t == 0 else first[t, b]
                parent[end, at, 0], parent[end, at, 1] = t, b
                spent[end, at], rank[end, at] = gone, value
                for lane in range(lanes):
                    left[end, at, lane], lane_free[end, at, lane] = new_left[lane], new_lane_free[lane]
                for p in range(phases):
                    ready[end, at, p], free[end, at, p] = new_ready[p], new_free[p]
                    limit[end, at, p] = new_limit[p]

    if best_t >= 0:
        retrace(work, best_t, best_b, best_new)
    else:
        work.path[0, 0] = -1
    return best, best_cost, moves
