"""Does any cabinet's conflict monitor trip in hours of random commands and of everything that goes wrong?

The street is random detectors and buttons. Between it and the production's filter: detectors that stick,
chatter or are swapped; reports and commands that are lost, doubled or late; lines that are cut for a second
or for minutes; clocks that step; programs that start again and know nothing. A referee reads the
cabinet's own log beside its monitor.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, Final

import msgspec

from gateway.cabinet_messages import encode
from gateway.dispatch import Dispatch
from signal_control.events import Event
from signal_control.model import Intersection
from signal_control.safety import command, review
from signal_control.situation import SituationTracker
from signal_control.status import SignalState
from signal_control.view import Candidate, Proposal
from simulators.cabinet import Cabinet
from simulators.ntcip_unit import NtcipUnit
from simulators.ring import HiresEvent

START_MS: Final = 1_760_313_600_000
STEP_MS: Final = 500
NS: Final = 1_000_000
FAULTS: Final = ("stuck on", "stuck off", "chatter", "swapped", "cut", "clock", "restart", "garbage")


class Referee:
    """Reads the log of one cabinet alone: intervals, conflicts, people on the crossing."""

    def __init__(self, x: Intersection) -> None:
        self._x, self._at = x, dict[tuple[int, int], int]()
        self._lit, self._walking = set[int](), set[int]()
        self.faults: list[str] = []

    def read(self, events: list[HiresEvent]) -> None:
        """Judge what happened."""
        for t, code, number in events:
            self._judge(t, code, number)
            self._at[code, number] = t

    def _judge(self, t: int, code: int, phase: int) -> None:
        if code == 1:
            self._must(all(self._x.compatible(phase, other) for other in self._lit), t, phase, "conflict")
            self._lit.add(phase)
        elif code == 8:
            least = round(self._x.phase(phase).min_green_s * 1000)
            self._must(t - self._at[1, phase] >= least, t, phase, "minimum green cut")
            self._must(phase not in self._walking, t, phase, "ended over pedestrians")
        elif code == 9:
            least = round(self._x.phase(phase).yellow_s * 1000)
            self._must(t - self._at[8, phase] >= least, t, phase, "yellow cut")
        elif code == 12:
            least = round(self._x.phase(phase).red_clear_s * 1000)
            self._must(t - self._at[9, phase] >= least, t, phase, "red clearance cut")
            self._lit.discard(phase)
        elif code == 21:
            self._walking.add(phase)
        elif code == 23:
            least = round(self._x.phase(phase).ped_clear_s * 1000)
            self._must(t - self._at[22, phase] >= least, t, phase, "pedestrian clearance cut")
            self._walking.discard(phase)
        elif code == 173:
            self.faults.append(f"{t}: the monitor tripped")

    def _must(self, kept: bool, t: int, phase: int, what: str) -> None:
        if not kept:
            self.faults.append(f"{t}: phase {phase}: {what}")


class RoughHours:
    """One intersection and its field, from one seed."""

    def __init__(self, x: Intersection, seed: int, ntcip: bool = False) -> None:
        self.x, self._random = x, Random(seed)
        self._now = START_MS + self._random.randrange(7 * 86_400_000) // 1000 * 1000
        self.cabinet = Cabinet(x, self._now, actuated=self._random.random() < 0.5)
        self._unit = (
            NtcipUnit(self.cabinet, self._now, reservice=self._random.random() < 0.5) if ntcip else None
        )
        self.referee, self.happened = Referee(x), Counter[str]()
        self._channels = [d.channel for d in x.detectors]
        self._faulty: dict[int, str] = {}
        self._cut_until = 0
        self._skew_ms = 0
        self._inbox: list[tuple[int, bytes]] = []
        self._reports: list[tuple[int, list[HiresEvent], dict[str, object]]] = []
        self._forget()

    def run(self, seconds: int) -> list[str]:
        """Go on for so long; returns what went wrong."""
        end = self._now + seconds * 1000
        while self._now < end and not self.referee.faults and not self.cabinet.fault:
            self._field()
            self._now += STEP_MS
            events = (self._unit or self.cabinet).step(self._now).events
            self.referee.read(events)
            self._reported(events)
            if self._now % 1000 == 0:
                self._second()
            self._deliver()
        return [*self.referee.faults, *([self.cabinet.fault] if self.cabinet.fault else [])]

    def _forget(self) -> None:
        """The program starts: it knows nothing."""
        self._tracker, self._dispatch = SituationTracker(p.number for p in self.x.phases), Dispatch()
        self._serving: tuple[int, ...] = ()

    def _field(self) -> None:
        """Vehicles, people, and detectors that are broken."""
        random = self._random
        for channel in self._channels:
            fault = self._faulty.get(channel, "")
            if fault == "chatter" or (not fault and random.random() < 0.08):
                self.cabinet.detection(channel, self._now + random.randrange(STEP_MS), random.random() < 0.5)
            elif fault == "swapped" and random.random() < 0.1:
                self.cabinet.detection(random.choice(self._channels), self._now, random.random() < 0.5)
            elif fault.startswith("stuck"):
                self.cabinet.detection(channel, self._now, fault == "stuck on")
        if random.random() < 0.02:
            self.cabinet.press(random.choice(self.x.phases).number, self._now)

    def _second(self) -> None:
        """Something breaks now and then; the program decides, if it hears anything."""
        if self._random.random() < 0.02:
            self._break(self._random.choice(FAULTS))
        if self._unit is not None:
            self._master(self._unit)
        else:
            self._decide()

    def _break(self, what: str) -> None:
        self.happened[what] += 1
        random = self._random
        if what in ("stuck on", "stuck off", "chatter", "swapped") and self._channels:
            self._faulty = {random.choice(self._channels): what for _ in range(random.randint(0, 4))}
        elif what == "cut":
            self._cut_until = self._now + random.choice((1, 5, 30, 120, 600)) * 1000
        elif what == "clock":
            self._skew_ms = random.choice((0, 0, -400, 3000, -6000, 90_000, -600_000))
        elif what == "restart":
            self._forget()
        elif what == "garbage":
            order = {"id": "g", "serve": [1, 99, "x"], "t": self._now, "expires": self._now + 10**9}
            for payload in (b"{", b"[]", msgspec.json.encode(order)):
                self._inbox.append((self._now, payload))

    def _reported(self, events: list[HiresEvent]) -> None:
        """What the cabinet says: in time mostly, late or lost sometimes."""
        if self._now >= self._cut_until and self._random.random() < 0.95:
            late = self._random.choice((0,) * 9 + (1500, 4000, 20_000))
            self._reports.append((self._now + late, events, self.cabinet.state()))

    def _deliver(self) -> None:
        """What is due on the line, in both directions."""
        for _due, events, state in [r for r in self._reports if r[0] <= self._now]:
            for t, code, param in events:
                self._tracker.observe(Event(t * NS, code, param))
            self._tracker.observe_state(_state(state))
        self._reports = [r for r in self._reports if r[0] > self._now]
        for _, payload in [m for m in self._inbox if m[0] <= self._now]:
            try:
                self.happened["accepted"] += bool(
                    self.cabinet.command(msgspec.json.decode(payload))["accepted"]
                )
            except msgspec.DecodeError:
                self.happened["illegible"] += 1
        self._inbox = [m for m in self._inbox if m[0] > self._now]

    def _decide(self) -> None:
        """A strategy that proposes anything, through the production's filter and dispatch."""
        random, now_ns = self._random, (self._now + self._skew_ms) * NS
        serve = random.choice(self.x.stages()) if random.random() < 0.8 else self._nonsense()
        if random.random() < 0.7 and self._serving:
            serve = self._serving
        situation = self._tracker.situation(self._serving)
        verdict = review(
            self.x.in_force(now_ns), situation, Proposal(serve, "", (Candidate(serve, 1.0),)), now_ns
        )
        self._serving = verdict.serve
        order = command(verdict, f"c{self._now}", self.x.id, now_ns, 10.0, "random", "")
        self.happened["decisions"] += 1
        if order is None or not self._dispatch.due(order, now_ns):
            return
        self._dispatch.sent(order, now_ns)
        self._dispatch._answered = True  # answers are somebody else's test
        if self._now < self._cut_until or random.random() < 0.1:
            self.happened["lost"] += 1
            return
        for _ in range(random.choice((1, 1, 1, 2))):
            self._inbox.append((self._now + random.choice((0, 0, 0, 300, 2500, 12_000)), encode(order)))

    def _nonsense(self) -> tuple[int, ...]:
        numbers = [p.number for p in self.x.phases]
        return tuple(self._random.sample([*numbers, 77], self._random.randint(0, min(4, len(numbers)))))

    def _master(self, unit: NtcipUnit) -> None:
        """A master that writes anything it may."""
        random = self._random
        self.happened["decisions"] += 1
        if self._now < self._cut_until or random.random() < 0.5:
            return
        for name in random.sample(("phase_omit", "ped_omit", "hold", "force_off", "veh_call"), 2):
            setattr(unit.controls, name, random.choice((0, random.randrange(1 << 16))))
        patterns = (0, 254, 254, 254, 20, *(p.number for p in self.x.every_plan))
        unit.registers.system_pattern = random.choice(patterns)
        unit.registers.backup_s = random.choice((0, 5, 10, 30))
        if random.random() < 0.01:
            unit.preempt(1, random.choice(((), random.choice(self.x.stages()))))
        unit.written()


def _state(told: dict[str, Any]) -> SignalState:
    lists = {k: tuple(v) for k, v in told.items() if isinstance(v, list)}
    return SignalState(
        at_ns=told["t"] * NS, mode=told["mode"], plan=told["plan"], command=told["command"], **lists
    )
