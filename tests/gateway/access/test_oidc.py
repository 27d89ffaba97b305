"""Does a login at the city's own login server let the right people in, and nobody else?"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from gateway.access.door import Access
from gateway.access.oidc import LoginServer, local_path
from gateway.access.settings import OidcSettings
from gateway.board.server import build
from tests.gateway.access.attempts import PASSWORD, Board, order
from tests.gateway.access.login_server import CLIENT, HIDDEN, FakeServer

ISSUER = "https://login.example/city"
BOARD = "https://127.0.0.1:8321"
SETTINGS = OidcSettings(
    issuer=ISSUER,
    client_id=CLIENT,
    client_secret=SecretStr(HIDDEN),
    redirect_url=f"{BOARD}/oidc/callback",
    roles={"traffic": "operator", "watch": "viewer"},
)


@pytest.fixture
def provider() -> FakeServer:
    """A login server at ISSUER."""
    return FakeServer(ISSUER, time.time)


def wired(access: Access, city: Any, provider: FakeServer, **changes: Any) -> Board:
    """A board that knows the login server, both in memory."""
    inside = httpx.ASGITransport(provider.app, root_path="/city")
    server = LoginServer(SETTINGS.model_copy(update=changes), inside)
    app = build(city, operate=city.operate, access=access, server=server)
    return Board(BOARD, access, httpx.ASGITransport(app))


async def there_and_back(
    board: Board, provider: FakeServer, next: str = "/desk", spoil: dict[str, str] | None = None
) -> tuple[httpx.AsyncClient, httpx.Response]:
    """One browser to the login server and back, with what comes back changed by `spoil`."""
    browser = board.client()
    out = await browser.get("/oidc/login", params={"next": next})
    assert out.status_code == 302, out.headers
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider.app, root_path="/city")) as elsewhere:
        back = await elsewhere.get(out.headers["location"])
    query = {name: words[0] for name, words in parse_qs(urlsplit(back.headers["location"]).query).items()}
    return browser, await browser.get("/oidc/callback", params={**query, **(spoil or {})})


async def test_a_person_of_the_city_is_let_in_with_his_role(
    access: Access, city: Any, provider: FakeServer
) -> None:
    board = wired(access, city, provider)
    browser, done = await there_and_back(board, provider)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    me = (await browser.get("/api/access/me")).json()
    assert (me["user"], me["role"], me["how"]) == ("carla", "operator", "login server")
    refused = await order(browser, **{"x-arterial-csrf": me["csrf"]})
    assert refused.json()["code"] == "set_up_second_factor"


async def test_a_second_factor_shown_there_counts_here(
    access: Access, city: Any, provider: FakeServer
) -> None:
    provider.claims["amr"] = ["pwd", "otp"]
    board = wired(access, city, provider)
    browser, _ = await there_and_back(board, provider)
    csrf = (await browser.get("/api/access/me")).json()["csrf"]
    assert (await order(browser, **{"x-arterial-csrf": csrf})).status_code == 200
    assert city.orders == [("release", "carla (login server and code) at 127.0.0.1")]


async def test_a_role_taken_away_there_is_gone_here_at_the_next_login(
    access: Access, city: Any, provider: FakeServer
) -> None:
    board = wired(access, city, provider)
    before, _ = await there_and_back(board, provider)
    provider.claims["roles"] = "watch"
    await there_and_back(board, provider)
    assert access.users.require("carla").role == "viewer"
    assert (await before.get("/api/live")).status_code == 401, "logins with the old role have ended"


async def test_roles_may_be_told_only_when_asked_for(access: Access, city: Any, provider: FakeServer) -> None:
    provider.claims["roles"] = None
    provider.userinfo["realm_access"] = {"roles": ["traffic"]}
    board = wired(access, city, provider, role_claim="realm_access.roles")
    browser, _ = await there_and_back(board, provider)
    assert (await browser.get("/api/access/me")).json()["role"] == "operator"


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"aud": "another-program"},
    {"aud": ["another-program", CLIENT], "azp": "another-program"},
    {"exp": 1_000_000_000},
    {"exp": None},
    {"nonce": "of-another-login"},
    {"nonce": None},
    {"sub": None},
]


@pytest.mark.parametrize("claims", WRONG_CLAIMS, ids=str)
async def test_a_token_that_is_not_for_this_login_is_refused(
    access: Access, city: Any, provider: FakeServer, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    browser, done = await there_and_back(wired(access, city, provider), provider)
    assert done.headers["location"] == "/login?fault=refused"
    assert (await browser.get("/api/access/me")).json()["user"] is None


@pytest.mark.parametrize("forgery", ["another key", "our own secret as key"])
async def test_a_forged_token_is_refused(
    access: Access, city: Any, provider: FakeServer, forgery: str
) -> None:
    if forgery == "another key":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    else:
        provider.signs_with, provider.algorithm = OctKey.import_key(HIDDEN), "HS256"  # type: ignore[assignment]
    _, done = await there_and_back(wired(access, city, provider), provider)
    assert done.headers["location"] == "/login?fault=refused"


@pytest.mark.parametrize(
    "spoil", [{"state": "made-up"}, {"code": "made-up"}, {"iss": "https://evil.example"}], ids=str
)
async def test_an_answer_to_another_question_is_refused(
    access: Access, city: Any, provider: FakeServer, spoil: dict[str, str]
) -> None:
    _, done = await there_and_back(wired(access, city, provider), provider, spoil=spoil)
    assert done.headers["location"] == "/login?fault=refused"


async def test_a_login_begun_in_another_browser_is_refused(
    access: Access, city: Any, provider: FakeServer
) -> None:
    board = wired(access, city, provider)
    out = await board.client().get("/oidc/login")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider.app, root_path="/city")) as elsewhere:
        back = await elsewhere.get(out.headers["location"])
    victim = board.client()
    done = await victim.get(f"/oidc/callback?{urlsplit(back.headers['location']).query}")
    assert done.headers["location"] == "/login?fault=refused"


async def test_who_has_no_role_here_or_the_name_of_another_is_told_so(
    access: Access, city: Any, provider: FakeServer
) -> None:
    board = wired(access, city, provider)
    provider.claims["roles"] = ["parks"]
    _, done = await there_and_back(board, provider)
    assert done.headers["location"] == "/login?fault=role"
    provider.claims |= {"roles": ["traffic"], "preferred_username": "root"}
    _, done = await there_and_back(board, provider)
    assert done.headers["location"] == "/login?fault=name"
    assert access.users.require("root").role == "admin"


async def test_the_password_way_stays_shut_for_who_has_none(
    access: Access, city: Any, provider: FakeServer
) -> None:
    board = wired(access, city, provider)
    await there_and_back(board, provider)
    for password in ("", PASSWORD):
        login = {"name": "carla", "password": password}
        assert (await board.client().post("/api/access/login", json=login)).status_code == 401


async def test_a_server_that_does_not_answer_is_said_so(access: Access, city: Any) -> None:
    def dead(asked: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    app = build(city, access=access, server=LoginServer(SETTINGS, httpx.MockTransport(dead)))
    done = await Board(BOARD, access, httpx.ASGITransport(app)).client().get("/oidc/login")
    assert done.headers["location"] == "/login?fault=unreachable"


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/desk?view=guide", "/desk?view=guide"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_logging_in(wanted: str, there: str) -> None:
    assert local_path(wanted) == there
