"""How does a person log in, prove a second factor, set one up, and log out?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import segno
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gateway.access import secret
from gateway.access.door import ADD_USER, Access, address, cookie_name, is_encrypted
from gateway.access.guard import public, requires
from gateway.access.identity import Identity, Refused
from gateway.access.logins import Logins
from gateway.access.roles import may
from gateway.access.users import UserError

PAGE: Final = Path(__file__).parents[1] / "board" / "static" / "login.html"


class Body(BaseModel):
    """What a page sends; no echo of it in errors."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Login(Body):
    """A name and its password, and the code of a second factor by the way."""

    name: str = Field(max_length=64)
    password: SecretStr = Field(max_length=secret.LONGEST)
    code: SecretStr = Field(default=SecretStr(""), max_length=32)


class Proof(Body):
    """The password once more, before something of the login itself is changed."""

    password: SecretStr = Field(default=SecretStr(""), max_length=secret.LONGEST)
    code: SecretStr = Field(default=SecretStr(""), max_length=32)


class Code(Body):
    """A code of the second factor."""

    code: SecretStr = Field(max_length=32)


class NewPassword(Proof):
    """Another password for oneself."""

    new: SecretStr = Field(max_length=secret.LONGEST)


def add_access(app: FastAPI, access: Access, server_label: str | None = None) -> None:
    """/login and /api/access/...; `server_label` invites to the city's own login server."""
    logins = Logins(access)
    _add_login(app, access, logins, server_label)
    _add_second_factor(app, access, logins)
    _add_list(app, access)

    @app.post("/api/access/password")
    async def password(
        new: NewPassword, asking: Request, who: Annotated[Identity, requires("viewer")]
    ) -> Response:
        await _confirm(access, logins, who, new, asking)
        try:
            await asyncio.to_thread(
                access.users.set_password, who.user, new.new.get_secret_value(), str(who), access.now()
            )
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 422)
        return _forget(JSONResponse({"changed": True}), asking)


def _add_list(app: FastAPI, access: Access) -> None:
    @app.get("/api/access/users", dependencies=[requires("admin")])
    async def users() -> dict[str, Any]:
        """Who may log in and which tokens count; they are made and ended at the terminal."""
        people = [
            {"name": u.name, "role": u.role, "second_factor": u.totp, "password": not u.origin}
            for u in access.users.everybody()
        ]
        keys = [
            {
                "name": t.name,
                "role": t.role,
                "user": t.owner or None,
                "signals": t.signals,
                "used_ms": round(t.used_s * 1000) or None,
                "ends_ms": round(t.expires_s * 1000),
            }
            for t in access.tokens.all()
        ]
        return {"users": people, "tokens": keys}


def _add_login(app: FastAPI, access: Access, logins: Logins, server_label: str | None) -> None:
    @app.get("/login", include_in_schema=False, dependencies=[public()])
    async def page() -> Response:
        return FileResponse(PAGE, media_type="text/html; charset=utf-8")

    @app.get("/api/access/me")
    async def me(asking: Request, who: Annotated[Identity, public()]) -> dict[str, Any]:
        return _me(access, asking, who, server_label)

    @app.post("/api/access/login", dependencies=[public()])
    async def login(wish: Login, asking: Request) -> Response:
        name, code = wish.name.strip(), wish.code.get_secret_value()
        await logins.check(name, wish.password.get_secret_value(), asking)
        if code:
            await access.check_code(name, code, address(asking))
        return await begin(access, asking, name, "password", JSONResponse({"user": name}), bool(code))

    @app.post("/api/access/seen")
    async def seen(who: Annotated[Identity, requires("viewer")]) -> dict[str, bool]:
        """Somebody touched the page: that he did is all, and enough not to end his login for idleness."""
        return {"seen": True}

    @app.post("/api/access/logout")
    async def logout(asking: Request, who: Annotated[Identity, public()]) -> Response:
        if who.session:
            await asyncio.to_thread(access.sessions.end, who.session, who.name, access.now())
        return _forget(JSONResponse({"user": None}), asking)


