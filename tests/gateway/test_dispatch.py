"""Commands are renewed in time, sent once more when unanswered, and given up in favour of the local plan."""

from __future__ import annotations

from gateway.cabinet import Reply
from gateway.dispatch import ANSWER_NS, SILENCE_NS, Dispatch
from signal_control.status import Command

S = 1_000_000_000


def command(at_s: float = 0, serve: tuple[int, ...] = (2, 6), n: int = 1) -> Command:
    at_ns = int(at_s * S)
    return Command(f"x1-{n}", "x1", serve, at_ns, at_ns + 10 * S, "max_pressure", "because")


def accepted(n: int = 1) -> Reply:
    return Reply(t=0, id=f"x1-{n}", accepted=True)


def test_a_first_command_goes_out_at_once() -> None:
    assert Dispatch().due(command(), 0)


def test_a_command_that_holds_is_renewed_before_it_expires() -> None:
    dispatch = Dispatch()
    dispatch.sent(command(), 0)
    dispatch.answered(accepted())
    assert not dispatch.due(command(1, n=2), 1 * S)
    assert dispatch.due(command(3, n=3), 3 * S)


def test_a_changed_command_does_not_wait_for_renewal() -> None:
    dispatch = Dispatch()
    dispatch.sent(command(), 0)
    dispatch.answered(accepted())
    assert dispatch.due(command(1, serve=(4, 8), n=2), 1 * S)


def test_an_unanswered_command_is_sent_once_more_and_then_left_to_the_local_plan() -> None:
    dispatch = Dispatch()
    dispatch.sent(command(), 0)
    assert dispatch.due(command(2, n=2), ANSWER_NS)
    dispatch.sent(command(2, n=2), ANSWER_NS)
    assert not dispatch.due(command(4, n=3), 2 * ANSWER_NS)
    assert not dispatch.due(command(4, n=3), 2 * ANSWER_NS + SILENCE_NS - 1)
    assert dispatch.due(command(14, n=4), 2 * ANSWER_NS + SILENCE_NS)


def test_a_refusal_is_remembered_until_the_cabinet_accepts_again() -> None:
    dispatch = Dispatch()
    dispatch.sent(command(), 0)
    dispatch.answered(Reply(t=0, id="x1-1", accepted=False, reason="phases 2 and 4 conflict"))
    assert dispatch.refused == "phases 2 and 4 conflict"
    assert dispatch.due(command(1, n=2), 1 * S)
    dispatch.sent(command(1, n=2), 1 * S)
    dispatch.answered(accepted(2))
    assert dispatch.refused == ""
