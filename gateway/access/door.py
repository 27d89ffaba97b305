"""May this request do what it wants, and as whom?"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from starlette.requests import HTTPConnection

from gateway.access import secret
from gateway.access.book import Book, note
from gateway.access.identity import Identity, Refused
from gateway.access.roles import Role, covers, lesser
from gateway.access.sessions import Sessions
from gateway.access.settings import AccessSettings
from gateway.access.throttle import Rate, Tries
from gateway.access.tokens import Token, Tokens
from gateway.access.users import Users
from gateway.board.origin import is_own_page, names_us, own_names

Now = Callable[[], float]

CODE_HEADER: Final = "x-arterial-code"
CSRF_HEADER: Final = "x-arterial-csrf"
SAFE: Final = ("GET", "HEAD", "OPTIONS")
BURST: Final = 8
VISITOR: Final = Identity("visitor", "viewer", "visitor", signals=False)
ADD_USER: Final = "arterial users add NAME --role admin"


class Access:
    """Everything that decides who may do what: the book, the settings and the wrong tries so far."""

    def __init__(
        self,
        settings: AccessSettings,
        book: Book,
        *,
        near: bool,
        names: frozenset[str] = frozenset(),
        now: Now = time.time,
        city: str = "",
        steady: Now | None = None,
    ) -> None:
        """`near`: the board answers this computer only. `names`: host names under which it is known.

        `steady` is a clock that nobody sets, for waits; left out, the system's own, or `now` where that is
        another one.
        """
        self.steady = steady or (time.monotonic if now is time.time else now)
        self.settings, self.near, self.names, self.now, self.city = settings, near, names, now, city
        self.users, self.tokens, self.book = Users(book), Tokens(book), book
        self.sessions = Sessions(book, settings.idle_minutes * 60, settings.session_hours * 3600)
        self.codes = Tries(longest_s=900)
        self._rate = Rate(settings.requests_per_s, BURST * settings.requests_per_s)

    @property
    def open(self) -> bool:
        """Whether this computer's own users need no login."""
        return self.near and self.settings.login == "auto" and not self.users.any()

    async def admit(self, asking: HTTPConnection, role: Role | None, signals: bool = False) -> Identity:
        """Who asks, if he has at least `role` (None: anybody). Raises Refused, which says what to do."""
        self._slow_down(asking)
        found = await self._who(asking, role)
        self._from_own_page(asking, found)
        if role is not None and not covers(found.role, role):
            raise Refused(403, "role", _not_enough(found, role))
        return await self._with_factor(asking, found) if signals else found

    async def check_code(self, user: str, code: str, where: str) -> None:
        """Use up a code of the user's second factor. Raises Refused when it is wrong, or tried too often."""
        key = f"code {user}"
        wait_s = self.codes.wait_s(key, self.steady())
        if wait_s > 0:
            raise too_soon(wait_s)
        self.codes.failed(key, self.steady())
        if not await asyncio.to_thread(self.users.code_fits, user, code, self.now()):
            await asyncio.to_thread(self._note_wrong_code, user, where)
            raise Refused(
                403, "wrong_code", "the code does not fit, or it was used already; wait for the next"
            )
        self.codes.succeeded(key)

    def _note_wrong_code(self, user: str, where: str) -> None:
        with self.book.change() as change:
            note(change, self.now(), where or "somebody", "wrong code", user)

    def counts(self, found: Identity) -> bool:
        """Whether who was let in before still would be: his login or token has not ended."""
        if found.session:
            return self.sessions.lives(found.session, self.now())
        if found.token:
            return self.tokens.lives(found.token, self.now())
        return self.open if found.how == "no login" else self.settings.visitors == "viewer"

    def cookie(self, asking: HTTPConnection) -> str:
        """The cookie of a login that came with the request; empty without one."""
        return asking.cookies.get(cookie_name(asking), "")

    def _slow_down(self, asking: HTTPConnection) -> None:
        wait_s = self._rate.wait_s(address_key(asking), self.steady())
        if wait_s > 0:
            raise too_soon(wait_s)

    async def _who(self, asking: HTTPConnection, role: Role | None) -> Identity:
        scheme, _, key = asking.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._by_token(key.strip(), asking)
        found = await self._by_cookie(asking) or self._here(asking, role)
        if found is not None:
            return found
        if self.settings.visitors == "viewer" or role is None:
            return replace(VISITOR, where=address(asking))
        raise self._nobody()

    async def _by_token(self, key: str, asking: HTTPConnection) -> Identity:
        token = self.tokens.find(key, self.now())
        if token is None:
            raise Refused(
                401, "token", "the token is unknown, revoked or expired; see `arterial tokens list`"
            )
        await asyncio.to_thread(self.tokens.touch, token, self.now())
        return _of_token(token, address(asking))

    async def _by_cookie(self, asking: HTTPConnection) -> Identity | None:
        cookie = self.cookie(asking)
        found = self.sessions.find(cookie, self.now()) if cookie else None
        if found is None:
            return None
        if asking.scope["type"] == "http" and asking.scope["method"] not in SAFE:
            if not secret.same(asking.headers.get(CSRF_HEADER, ""), secret.csrf_of(cookie)):
                raise Refused(403, "csrf", "the page is too old to change anything; load it again")
            await asyncio.to_thread(self.sessions.touch, found, self.now())
        where = address(asking)
        return Identity(
            found.user, found.role, found.how, where, found.id, user=found.user, proved_s=found.proved_s
        )

    def _here(self, asking: HTTPConnection, role: Role | None) -> Identity | None:
        """Whoever sits at this computer, where no login is needed; not who comes through a proxy."""
        host = asking.client.host if asking.client else ""
        if not self.open or not is_loopback(host) or _came_through_a_proxy(asking):
            return None
        if not names_us(asking, self.names):
            if role is None:
                return None
            text = "this board does not go by that name; [board] names in the city file lists its names"
            raise Refused(403, "foreign_page", text)
        name = asking.headers.get("x-arterial-user", "")[:60]
        return Identity(name or "board", "admin", "no login", host)

    def _from_own_page(self, asking: HTTPConnection, found: Identity) -> None:
        """A browser sends cookies for foreign pages too; a token nobody sends without knowing it."""
        changes = asking.scope["type"] == "websocket" or asking.scope["method"] not in SAFE
        if changes and not found.token and not is_own_page(asking, self.names):
            raise Refused(403, "foreign_page", "only the board's own page may do this")

    async def _with_factor(self, asking: HTTPConnection, found: Identity) -> Identity:
        if found.how == "no login":
            return found
        if not found.user:
            if not found.signals:
                text = f"{found.how} may not change signals; make one with `arterial tokens add --signals`"
                raise Refused(403, "role", text)
            return found
        code = asking.headers.get(CODE_HEADER, "")
        if code:
            await self.check_code(found.user, code, found.where)
            await self.prove(found)
        elif self.now() - found.proved_s > self.settings.code_minutes * 60:
            raise self._no_factor(found.user)
        return replace(found, factor=True)

    async def prove(self, found: Identity) -> None:
        """Remember that a second factor was shown, for as long as the settings let it count."""
        if found.session:
            await asyncio.to_thread(self.sessions.prove, found.session, self.now())
        elif found.token:
            await asyncio.to_thread(self.tokens.prove, found.token, self.now())

    def _no_factor(self, name: str) -> Refused:
        user = self.users.find(name)
        if user is not None and user.totp:
            return Refused(
                403, "second_factor", "changing a signal needs the code from your authenticator app"
            )
        text = (
            "changing a signal needs a second factor: set one up in the menu under your name, "
            f"or with `arterial users totp {name}`"
        )
        return Refused(403, "set_up_second_factor", text)

    def _nobody(self) -> Refused:
        if self.users.any():
            return Refused(401, "login", "log in first; commands take a token from ARTERIAL_TOKEN")
        text = f"there are no users yet; on arterial's own machine: {ADD_USER}"
        return Refused(401, "no_users", text)


