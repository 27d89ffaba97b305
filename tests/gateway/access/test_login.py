"""Does a login do what people expect of it, and its cookie what browsers need?"""

from __future__ import annotations

from typing import Any

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from gateway.access.door import Access
from gateway.access.settings import AccessSettings
from gateway.board.server import build
from tests.gateway.access.attempts import PASSWORD, Board, order


async def test_on_one_computer_without_users_nothing_is_asked(
    board: Board, access: Access, city: Any
) -> None:
    access.users.remove("root", "test", access.now())
    me = (await board.client().get("/api/access/me")).json()
    assert (me["open"], me["role"], me["hint"]) == (True, "admin", "")
    assert (await order(board.client(**{"x-arterial-user": "anna"}))).status_code == 200
    assert city.orders == [("release", "anna (no login) at 127.0.0.1")]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "10.0.0.9"},
        {"via": "1.1 proxy"},
        {"x-real-ip": "10.0.0.9"},
        {"host": "evil.example"},
        {"origin": "http://evil.example"},
    ],
)
async def test_that_is_not_for_who_comes_through_a_proxy_or_a_foreign_page(
    board: Board, access: Access, city: Any, headers: dict[str, str]
) -> None:
    access.users.remove("root", "test", access.now())
    assert (await order(board.client(**headers))).status_code in (401, 403)
    assert city.orders == []


async def test_a_board_for_others_without_users_names_the_command(board: Board, access: Access) -> None:
    access.users.remove("root", "test", access.now())
    access.near = False
    answer = await order(board.client())
    assert (answer.status_code, answer.json()["code"]) == (401, "no_users")
    assert "arterial users add NAME --role admin" in answer.json()["error"]
    assert "arterial users add NAME" in (await board.client().get("/api/access/me")).json()["hint"]


async def test_a_user_added_meanwhile_counts_at_once(board: Board, access: Access) -> None:
    access.users.remove("root", "test", access.now())
    assert (await board.client().get("/api/live")).status_code == 200
    board.user("viewer")
    assert (await board.client().get("/api/live")).status_code == 401


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_connections(
    app: FastAPI, access: Access, scheme: str
) -> None:
    board = Board(f"{scheme}://127.0.0.1:8321", access, httpx.ASGITransport(app))
    login = {"name": board.user(), "password": PASSWORD}
    answer = await board.client().post("/api/access/login", json=login)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert cookie.startswith("__Host-arterial=" if scheme == "https" else "arterial=")
    assert ("Secure" in cookie) == (scheme == "https")
    assert ("strict-transport-security" in answer.headers) == (scheme == "https")
    assert "camera=()" in answer.headers["permissions-policy"]


async def test_who_touches_the_page_stays_logged_in_but_not_for_ever(board: Board, clock: Any) -> None:
    client = await board.login(board.user())
    for _ in range(14):
        clock.now_s += 3000
        assert (await client.get("/api/live")).status_code == 200
        assert (await client.post("/api/access/seen")).status_code == 200
    clock.now_s += 3000
    assert (await client.get("/api/live")).status_code == 401, "twelve hours are over"
    looking = await board.login(board.user())
    clock.now_s += 3000
    assert (await looking.get("/api/live")).status_code == 200
    clock.now_s += 3000
    assert (await looking.get("/api/live")).status_code == 401, "numbers that come by themselves are no touch"


async def test_a_proxy_that_tells_nothing_is_known_by_its_old_protocol(access: Access, app: FastAPI) -> None:
    access.users.remove("root", "test", access.now())

    async def old(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "http_version": "1.0"}, receive, send)

    board = Board("http://127.0.0.1:8321", access, httpx.ASGITransport(old))
    assert (await board.client().get("/api/live")).status_code == 401


async def test_a_wrong_name_and_a_wrong_password_look_the_same(board: Board) -> None:
    name = board.user()
    answers = [
        await board.client().post("/api/access/login", json={"name": who, "password": "not the password"})
        for who in (name, "nobody")
    ]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].text == answers[1].text


async def test_the_wait_grows_and_the_right_password_ends_it(board: Board, clock: Any) -> None:
    name, client = board.user(), board.client()
    waits = []
    for _ in range(8):
        answer = await client.post("/api/access/login", json={"name": name, "password": "wrong password"})
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            clock.now_s += waits[-1] + 1
    assert waits == [4, 8]
    clock.now_s += 60
    right = {"name": name, "password": PASSWORD}
    assert (await client.post("/api/access/login", json=right)).status_code == 200
    wrong = await client.post(
        "/api/access/login",
        json={"name": name, "password": "wrong password"},
        headers={"x-arterial-csrf": (await client.get("/api/access/me")).json()["csrf"]},
    )
    assert wrong.status_code == 401


