"""Does everything fail that must fail, and is nothing changed by it?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.access.attempts import ATTEMPTS, Attempt, Board, order

ALLOWED_FIRST = ("seen_before", "revoked")
"""Attempts that begin with an order which is allowed."""


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
async def test_it_fails_and_says_what_to_do(board: Board, city: Any, attempt: Attempt) -> None:
    answer = await attempt.run(board)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (attempt.status, attempt.code), told
    assert len(told["error"]) > 15
    allowed = any(word in attempt.name for word in ALLOWED_FIRST)
    assert len(city.orders) == allowed


def test_there_are_thirty_attempts() -> None:
    assert len({attempt.name for attempt in ATTEMPTS}) == len(ATTEMPTS) == 30


async def test_who_may_does_and_it_is_on_record_how_he_proved_it(board: Board, city: Any) -> None:
    name = board.user(factor=True)
    client = await board.login(name)
    assert (await order(client, **{"x-arterial-code": board.code(name)})).status_code == 200
    assert (await order(client)).status_code == 200, "the second factor counts for ten minutes"
    machine = board.client(authorization=f"Bearer {board.token('operator', signals=True)}")
    assert (await order(machine)).status_code == 200
    own = board.client(authorization=f"Bearer {board.token('operator', user=name)}")
    board.access.codes.succeeded(f"code {name}")
    assert (await order(own, **{"x-arterial-code": board.codes[3]})).status_code == 200
    assert [who for _, who in city.orders] == [
        f"{name} (password and code) at 127.0.0.1",
        f"{name} (password and code) at 127.0.0.1",
        "token2 (token token2) at 127.0.0.1",
        f"{name} (token token3 and code) at 127.0.0.1",
    ]


async def test_the_second_factor_is_asked_for_again_after_ten_minutes(board: Board, clock: Any) -> None:
    name = board.user(factor=True)
    client = await board.login(name)
    assert (await order(client, **{"x-arterial-code": board.code(name)})).status_code == 200
    clock.now_s += 601
    assert (await order(client)).json()["code"] == "second_factor"
