"""How does an evaluation run the production's control path alone: from message to command, nothing stored?

The same sources, controllers, safety rules, dispatch and cabinet protocol as in `gateway.app`; no spool, no
store and no board, for a figure of delay needs none of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from collectors.registry import Devices
from collectors.source import Source, Sources
from gateway import topics
from gateway.cabinet_messages import decode_reply, encode
from gateway.signals import Signals
from signal_control.decision import Decision
from signal_control.estimation.run import compile_estimates
from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate

HEARD = ("hires", "signal")
LIFETIME_S = 10.0


class ControlPath:
    """The control of one site, driven by its caller: `receive` what the street says, `tick` once a second.

    Commands go to `obey` as topic and payload before `tick` returns; with `strategy` None nobody commands.
    Raises KeyError naming the choices for a strategy that does not exist.
    """

    def __init__(
        self,
        site: str,
        intersections: Sequence[Intersection],
        strategy: str | None,
        obey: Callable[[str, bytes], None],
        lifetime_s: float = LIFETIME_S,
    ) -> None:
        self._site, self._obey, self._commands = site, obey, strategy is not None
        compile_estimates()  # thousands of seconds follow at once
        sources = [Source(f"arterial/{{site}}/{kind}/{{device}}", "json", kind, "") for kind in HEARD]
        self._sources = Sources(sources, Devices({}))
        self._signals = Signals(site, intersections, strategy or "fixed_time", {}, lifetime_s)
        self.decided_s: list[float] = []
        """Wall seconds that each tick took, for all intersections together."""

    def receive(self, topic: str, payload: bytes, now_ns: int) -> None:
        """A message has arrived."""
        found = topics.control(topic, self._site)
        if found is None:
            for reading in self._sources.read(topic, payload, now_ns):
                self._signals.observe(reading)
        elif found.plane == "reply":
            self._signals.reply(found.device, decode_reply(payload))

    def tick(self, now_ns: int) -> tuple[Decision, ...]:
        """It is `now_ns`: decide and command; returns what was decided."""
        began_s = time.perf_counter()
        ticked = self._signals.tick(now_ns)
        self.decided_s.append(time.perf_counter() - began_s)
        if self._commands:
            for command in ticked.commands:
                where = topics.of(self._site, "command", command.intersection)
                self._obey(where, encode(command))
        return ticked.decisions

    def queues(self, now_ns: int) -> Mapping[str, QueueEstimate]:
        """The estimate of every lane."""
        found: dict[str, QueueEstimate] = {}
        for controller in self._signals.controllers.values():
            found.update(controller.queues(now_ns))
        return found
