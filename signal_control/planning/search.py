"""Which sequence of stages costs least over the next minute? A beam search over a lane-by-lane model.

Lanes hold vehicles in order of arrival at the stop line. Green lets them go at their headway, the first one
after a start-up loss; ended phases clear before conflicting ones begin. Nodes of the search lie on whole
seconds; each keeps how many left every lane, when each phase begins, may end and must end. The costs so far,
a penalty per stop, the delay of who still waits and an estimate of the time it takes to let them go order the
nodes of a second; the best `beam` of them are kept. A move is given up as soon as it costs more
than the worst of those (costs only add up). Everything is written into arrays that the caller owns. One long
function: handing forty arrays to another one costs more than what it would do with them.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.planning.arrays import (
    BEGUN,
    FIRST,
    FREE,
    FROM,
    FROM_S,
    KEY,
    LIMIT,
    NEVER,
    PASSES,
    RANK,
    READY,
    ROW,
    SPENT,
    STAGE,
    WAITS,
    Knobs,
    Now,
    Rules,
    Traffic,
    Work,
)
from signal_control.planning.room import HASH, plant, retrace

STEP_S: Final = 3
"""A stage is kept for so long at a time beyond the first second (1 or 5 s make no clear difference)."""
OUT_S: Final = 6
"""So long it takes to let turners out of the junction."""


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
    masks, _, clear_s, served, headway_s, barred, lets_out = rules
    _, _, _, gone_s, first_s, least_s, most_s, call, due_s, allowed = now
    eta, size, stood, _, last, weight, full_s, _, inside = traffic
    nodes, node, cost, left, lane_free, phase_s = work[:6]
    sums, arrived, open_s, next_s, members, busy, follows, gainers, found = work[6:15]
    factor, waits_s = work.factor, work.waits_s
    horizon, start_s, stop, clearing, lost_s, overdue = knobs
    phases, lanes, stages = clear_s.shape[0], last.shape[0], masks.shape[0]
    best, best_cost, moves, best_t, best_b, best_new = root, NEVER * NEVER, 0, -1, 0, root
    spare, unused = 1, 2

    waiting = passing = called = asking = 0
    for lane in range(lanes):
        if inside[lane] == WAITS:
            waiting |= 1 << lane
        elif inside[lane] == PASSES:
            passing |= 1 << lane
    latest_s = horizon + clear_s.max() + gone_s.max()
    for p in range(phases):
        called |= (1 << p) if call[p] > 0.0 else 0
        asking |= (1 << p) if call[p] > 0.0 or due_s[p] < latest_s else 0

    for t in range(horizon):
        unclear = 0
        for p in range(phases):
            if gone_s[p] > t:
                unclear |= 1 << p
        barring = waiting | (passing if t == 0 else 0)
        for b in range(nodes[t, 0]):
            here, done, row, moved = node[t, b, STAGE], node[t, b, BEGUN], node[t, b, ROW], False
            old_mask, held, ending = masks[here], 0, 0
            for n in range(members[here, 0]):
                p = members[here, n + 1]
                held |= (1 << p) if phase_s[row, p, FREE] > t else 0
                ending |= (1 << p) if phase_s[row, p, LIMIT] <= t else 0
            somebody, number, before_s, before = 0, 0, node[t, b, FROM_S], node[t, b, FROM]
            for m in range(busy[before_s, before, 0]):
                lane = busy[before_s, before, m + 1]
                i = left[row, lane]
                if arrived[horizon, lane] > i:
                    number += 1
                    busy[t, b, number] = lane
                    next_s[lane] = eta[lane, i] if i < last[lane] else NEVER
                    if next_s[lane] <= horizon:
                        somebody |= 1 << min(lane, 62)
            busy[t, b, 0] = number

            # Which others may follow, and might somebody gain? (No branches, which would often be mistaken.)
            freely, follow = t == 0 and not allowed[here], 0
            for new in range(stages):
                ended, added = old_mask & ~masks[new], masks[new] & ~old_mask
                against = added & unclear | ended & held | old_mask & masks[new] & ending
                against |= barred[here, new] & barring
                gain = added & ~done & called | lets_out[here, new] & waiting | gainers[here, new] & somebody
                follows[follow] = new
                follow += (against == 0) & (freely | (gain != 0)) & (new != here) & (t > 0 or allowed[new])

            for turn in range(-1, follow + 1):
                rests = turn == follow  # past its maximum a green goes on when nobody else needs one
                new = here if turn < 0 or rests else follows[turn]
                if new == here and (freely or barred[here, here] & barring or (moved if rests else ending)):
                    continue
                new_mask = masks[new]
                ended, added, stays = old_mask & ~new_mask, new_mask & ~old_mask, old_mask & new_mask
                gains = new == here or freely or (added & ~done & called | lets_out[here, new] & waiting) != 0

                # When do its phases begin, when may they end, and until when is it watched?
                soonest_free, soonest_ready, soonest_limit = NEVER, NEVER, NEVER
                for n in range(members[new, 0]):
                    p = members[new, n + 1]
                    if stays >> p & 1:
                        phase_s[spare, p, READY] = phase_s[row, p, READY]
                        phase_s[spare, p, FREE] = phase_s[row, p, FREE]
                        phase_s[spare, p, LIMIT] = phase_s[row, p, LIMIT]
                        soonest_limit = min(soonest_limit, phase_s[spare, p, LIMIT])
                    else:
                        begin_s = max(open_s[p], t + waits_s[here, new, p])
                        green_s = least_s[p] if done >> p & 1 else first_s[p]
                        phase_s[spare, p, READY], phase_s[spare, p, FREE] = begin_s, begin_s + green_s
                        phase_s[spare, p, LIMIT] = begin_s + max(most_s[p], green_s)
                        soonest_ready = min(soonest_ready, begin_s)
                    soonest_free = min(soonest_free, phase_s[spare, p, FREE])
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
                m = 0
                while m < number and not gains:
                    lane = busy[t, b, m + 1]
                    gains = next_s[lane] <= end and gainers[here, new] >> min(lane, 62) & 1 != 0
                    m += 1
                if not gains:
                    continue
                moves, moved = moves + 1, True
                begins = new if t == 0 else node[t, b, FIRST]
                bar = found[begins] if end == horizon else cost[end, beam, RANK]

                # Who goes, what did they lose, and what do those lose who still wait?
                gone, still = cost[t, b, SPENT], 0.0
                key = node[t, b, KEY] + (new - here) * factor[lanes]
                for m in range(number):
                    lane = busy[t, b, m + 1]
                    i, n_last, step_s = left[row, lane], last[lane], headway_s[new, lane]
                    free_s = lane_free[row, lane]
                    if served[new, lane] and (next_s[lane] < end or free_s > next_s[lane]):
                        begin_s = NEVER
                        for n in range(members[new, 0]):
                            p = members[new, n + 1]
                            if served[new, lane] >> p & 1:
                                begin_s = min(begin_s, phase_s[spare, p, READY])
                        fresh = begin_s > t
                        begin_s = max(begin_s, float(t))
                        if begin_s < end:
                            part, i_first = 0.0, i
                            free_s = max(free_s, begin_s)
                            while i < n_last:
                                wish_s = eta[lane, i]
                                at_s = wish_s
                                if free_s > wish_s:
                                    if fresh:
                                        free_s += start_s
                                        fresh = False
                                    at_s = free_s
                                if at_s >= end:
                                    break
                                veh = size[lane, i]
                                part += veh * (at_s - wish_s)
                                if at_s - wish_s > 1.0 and not stood[lane, i]:
                                    part += veh * stop
                                free_s = at_s + step_s * min(1.0, veh)
                                i += 1
                            key += (i - i_first) * factor[lane]
                            gone += weight[lane] * part
                    left[spare, lane], lane_free[spare, lane] = i, free_s
                    there = arrived[end, lane]
                    if there > i:
                        veh = sums[lane, there, 1] - sums[lane, i, 1]
                        part = veh * end - (sums[lane, there, 0] - sums[lane, i, 0])
                        part += stop * (sums[lane, there, 2] - sums[lane, i, 2])
                        if step_s > 0.0:
                            part += clearing * step_s * veh * (veh + 1.0) * 0.5
                        else:
                            part += clearing * (full_s[lane] * veh * (veh + 1.0) * 0.5 + lost_s * veh)
                        still += weight[lane] * part
                rest, p = asking & ~done, -1
                while rest:
                    p += 1
                    if rest & 1:
                        if added >> p & 1:
                            late_s = max(0.0, phase_s[spare, p, READY] - due_s[p])
                            gone += call[p] * phase_s[spare, p, READY] + overdue * late_s
                        else:
                            still += call[p] * end + overdue * max(0.0, end - due_s[p])
                    rest >>= 1

                # Is the sequence complete, or among the best up to this second?
                value = gone + still
                if value >= bar:
                    continue
                if end == horizon:
                    found[begins] = value
                    if value < best_cost:
                        best, best_cost, best_t, best_b, best_new = begins, value, t, b, new
                    continue
                at, key = -1, key & HASH
                for c in range(nodes[end, 0]):
                    if node[end, c, KEY] == key:
                        at = c if value < cost[end, c, RANK] else -2
                        break
                if at == -2:
                    continue
                if at == -1 and nodes[end, 0] < beam:
                    at = nodes[end, 0]
                    nodes[end, 0], node[end, at, ROW], unused = at + 1, unused, unused + 1
                elif at == -1:
                    at = nodes[end, 1]
                spare, node[end, at, ROW] = node[end, at, ROW], spare
                node[end, at, KEY], node[end, at, STAGE], node[end, at, BEGUN] = key, new, done | added
                node[end, at, FIRST], node[end, at, FROM_S], node[end, at, FROM] = begins, t, b
                cost[end, at, SPENT], cost[end, at, RANK] = gone, value
                if nodes[end, 0] == beam:
                    worst, at = -1.0, 0
                    for c in range(beam):
                        rank = cost[end, c, RANK]
                        if rank > worst:
                            worst, at = rank, c
                    cost[end, beam, RANK], nodes[end, 1] = worst, at

    if best_t >= 0:
        retrace(work, best_t, best_b, best_new)
    else:
        work.path[0, 0] = -1
    return best, best_cost, moves
