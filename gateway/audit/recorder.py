"""What goes into the audit trail while a city runs, and how without holding control up?"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from gateway.audit.entry import Fact
from gateway.audit.trail import Head, Trail, TrailError
from gateway.cabinet import Reply
from gateway.operate.operation import Change
from signal_control.decision import Decision
from signal_control.status import Command, SignalState
from signal_control.view import named

log = logging.getLogger(__name__)

FLUSH_S: Final = 0.5
"""Facts are on the disk at most this long after they happened."""
TOLD: Final = 1000
"""Changes kept for boards until they are asked for."""
HELD: Final = 100_000
"""Facts kept in memory while the disk takes none; more are counted, and the gap is recorded."""


class Recorder:
    """Notes what is commanded and changed; `run` brings it to the disk."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._facts: deque[Fact] = deque()
        self._lost = 0
        self._writing = threading.Lock()
        self._told: deque[Fact] = deque(maxlen=TOLD)
        self._serving: dict[str, tuple[int, ...]] = {}
        self._open: dict[str, Command] = {}
        """Per intersection, the command whose outcome is not known yet."""

    @property
    def head(self) -> Head:
        """The newest entry that is on the disk."""
        return self._trail.head

    @property
    def settled(self) -> bool:
        """Whether everything noted so far is on the disk."""
        if not self._writing.acquire(blocking=False):
            return False
        try:
            return not self._facts
        finally:
            self._writing.release()

    def note(self, fact: Fact) -> None:
        """Keep `fact` for the next write."""
        if len(self._facts) < HELD:
            self._facts.append(fact)
        else:
            self._lost += 1

    def commanded(self, decisions: Iterable[Decision]) -> None:
        """Note every decision that changes what an intersection is told; renewals are not changes."""
        for decision in decisions:
            serve = decision.command.serve if decision.command else ()
            before = self._serving.get(decision.intersection, ())
            if serve == before:
                continue
            self._serving[decision.intersection] = serve
            self._superseded(decision)
            self.note(_command(decision, before, serve))
            if decision.command is not None:
                self._open[decision.intersection] = decision.command

    def replied(self, intersection: str, reply: Reply) -> None:
        """Note a cabinet that refuses; that it accepted is nothing yet."""
        if not reply.accepted and intersection in self._serving:
            why = reply.reason or "The cabinet gave no reason."
            at_ns = reply.t * 1_000_000
            self.note(Fact(at_ns, "cabinet", "refused", intersection, why=why, command=reply.id))
            self._open.pop(intersection, None)

    def shown(self, intersection: str, state: SignalState) -> None:
        """Note when the lights show what was commanded."""
        command = self._open.get(intersection)
        if command is not None and set(command.serve) <= set(state.greens):
            del self._open[intersection]
            took_s = (state.at_ns - command.issued_ns) / 1e9
            why = f"Green {took_s:.1f} s after the command."
            greens = named(state.greens)
            fact = Fact(
                state.at_ns, "cabinet", "shown", intersection, after=greens, why=why, command=command.id
            )
            self.note(fact)

    def changed(
        self, at_ns: int, who: str, what: str, subject: str, before: object, after: object, why: str
    ) -> None:
        """Note a change that a person or the program made."""
        fact = Fact(at_ns, who, what, subject, before, after, why)
        self.note(fact)
        self._told.append(fact)

    def tell(self, fact: Fact) -> None:
        """Show a fact that is noted already to those who ask for changes."""
        self._told.append(fact)

    def told(self) -> list[Fact]:
        """Changes since this was last asked, for those who show them; at most TOLD."""
        return [self._told.popleft() for _ in range(len(self._told))]

    def operated(self, changes: Iterable[Change], now_ns: int) -> None:
        """Note every change of mode, order or step of the ladder."""
        for c in changes:
            self.changed(now_ns, c.who, c.what, c.intersection, c.before, c.after, c.why)

    async def run(self) -> None:
        """Write what was noted, until cancelled; the rest is the caller's to `flush`."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await asyncio.to_thread(self.flush)

    def flush(self) -> None:
        """Write what was noted; from any thread. When the disk does not take it, it stays noted."""
        with self._writing:
            facts = [self._facts.popleft() for _ in range(len(self._facts))]
            if self._lost:
                why = f"{self._lost} entries did not fit into memory while the disk took none."
                facts.append(Fact(time.time_ns(), "arterial", "gap", "audit", after=self._lost, why=why))
            try:
                self._trail.append(facts)
                self._lost = 0
            except OSError as error:
                log.error("the audit trail cannot be written: %s", error)
                self._facts.extendleft(reversed(facts[:-1] if self._lost else facts))

    def _superseded(self, decision: Decision) -> None:
        """An earlier command that never became green is said to have been overtaken."""
        before = self._open.pop(decision.intersection, None)
        if before is not None:
            why = "Another decision came before the lights showed it."
            subject, command = decision.intersection, before.id
            self.note(Fact(decision.at_ns, "arterial", "superseded", subject, why=why, command=command))


def opened(folder: Path) -> Recorder:
    """A recorder on the trail in `folder`; one that cannot be continued is moved aside, on record."""
    try:
        return Recorder(Trail(folder))
    except TrailError as error:
        aside = folder.with_name(f"{folder.name}-broken-{time.time_ns()}")
        folder.rename(aside)
        log.error("%s; it is now %s and a new trail begins", error, aside)
        recorder = Recorder(Trail(folder))
        recorder.note(
            Fact(time.time_ns(), "arterial", "repair", "audit", str(error), aside.name, "A new trail.")
        )
        return recorder


def digest_of(inputs: object) -> str:
    """SHA-256 of a decision's inputs, as the store keeps them."""
    return hashlib.sha256(msgspec.json.encode(inputs)).hexdigest()


def _command(decision: Decision, before: tuple[int, ...], serve: tuple[int, ...]) -> Fact:
    proposal = decision.proposal
    weighed = proposal.candidates if proposal else ()
    return Fact(
        at_ns=decision.at_ns,
        who=f"strategy {decision.strategy}",
        what="command" if decision.command else "no command",
        subject=decision.intersection,
        before=named(before),
        after=named(serve),
        why=decision.reason,
        binding=decision.binding,
        scores=tuple((named(c.serve), c.score) for c in weighed),
        unit=proposal.unit if proposal else "",
        inputs=digest_of(decision.inputs) if decision.view else "",
        command=decision.command.id if decision.command else "",
    )