def open_here(names: frozenset[str] | None = None) -> Access:
    """Access for a board that only this computer reaches and that has no users."""
    ours = own_names(()) if names is None else names
    return Access(AccessSettings(), Book(Path("/nonexistent/access")), near=True, names=ours)


def too_soon(wait_s: float) -> Refused:
    """Come back later."""
    return Refused(429, "slow_down", f"too many tries; wait {wait_s:.0f} s", max(1.0, wait_s))


def is_loopback(host: str) -> bool:
    """Whether an address or name is this computer seen from itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _came_through_a_proxy(asking: HTTPConnection) -> bool:
    """By what proxies add; and by HTTP/1.0, which programs do not speak any more, but proxies do to what is
    behind them (nginx, if nothing else is configured)."""
    old = asking.scope.get("http_version") == "1.0"
    return old or any(name in asking.headers for name in _PROXIES_ADD)


_PROXIES_ADD: Final = (
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "forwarded",
    "via",
)


def is_encrypted(asking: HTTPConnection) -> bool:
    """Whether the request came over TLS, here or at a proxy that we believe."""
    return asking.scope["scheme"] in ("https", "wss")


def cookie_name(asking: HTTPConnection) -> str:
    """With __Host- no other host of the domain can set it, and it never travels unencrypted (RFC 6265bis)."""
    return "__Host-arterial" if is_encrypted(asking) else "arterial"


def address(asking: HTTPConnection) -> str:
    """Where a request comes from."""
    return asking.client.host if asking.client else ""


def address_key(asking: HTTPConnection) -> str:
    """What counts as one client: an IPv4 address, or the /64 in which a client chooses its IPv6 addresses."""
    host = address(asking)
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else host


def _of_token(token: Token, where: str) -> Identity:
    role = token.role if token.owner_role is None else lesser(token.role, token.owner_role)
    name = token.owner or token.name
    return Identity(
        name,
        role,
        f"token {token.name}",
        where,
        token=token.id,
        user=token.owner,
        signals=token.signals,
        proved_s=token.proved_s,
    )


def _not_enough(found: Identity, role: Role) -> str:
    change = f"; an admin can change that: arterial users role {found.user} {role}" if found.user else ""
    return f"{found.name} is {found.role}; this needs {role}{change}"
