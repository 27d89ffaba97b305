"""What would somebody try who may not change a signal? Each must fail, on any board with any transport.

`ATTEMPTS` is used in memory by test_attempts.py, and over TLS against a real server by the live tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import pyotp

from gateway.access.door import Access
from gateway.access.roles import Role

PASSWORD = "correct horse battery"
WISH = {"intersection": "x1", "kind": "release", "seconds": 60}
EVIL = "http://evil.example"


@dataclass
class Board:
    """A board under attack: where it is, and the access of the same book, to prepare users with."""

    url: str
    access: Access
    transport: httpx.AsyncBaseTransport | None = None
    verify: Any = True
    made: int = 0
    secrets: dict[str, str] = field(default_factory=dict)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A browser or program that knows nothing yet."""
        return httpx.AsyncClient(
            base_url=self.url, transport=self.transport, verify=self.verify, headers=headers, timeout=30
        )

    def user(self, role: Role = "operator", factor: bool = False) -> str:
        """A new user; with `factor` one who has set up a second factor."""
        self.made += 1
        name = f"user{self.made}"
        self.access.users.add(name, role, PASSWORD, "test", self.access.now())
        if factor:
            self.secrets[name] = self.access.users.begin_totp(name, self.access.now())
            before = pyotp.TOTP(self.secrets[name]).at(self.access.now() - 30)
            self.codes = self.access.users.confirm_totp(name, before, "test", self.access.now())
        return name

    def token(self, role: Role, user: str = "", days: float = 1, signals: bool = False) -> str:
        """A new token."""
        self.made += 1
        now_s = self.access.now()
        return self.access.tokens.add(f"token{self.made}", role, days, user, signals, "test", now_s)

    def code(self, name: str) -> str:
        """The code that the user's app shows now."""
        return pyotp.TOTP(self.secrets[name]).at(self.access.now())

    async def login(self, name: str) -> httpx.AsyncClient:
        """A browser in which the user has logged in, with the page's CSRF token on it."""
        client = self.client()
        done = await client.post("/api/access/login", json={"name": name, "password": PASSWORD})
        assert done.status_code == 200, done.text
        client.headers["x-arterial-csrf"] = (await client.get("/api/access/me")).json()["csrf"]
        return client

    def change(self, sql: str, *values: object) -> None:
        """Change the book behind the board's back, as time would."""
        with self.access.book.change() as change:
            change.execute(sql, values)


