"""How does somebody log in at the city's own login server (OpenID Connect, code flow with PKCE)?"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.access import secret
from gateway.access.roles import ROLES, Role
from gateway.access.settings import OidcSettings

PATIENCE_S: Final = 10.0
KEEP_S: Final = 3600.0
"""What the server says of itself is asked for again after so long, and when a key is not known."""
LASTS_S: Final = 600.0
MOST: Final = 1000
ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
"""No HS (the client's secret as a key) and no `none`."""
SKEW_S: Final = 60


class ServerFault(Exception):
    """Nobody is let in; `why` is one of the words that the login page explains."""

    def __init__(self, why: str, text: str) -> None:
        super().__init__(text)
        self.why = why


class Person(NamedTuple):
    """Whom the login server vouches for."""

    name: str
    role: Role
    origin: str
    """Issuer and subject: the name may change hands, this does not."""
    proved: bool
    """Whether a second factor was shown there."""


class Started(NamedTuple):
    """A login that was sent to the server and has not come back."""

    browser: str
    nonce: str
    verifier: str
    next: str
    at_s: float


class LoginServer:
    """One login server and the logins under way."""

    def __init__(self, settings: OidcSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.settings = settings
        self._transport = transport
        self._started: dict[str, Started] = {}
        self._known: tuple[float, dict[str, Any], KeySet] | None = None

    async def start(self, browser: str, next: str) -> str:
        """Where to send a browser, which is known by a cookie. Raises ServerFault."""
        about, _ = await self._about()
        now_s = time.monotonic()
        self._started = {s: one for s, one in self._started.items() if now_s - one.at_s < LASTS_S}
        while len(self._started) >= MOST:
            self._started.pop(_oldest(self._started))
        state, nonce, verifier = secret.new_key(), secret.new_key(), secret.new_key()
        self._started[state] = Started(secret.digest(browser), nonce, verifier, next, now_s)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_url,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(about["authorization_endpoint"]).copy_merge_params(asked))

    async def finish(self, browser: str, query: Mapping[str, str]) -> tuple[Person, str]:
        """Who came back, and where he wanted to go. Raises ServerFault."""
        started = self._started.pop(query.get("state", ""), None)
        fresh = started is not None and time.monotonic() - started.at_s < LASTS_S
        if started is None or not fresh or not secret.same(started.browser, secret.digest(browser)):
            raise ServerFault("refused", "a login came back that this browser did not begin, or too late")
        if "code" not in query:
            raise ServerFault("refused", f"the login server says {query.get('error', 'nothing')[:60]!r}")
        if query.get("iss", self.settings.issuer) != self.settings.issuer:
            raise ServerFault("refused", "the answer comes from another login server")
        about, keys = await self._about()
        try:
            async with self._client() as client:
                token = await self._token(client, about, query["code"], started.verifier)
                claims = await self._claims(token, keys, started.nonce)
                claims = await self._completed(client, about, claims, token)
        except (JoseError, httpx.HTTPError, KeyError, ValueError) as error:
            raise ServerFault("refused", f"the login is not sound: {type(error).__name__}") from error
        return self._person(claims), started.next

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, timeout=PATIENCE_S)

    async def _token(
        self, client: httpx.AsyncClient, about: Mapping[str, Any], code: str, verifier: str
    ) -> dict[str, Any]:
        """What the code is worth (RFC 6749 4.1.3, RFC 7636 4.5)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_url,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        hidden, auth = self.settings.client_secret, httpx.Auth()
        if hidden is not None:
            words = (self.settings.client_id, hidden.get_secret_value())
            auth = httpx.BasicAuth(*(quote_plus(word) for word in words))
        answer = await client.post(about["token_endpoint"], data=form, auth=auth)
        token: dict[str, Any] = answer.raise_for_status().json()
        return token

    async def _about(self, again: bool = False) -> tuple[dict[str, Any], KeySet]:
        """What the server says of itself, and its keys. Raises ServerFault."""
        if self._known is not None and not again and time.monotonic() - self._known[0] < KEEP_S:
            return self._known[1], self._known[2]
        where = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            async with self._client() as client:
                about = (await client.get(where)).raise_for_status().json()
                keys = KeySet.import_key_set((await client.get(about["jwks_uri"])).raise_for_status().json())
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            raise ServerFault("unreachable", f"{where}: {type(error).__name__}") from error
        if about.get("issuer") != self.settings.issuer:
            raise ServerFault("refused", f"{where} speaks of another issuer")
        self._known = (time.monotonic(), about, keys)
        return about, keys

    async def _claims(self, token: Mapping[str, Any], keys: KeySet, nonce: str) -> dict[str, Any]:
        """The claims of the ID token (OpenID Connect Core 3.1.3.7). Raises JoseError or ValueError."""
        text = token["id_token"]
        try:
            found = jwt.decode(text, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            _, keys = await self._about(again=True)
            found = jwt.decode(text, keys, algorithms=ALGORITHMS)
        rules = jwt.JWTClaimsRegistry(
            leeway=SKEW_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        rules.validate(found.claims)
        if found.claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise ValueError("the token is for another program")
        return dict(found.claims)

    async def _completed(
        self,
        client: httpx.AsyncClient,
        about: Mapping[str, Any],
        claims: dict[str, Any],
        token: Mapping[str, Any],
    ) -> dict[str, Any]:
        """With what the server tells only when asked for it (userinfo), if name or roles are missing."""
        wanted = (self.settings.name_claim, self.settings.role_claim)
        if all(_at(claims, path) is not None for path in wanted) or "userinfo_endpoint" not in about:
            return claims
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        more = (await client.get(about["userinfo_endpoint"], headers=bearer)).raise_for_status().json()
        if more.get("sub") != claims["sub"]:
            raise ValueError("userinfo is about somebody else")
        return {**more, **claims}

    def _person(self, claims: Mapping[str, Any]) -> Person:
        found = _at(claims, self.settings.role_claim)
        words = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        roles = [self.settings.roles[word] for word in words if word in self.settings.roles]
        if not roles:
            raise ServerFault("role", "none of the person's roles is one of [oidc] roles")
        amr = claims.get("amr")
        proved = isinstance(amr, list) and not set(self.settings.second_factors).isdisjoint(map(str, amr))
        name = str(_at(claims, self.settings.name_claim) or claims["sub"])
        origin = f"{self.settings.issuer} {claims['sub']}"
        return Person(name, max(roles, key=ROLES.index), origin, proved)


def _challenge(verifier: str) -> str:
    """RFC 7636 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _oldest(started: Mapping[str, Started]) -> str:
    """The state of the login that began first."""
    return min(started, key=lambda state: started[state].at_s)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path."""
    here: Any = claims
    for step in path.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    return here


def local_path(wanted: str) -> str:
    """`wanted` if it is a path of this board, else the start: nobody is sent elsewhere after logging in."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not _odd(wanted)
    return wanted if plain else "/"


def _odd(text: Iterable[str]) -> bool:
    return any(ord(letter) < 33 or letter == "\\" for letter in text)
