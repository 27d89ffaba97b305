"""How are the same objects read ten times a second at little cost?

The question is written once. An answer that equals the one before, byte for byte, is not read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.ntcip.snapshot import Cell, filled
from gateway.snmp.ber import BadMessage
from gateway.snmp.message import Ask, Binding, Pdu, write_bindings
from gateway.snmp.session import NoAnswer, Refused, Session


@dataclass(slots=True)
class _Question:
    """Some cells in one message, and the last answer."""

    cells: tuple[Cell, ...]
    raw: bytes
    answer: bytes = b""
    values: dict[str, int] = field(default_factory=dict)


class Watch:
    """Reads a fixed set of objects of one controller."""

    def __init__(self, session: Session, questions: Sequence[tuple[Cell, ...]]) -> None:
        self._session = session
        self._questions = [
            _Question(cells, write_bindings([Binding(cell.oid) for cell in cells])) for cells in questions
        ]

    async def read(self) -> dict[str, int]:
        """Values by field; raises NoAnswer, or Refused when the controller has lost an object."""
        asked = [self._session.ask(Ask.GET, question.raw) for question in self._questions]
        found: dict[str, int] = {}
        try:
            for question, future in zip(self._questions, asked, strict=True):
                for name, value in _values(question, await future).items():
                    found[name] = found.get(name, 0) | value
        finally:
            for future in asked:
                if not future.done():
                    future.cancel()
                elif not future.cancelled():
                    future.exception()
        return found


def _values(question: _Question, answer: Pdu) -> dict[str, int]:
    if answer.status:
        place = answer.place
        cell = question.cells[place - 1] if 1 <= place <= len(question.cells) else None
        raise Refused(answer.status, cell.oid if cell else None)
    if answer.raw != question.answer:
        try:
            bindings = answer.bindings
            if [binding.oid for binding in bindings] != [cell.oid for cell in question.cells]:
                raise BadMessage("an answer about other objects")
            question.values = filled(question.cells, bindings)
        except BadMessage as bad:
            raise NoAnswer(f"the answer is garbage: {bad}") from bad
        question.answer = answer.raw
    return question.values