async def test_somebody_elsewhere_cannot_lock_a_user_out_for_long(
    app: FastAPI, access: Access, board: Board, clock: Any
) -> None:
    name = board.user()
    far = Board(board.url, access, httpx.ASGITransport(app, client=("203.0.113.9", 1)))
    for _ in range(60):
        await far.client().post("/api/access/login", json={"name": name, "password": "wrong password"})
        clock.now_s += 20
    clock.now_s += 31
    right = {"name": name, "password": PASSWORD}
    assert (await board.client().post("/api/access/login", json=right)).status_code == 200


async def test_requests_of_one_address_are_bounded(city: Any, access: Access) -> None:
    access = Access(
        AccessSettings(requests_per_s=1), access.book, near=True, names=access.names, now=access.now
    )
    board = Board("http://localhost", access, httpx.ASGITransport(build(city, access=access)))
    answers = [(await board.client().get("/api/access/me")).status_code for _ in range(10)]
    assert answers == [200] * 8 + [429] * 2


async def test_a_clock_that_is_set_back_makes_nobody_wait(city: Any, access: Access, clock: Any) -> None:
    seconds = iter(range(1000))
    access = Access(
        AccessSettings(requests_per_s=1, login="required"),
        access.book,
        near=True,
        names=access.names,
        now=clock,
        steady=lambda: float(next(seconds)),
    )
    board = Board("http://localhost", access, httpx.ASGITransport(build(city, access=access)))
    wrong = {"name": "root", "password": "not the password"}
    client = board.client()
    for jump_s in (0, -10_000, 400_000, -500_000):
        clock.now_s += jump_s
        assert (await client.get("/api/access/me")).status_code == 200
    for _ in range(3):
        assert (await client.post("/api/access/login", json=wrong)).status_code == 401
        clock.now_s -= 86_400
    assert (await client.post("/api/access/login", json=wrong)).status_code == 401


async def test_a_second_factor_is_set_up_on_the_page(board: Board) -> None:
    name = board.user()
    client = await board.login(name)
    refused = await client.post("/api/access/totp", json={"password": "not the password"})
    assert refused.status_code == 401
    made = (await client.post("/api/access/totp", json={"password": PASSWORD})).json()
    assert made["picture"].startswith("data:image/svg+xml")
    wrong = await client.post("/api/access/totp/confirm", json={"code": "000000"})
    assert wrong.status_code == 422
    code = pyotp.TOTP(made["secret"]).at(board.access.now())
    done = await client.post("/api/access/totp/confirm", json={"code": code})
    assert len(set(done.json()["recovery_codes"])) == 10
    assert (await order(client)).status_code == 200
    again = await client.post("/api/access/totp", json={"password": PASSWORD})
    assert again.json()["code"] == "wrong_code", "the factor there is must be shown before another"


async def test_a_changed_password_ends_every_login_of_the_user(board: Board) -> None:
    name = board.user()
    here, elsewhere = await board.login(name), await board.login(name)
    new = "another horse battery"
    weak = await here.post("/api/access/password", json={"password": PASSWORD, "new": "short"})
    assert (weak.status_code, "12 to 256" in weak.text) == (422, True)
    done = await here.post("/api/access/password", json={"password": PASSWORD, "new": new})
    assert done.status_code == 200
    assert (await elsewhere.get("/api/live")).status_code == 401
    login = await board.client().post("/api/access/login", json={"name": name, "password": new})
    assert login.status_code == 200


async def test_only_admins_see_users_and_tokens_and_no_secret_of_them(board: Board) -> None:
    name = board.user("engineer", factor=True)
    board.token("viewer", user=name)
    assert (await (await board.login(name)).get("/api/access/users")).status_code == 403
    told = await (await board.login(board.user("admin"))).get("/api/access/users")
    assert {u["name"]: u["second_factor"] for u in told.json()["users"]}[name] is True
    assert [t["user"] for t in told.json()["tokens"]] == [name]
    assert not [word for word in ("argon2", "hash", board.secrets[name]) if word in told.text]


async def test_a_foreign_name_reads_nothing_where_nobody_logs_in(board: Board, access: Access) -> None:
    access.users.remove("root", "test", access.now())
    answer = await board.client(host="evil.example").get("/api/live")
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_page")


async def test_visitors_may_look_where_the_city_says_so(board: Board, access: Access) -> None:
    access.settings = AccessSettings(visitors="viewer", monitoring="viewer")
    assert (await board.client().get("/api/live")).status_code == 200
    assert (await order(board.client())).status_code == 403
    access.settings = AccessSettings(monitoring="viewer")
    assert (await board.client().get("/healthz")).status_code == 401
    key = board.token("viewer")
    assert (await board.client(authorization=f"Bearer {key}").get("/healthz")).status_code == 200


async def test_a_body_larger_than_anybody_needs_is_refused(board: Board) -> None:
    answer = await board.client().post("/api/access/login", content=b"x" * 5_000_000)
    assert answer.status_code == 413
    assert "content-security-policy" in answer.headers