async def order(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """Try to release an intersection."""
    return await client.post("/api/operate", json=WISH, headers=headers)


async def nobody_orders(board: Board) -> httpx.Response:
    return await order(board.client())


async def nobody_looks(board: Board) -> httpx.Response:
    return await board.client().get("/api/live")


async def a_viewer_orders(board: Board) -> httpx.Response:
    return await order(await board.login(board.user("viewer", factor=True)))


async def without_a_second_factor(board: Board) -> httpx.Response:
    return await order(await board.login(board.user("admin")))


async def without_its_code(board: Board) -> httpx.Response:
    return await order(await board.login(board.user(factor=True)))


async def with_a_wrong_code(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    wrong = f"{(int(board.code(name)) + 1) % 1_000_000:06d}"
    return await order(await board.login(name), **{"x-arterial-code": wrong})


async def with_a_code_seen_before(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    code = {"x-arterial-code": board.code(name)}
    assert (await order(await board.login(name), **code)).status_code == 200
    return await order(await board.login(name), **code)


async def with_a_recovery_code_seen_before(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    code = {"x-arterial-code": board.codes[0]}
    assert (await order(await board.login(name), **code)).status_code == 200
    return await order(await board.login(name), **code)


async def guessing_codes(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    client = await board.login(name)
    for guess in range(4):
        await order(client, **{"x-arterial-code": f"{guess}{board.code(name)[1:]}x"})
    return await order(client, **{"x-arterial-code": board.code(name)})


async def without_a_csrf_token(board: Board) -> httpx.Response:
    client = await board.login(board.user(factor=True))
    del client.headers["x-arterial-csrf"]
    return await order(client)


async def with_the_csrf_token_of_another_login(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    other = await board.login(board.user("admin"))
    client = await board.login(name)
    csrf = {"x-arterial-csrf": other.headers["x-arterial-csrf"]}
    return await order(client, **csrf, **{"x-arterial-code": board.code(name)})


async def from_a_foreign_page(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    code = {"x-arterial-code": board.code(name)}
    return await order(await board.login(name), origin=EVIL, **code)


async def under_a_foreign_name(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    code = {"x-arterial-code": board.code(name)}
    return await order(await board.login(name), host="evil.example", origin=EVIL, **code)


async def with_the_cookie_after_logout(board: Board) -> httpx.Response:
    client = await board.login(board.user(factor=True))
    cookie = dict(client.cookies)
    assert (await client.post("/api/access/logout")).status_code == 200
    client.cookies.update(cookie)
    return await order(client)


async def with_the_cookie_after_a_password_change(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    client = await board.login(name)
    board.access.users.set_password(name, "another horse battery", "test", board.access.now())
    return await order(client)


async def with_the_cookie_after_a_role_change(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    client = await board.login(name)
    board.access.users.set_role(name, "admin", "test", board.access.now())
    return await order(client)


async def after_an_hour_away(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    client = await board.login(name)
    board.change("UPDATE sessions SET seen_s = seen_s - 3601 WHERE user = ?", name)
    return await order(client)


async def after_twelve_hours(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    client = await board.login(name)
    board.change("UPDATE sessions SET made_s = made_s - 43201 WHERE user = ?", name)
    return await order(client)


async def with_a_cookie_planted_before_the_login(board: Board) -> httpx.Response:
    thief, name = await board.login(board.user("viewer")), board.user(factor=True)
    victim = board.client()
    victim.cookies.update(thief.cookies)
    victim.headers["x-arterial-csrf"] = thief.headers["x-arterial-csrf"]
    done = await victim.post("/api/access/login", json={"name": name, "password": PASSWORD})
    assert done.status_code == 200
    return await order(thief)


async def guessing_passwords(board: Board) -> httpx.Response:
    name = board.user()
    client = board.client()
    for guess in ("password1234", "letmein12345", "qwertyuiop12", "iloveyou1234"):
        await client.post("/api/access/login", json={"name": name, "password": guess})
    return await client.post("/api/access/login", json={"name": name, "password": PASSWORD})


async def with_a_made_up_token(board: Board) -> httpx.Response:
    return await order(board.client(authorization=f"Bearer art_{'x' * 43}"))


async def with_a_revoked_token(board: Board) -> httpx.Response:
    key = board.token("operator", signals=True)
    assert (await order(board.client(authorization=f"Bearer {key}"))).status_code == 200
    board.access.tokens.revoke(f"token{board.made}", "test", board.access.now())
    return await order(board.client(authorization=f"Bearer {key}"))


async def with_an_expired_token(board: Board) -> httpx.Response:
    key = board.token("operator", signals=True)
    board.change("UPDATE tokens SET expires_s = 1 WHERE name = ?", f"token{board.made}")
    return await order(board.client(authorization=f"Bearer {key}"))


async def with_a_machines_token_not_made_for_signals(board: Board) -> httpx.Response:
    return await order(board.client(authorization=f"Bearer {board.token('admin')}"))


async def with_a_viewers_token(board: Board) -> httpx.Response:
    return await order(board.client(authorization=f"Bearer {board.token('viewer', signals=True)}"))


async def with_a_users_token_without_his_code(board: Board) -> httpx.Response:
    key = board.token("operator", user=board.user(factor=True))
    return await order(board.client(authorization=f"Bearer {key}"))


async def with_a_token_above_its_owners_role(board: Board) -> httpx.Response:
    name = board.user("viewer", factor=True)
    client = board.client(authorization=f"Bearer {board.token('admin', user=name)}")
    return await order(client, **{"x-arterial-code": board.code(name)})


async def with_the_token_of_a_removed_user(board: Board) -> httpx.Response:
    name = board.user(factor=True)
    key = board.token("operator", user=name)
    board.access.users.remove(name, "test", board.access.now())
    return await order(board.client(authorization=f"Bearer {key}"))


async def switching_the_strategy_as_a_viewer(board: Board) -> httpx.Response:
    client = await board.login(board.user("viewer", factor=True))
    return await client.post("/api/strategy", json={"strategy": "fixed_time"})


async def pretending_to_sit_at_this_computer(board: Board) -> httpx.Response:
    return await order(board.client(**{"x-arterial-user": "root", "x-forwarded-for": "127.0.0.1"}))


class Attempt(NamedTuple):
    """What is tried, and how it must end."""

    run: Callable[[Board], Awaitable[httpx.Response]]
    status: int
    code: str

    @property
    def name(self) -> str:
        return str(getattr(self.run, "__name__", ""))


ATTEMPTS = (
    Attempt(nobody_orders, 401, "login"),
    Attempt(nobody_looks, 401, "login"),
    Attempt(pretending_to_sit_at_this_computer, 401, "login"),
    Attempt(a_viewer_orders, 403, "role"),
    Attempt(switching_the_strategy_as_a_viewer, 403, "role"),
    Attempt(without_a_second_factor, 403, "set_up_second_factor"),
    Attempt(without_its_code, 403, "second_factor"),
    Attempt(with_a_wrong_code, 403, "wrong_code"),
    Attempt(with_a_code_seen_before, 403, "wrong_code"),
    Attempt(with_a_recovery_code_seen_before, 403, "wrong_code"),
    Attempt(guessing_codes, 429, "slow_down"),
    Attempt(without_a_csrf_token, 403, "csrf"),
    Attempt(with_the_csrf_token_of_another_login, 403, "csrf"),
    Attempt(from_a_foreign_page, 403, "foreign_page"),
    Attempt(under_a_foreign_name, 403, "foreign_page"),
    Attempt(with_the_cookie_after_logout, 401, "login"),
    Attempt(with_the_cookie_after_a_password_change, 401, "login"),
    Attempt(with_the_cookie_after_a_role_change, 401, "login"),
    Attempt(after_an_hour_away, 401, "login"),
    Attempt(after_twelve_hours, 401, "login"),
    Attempt(with_a_cookie_planted_before_the_login, 401, "login"),
    Attempt(guessing_passwords, 429, "slow_down"),
    Attempt(with_a_made_up_token, 401, "token"),
    Attempt(with_a_revoked_token, 401, "token"),
    Attempt(with_an_expired_token, 401, "token"),
    Attempt(with_the_token_of_a_removed_user, 401, "token"),
    Attempt(with_a_machines_token_not_made_for_signals, 403, "role"),
    Attempt(with_a_viewers_token, 403, "role"),
    Attempt(with_a_users_token_without_his_code, 403, "second_factor"),
    Attempt(with_a_token_above_its_owners_role, 403, "role"),
)
"""Thirty attempts by HTTP."""
