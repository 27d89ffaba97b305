"""When is a command sent to a cabinet, sent again, or given up?"""

from __future__ import annotations

from typing import Final

from gateway.cabinet import Reply
from signal_control.status import Command

RENEW_SHARE: Final = 0.3
"""A command that still holds is renewed after this share of its lifetime."""
ANSWER_NS: Final = 2_000_000_000
"""A cabinet has this long (street time) to answer before the command is sent once more."""
SILENCE_NS: Final = 10_000_000_000
"""After two unanswered sendings the cabinet is left to its local plan for this long."""


class Dispatch:
    """The outgoing side of one cabinet; pure bookkeeping over street time, the sending is the caller's."""

    def __init__(self) -> None:
        self.refused: str = ""
        """Why the cabinet refused the last command; empty when it accepted."""
        self.unanswered = 0
        self.sent_total = self.accepted_total = self.refused_total = self.given_up_total = 0
        """Commands sent, answers of both kinds, and how often we gave up, since the program began."""
        self._sent: Command | None = None
        self._sent_ns = 0
        self._answered = True
        self._quiet_until_ns = 0

    def due(self, command: Command, now_ns: int) -> bool:
        """Whether `command` goes out now: when it differs, must be renewed or was not answered."""
        if now_ns < self._quiet_until_ns:
            return False
        if not self._answered and now_ns - self._sent_ns >= ANSWER_NS:
            self.unanswered += 1
            if self.unanswered >= 2:
                self._give_up(now_ns)
                return False
            return True
        sent = self._sent
        if sent is None or sent.serve != command.serve or sent.strategy != command.strategy:
            return True
        return now_ns - sent.issued_ns >= RENEW_SHARE * (sent.expires_ns - sent.issued_ns)

    def sent(self, command: Command, now_ns: int) -> None:
        """Note that `command` has left."""
        self._sent, self._sent_ns, self._answered = command, now_ns, False
        self.sent_total += 1

    def answered(self, reply: Reply) -> None:
        """Note the cabinet's answer; one to an older command proves at least that the cabinet hears us."""
        self.unanswered = 0
        self._answered = True
        self.accepted_total += reply.accepted
        self.refused_total += not reply.accepted
        self.refused = "" if reply.accepted else reply.reason or "refused without a reason"
        if not reply.accepted and self._sent is not None and reply.id == self._sent.id:
            self._sent = None

    def _give_up(self, now_ns: int) -> None:
        self._quiet_until_ns = now_ns + SILENCE_NS
        self.given_up_total += 1
        self._sent, self._answered, self.unanswered = None, True, 0
