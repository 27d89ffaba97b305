"""What do the controllers of all intersections see, decide and send, once a tick?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from collectors.quality import Flag
from collectors.reading import Reading, Value
from gateway.cabinet import Reply, state_of
from gateway.detectors.judgements import Judgements
from gateway.dispatch import Dispatch
from gateway.operate.operation import ACTUATED, Operation, withheld
from signal_control.controller import Controller
from signal_control.decision import Decision
from signal_control.estimation.told import QUEUED, SD
from signal_control.events import Event
from signal_control.model import Intersection
from signal_control.status import Command, LinkState

RECORD_NS: Final = 5_000_000_000
"""Estimates and unchanged decisions are recorded this often (street time); changes at once."""
_DOUBT: Final = {"substituted": int(Flag.SUBSTITUTED), "blind": int(Flag.UNKNOWN)}
"""Flags of an estimate, by the health of its lane's detectors."""
LATE_NS: Final = 60_000_000_000
"""What arrives so long after it happened (a replay, a cabinet's backlog) is history: stored, not acted on."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick brought: decisions of every intersection, commands to send, readings to record."""

    decisions: tuple[Decision, ...]
    commands: tuple[Command, ...]
    readings: tuple[Reading, ...]


class Signals:
    """All controllers of a city; synchronous, without I/O, driven by readings and by ticks."""

    def __init__(
        self,
        site: str,
        intersections: Sequence[Intersection],
        strategy: str,
        per_intersection: Mapping[str, str] | None = None,
        lifetime_s: float = 10.0,
        operation: Operation | None = None,
    ) -> None:
        chosen = dict(per_intersection or {})
        self._site = site
        self.operation = operation or Operation(intersections)
        self._controllers = {
            x.id: Controller(x, chosen.get(x.id, strategy), lifetime_s) for x in intersections
        }
        self._asked = frozenset[str]().union(*(x.onward for x in intersections))
        """Links into which somebody leads: the approaches that a neighbour wants to know of."""
        self._telling = [
            c
            for c in self._controllers.values()
            if c.intersection.onward or self._asked.intersection(c.links)
        ]
        """Those of whom a neighbour wants to know something."""
        self._dispatch = {x.id: Dispatch() for x in intersections}
        self._strategy = {x.id: chosen.get(x.id, strategy) for x in intersections}
        self._recorded: dict[str, tuple[int, tuple[int, ...], str]] = {}
        self._served: dict[str, tuple[int, ...]] = {}
        self._judgements = Judgements(site)
        self._estimates_ns = 0
        self.last: dict[str, Decision] = {}

    @property
    def strategies(self) -> dict[str, str]:
        """The strategy in use at each intersection."""
        return dict(self._strategy)

    @property
    def controllers(self) -> Mapping[str, Controller]:
        """The controller of each intersection."""
        return self._controllers

    def dispatch(self, intersection: str) -> Dispatch:
        """The outgoing side of one cabinet."""
        return self._dispatch[intersection]

    def use(self, strategy: str, intersection: str | None = None) -> None:
        """Switch one intersection or all; KeyError naming the intersections when there is no such one."""
        if intersection is not None and intersection not in self._controllers:
            raise KeyError(f"no intersection '{intersection}'; there are: {', '.join(self._controllers)}")
        for name in [intersection] if intersection else list(self._controllers):
            self._controllers[name].use(strategy)
            self._strategy[name] = strategy

    def observe(self, reading: Reading) -> None:
        """Hand a reading of kind `hires` or `signal` to the controller it concerns; others pass by."""
        controller = self._controllers.get(reading.device)
        late = reading.received_ns - reading.at_ns > LATE_NS
        if controller is None or (late and _is_history(controller, reading)):
            return
        if reading.kind == "hires":
            fields = reading.fields
            controller.observe(Event(reading.at_ns, int(fields["code"]), int(fields["param"])))
        elif reading.kind == "signal":
            controller.observe_state(state_of(reading))

    def reply(self, intersection: str, reply: Reply) -> None:
        """Note a cabinet's answer; unknown cabinets are ignored."""
        if intersection in self._dispatch:
            self._dispatch[intersection].answered(reply)

    def tick(self, now_ns: int) -> Tick:
        """Estimate, decide and review everywhere, at street time `now_ns`."""
        links: dict[str, LinkState] = {}
        for controller in self._telling:
            links.update(controller.link_states(now_ns, self._asked))
        sent = _sent(links)
        for name, controller in self._controllers.items():  # each takes the place of the one before at once
            near = _near(controller, links, sent) if links else {}
            self.last[name] = self._decide(name, now_ns, near)
        decisions = tuple([self.last[name] for name in self._controllers])
        readings: list[Reading] = []
        commands: list[Command] = []
        for decision in decisions:
            command = decision.command
            if command is not None and self._dispatch[decision.intersection].due(command, now_ns):
                self._dispatch[decision.intersection].sent(command, now_ns)
                commands.append(command)
            if self._worth_recording(decision):
                readings.append(self._decision_reading(decision))
        if now_ns - self._estimates_ns >= RECORD_NS:
            self._estimates_ns = now_ns
            readings += self._estimate_readings(now_ns)
            for name, controller in self._controllers.items():
                readings += self._judgements.readings(name, controller.detectors(), now_ns)
        return Tick(decisions, tuple(commands), tuple(readings))

    def _decide(self, name: str, now_ns: int, links: Mapping[str, LinkState]) -> Decision:
        """One intersection's decision, as modes, operators and the health of its detectors let it."""
        controller, found = self._controllers[name], self.operation.at(name, now_ns)
        if found.mode == "off":
            return controller.stand_by(now_ns, "off", found.why)
        rung = self.operation.judge(name, controller.queues(now_ns), now_ns)
        wanted = ACTUATED if rung.step == "actuated" else self._strategy[name]
        if controller.strategy != wanted:
            controller.use(wanted)
        return controller.tick(now_ns, links, found.held, withheld(found, rung))

    def _worth_recording(self, decision: Decision) -> bool:
        serve = _served(decision)
        before = self._recorded.get(decision.intersection)
        if before and before[1:] == (serve, decision.strategy) and decision.at_ns - before[0] < RECORD_NS:
            return False
        self._recorded[decision.intersection] = (decision.at_ns, serve, decision.strategy)
        return True

    def _decision_reading(self, decision: Decision) -> Reading:
        serve = _served(decision)
        changed = self._serves_anew(decision.intersection, serve)
        fields: dict[str, Value] = {
            "strategy": decision.strategy,
            "mode": decision.mode,
            "serve": ",".join(map(str, serve)),
            "reason": decision.reason,
            "binding": decision.binding,
            "changed": changed,
            "inputs": decision.inputs_json,
            "candidates": msgspec.json.encode(
                decision.proposal.candidates if decision.proposal else ()
            ).decode(),
        }
        return Reading("decision", self._site, decision.intersection, decision.at_ns, fields)

    def _serves_anew(self, intersection: str, serve: tuple[int, ...]) -> bool:
        changed = self._served.get(intersection) != serve
        self._served[intersection] = serve
        return changed

    def _estimate_readings(self, now_ns: int) -> list[Reading]:
        found = []
        for name, controller in self._controllers.items():
            seen = controller.queues(now_ns)
            for lane, place in seen.places.items():
                row, health = seen.rows[place], seen.health[place]
                fields: dict[str, Value] = {
                    "queue_veh": row[QUEUED],
                    "sd_veh": row[SD],
                    "age_s": seen.age_s,
                    "health": health,
                }
                tags, doubt = {"intersection": name}, _DOUBT.get(health, 0)
                found.append(Reading("queue", self._site, lane, now_ns, fields, tags, quality=doubt))
        return found


def _is_history(controller: Controller, reading: Reading) -> bool:
    """Whether something newer than a late reading is known of the cabinet."""
    newest = controller.state
    return newest is not None and reading.at_ns < newest.at_ns


Sent = dict[str, dict[str, LinkState]]
"""Who was sent into each link, by its name and that of the entry."""


def _sent(links: Mapping[str, LinkState]) -> Sent:
    found: Sent = {}
    for name, state in links.items():
        if state.sent:
            found.setdefault(state.link, {})[name] = state
    return found


def _near(controller: Controller, links: Mapping[str, LinkState], sent: Sent) -> dict[str, LinkState]:
    """What of the city concerns one intersection: where its lanes lead, who was sent into its approaches."""
    found = {name: links[name] for name in controller.intersection.onward if name in links}
    if sent:
        for link in controller.links:
            if link in sent:
                found |= sent[link]
    return found


def _served(decision: Decision) -> tuple[int, ...]:
    """What a decision serves, or would if it were sent."""
    return decision.verdict.serve if decision.verdict else ()
