"""What does a login server do? Discovery, keys, code flow with PKCE and ID tokens, as wrong as it is told."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "arterial"
HIDDEN = "the client's own secret"


class FakeServer:
    """An OpenID provider. `claims` go into the ID token; `userinfo` is told only when asked for."""

    def __init__(self, issuer: str, now: Any) -> None:
        self.issuer, self._now = issuer, now
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signs_with, self.algorithm = self.key, "RS256"
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "carla", "roles": ["traffic"]}
        self.userinfo: dict[str, Any] = {"sub": "s-1"}
        self.codes: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self._add_routes()

    def _add_routes(self) -> None:
        app = self.app

        @app.get("/.well-known/openid-configuration")
        async def about() -> dict[str, str]:
            paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in paths.items()}
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **ends}

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return dict(KeySet([self.key]).as_dict(private=False))

        @app.get("/authorize")
        async def authorize(asking: Request) -> Response:
            asked = dict(asking.query_params)
            assert asked["response_type"] == "code"
            assert asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(8)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

        @app.post("/token")
        async def token(asking: Request) -> Response:
            form = {name: words[0] for name, words in parse_qs((await asking.body()).decode()).items()}
            asked = self.codes.pop(form["code"], None)
            if asked is None or not self._fits(form, asked, asking.headers.get("authorization", "")):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "at-1", "id_token": self._id_token(asked["nonce"])})

        @app.get("/userinfo")
        async def userinfo(asking: Request) -> Response:
            right = asking.headers.get("authorization") == "Bearer at-1"
            return JSONResponse(self.userinfo, 200 if right else 401)

    def _fits(self, form: dict[str, str], asked: dict[str, str], authorization: str) -> bool:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        return (
            challenge.rstrip(b"=").decode() == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
            and basic == f"{CLIENT}:the+client%27s+own+secret"
        )

    def _id_token(self, nonce: str) -> str:
        now_s = int(self._now())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now_s, "exp": now_s + 300, "nonce": nonce}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.signs_with)