def _add_second_factor(app: FastAPI, access: Access, logins: Logins) -> None:
    @app.post("/api/access/code")
    async def prove(wish: Code, who: Annotated[Identity, requires("viewer")]) -> Response:
        """A code ahead of an order."""
        if not who.user:
            raise Refused(403, "role", "only people who have logged in have a second factor")
        await access.check_code(who.user, wish.code.get_secret_value(), who.where)
        await access.prove(who)
        return JSONResponse({"code_until_ms": _until_ms(access, access.now())})

    @app.post("/api/access/totp")
    async def begin_totp(
        wish: Proof, asking: Request, who: Annotated[Identity, requires("viewer")]
    ) -> Response:
        await _confirm(access, logins, who, wish, asking)
        made = await asyncio.to_thread(access.users.begin_totp, who.user, access.now())
        uri = secret.secret_uri(made, who.user, access.city)
        picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="#fff")
        return JSONResponse({"secret": made, "picture": picture})

    @app.post("/api/access/totp/confirm")
    async def confirm_totp(wish: Code, who: Annotated[Identity, requires("viewer")]) -> Response:
        code = wish.code.get_secret_value()
        try:
            codes = await asyncio.to_thread(access.users.confirm_totp, who.user, code, str(who), access.now())
        except UserError as error:
            return JSONResponse({"error": str(error)}, 422)
        await access.prove(who)
        return JSONResponse({"recovery_codes": codes})


async def begin(
    access: Access, asking: Request, name: str, how: str, answer: Response, proved: bool
) -> Response:
    """Give `answer` the cookie of a new login; the one the browser had before ends."""
    old, now_s = access.cookie(asking), access.now()
    proved_s = now_s if proved else 0.0
    cookie = await asyncio.to_thread(access.sessions.begin, name, how, now_s, old, proved_s)
    answer.set_cookie(
        cookie_name(asking),
        cookie,
        max_age=round(access.settings.session_hours * 3600),
        path="/",
        secure=is_encrypted(asking),
        httponly=True,
        samesite="strict",
    )
    return answer


def _forget(answer: Response, asking: Request) -> Response:
    answer.delete_cookie(
        cookie_name(asking), path="/", secure=is_encrypted(asking), httponly=True, samesite="strict"
    )
    return answer


async def _confirm(access: Access, logins: Logins, who: Identity, proof: Proof, asking: Request) -> None:
    """He must be logged in as a person, and prove it again. Raises Refused."""
    if not who.session:
        raise Refused(403, "role", "only people who have logged in at the page have a login to change")
    user = access.users.require(who.user)
    if not user.origin:
        await logins.check(user.name, proof.password.get_secret_value(), asking)
    if user.totp:
        await access.check_code(user.name, proof.code.get_secret_value(), who.where)


def _me(access: Access, asking: Request, who: Identity, server_label: str | None) -> dict[str, Any]:
    """What a page may know about whoever looks at it."""
    known = who.how != "visitor"
    session = access.sessions.find(access.cookie(asking), access.now()) if who.session else None
    user = access.users.find(who.user) if who.user else None
    return {
        "user": who.name if known else None,
        "role": who.role if known or access.settings.visitors == "viewer" else None,
        "may": may(who.role) if known else [],
        "how": who.how,
        "open": access.open,
        "csrf": secret.csrf_of(access.cookie(asking)) if session else None,
        "second_factor": bool(user and user.totp),
        "has_password": bool(user and not user.origin),
        "code_until_ms": _until_ms(access, who.proved_s) if who.proved_s else None,
        "ends_ms": round(access.sessions.ends_s(session) * 1000) if session else None,
        "encrypted": is_encrypted(asking),
        "server": server_label,
        "hint": "" if access.open or access.users.any() or server_label else _first_user(),
        "city": access.city,
    }


def _first_user() -> str:
    return f"There are no users yet. On arterial's own machine: {ADD_USER}"


def _until_ms(access: Access, proved_s: float) -> int:
    """Until when signals may be changed without another code, ms since the epoch."""
    return round((proved_s + access.settings.code_minutes * 60) * 1000)
