"""How does a browser get to the login server and back?"""

from __future__ import annotations

import asyncio
import logging

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from gateway.access import secret
from gateway.access.door import Access, address, cookie_name, is_encrypted
from gateway.access.guard import public
from gateway.access.oidc import LASTS_S, LoginServer, ServerFault, local_path
from gateway.access.routes import begin
from gateway.access.users import UserError

log = logging.getLogger(__name__)


def add_oidc(app: FastAPI, access: Access, server: LoginServer) -> None:
    """/oidc/login and /oidc/callback."""

    @app.get("/oidc/login", include_in_schema=False, dependencies=[public()])
    async def start(asking: Request, next: str = "/") -> Response:
        browser = secret.new_key()
        try:
            answer = RedirectResponse(await server.start(browser, local_path(next)), 302)
        except ServerFault as fault:
            return _refused(asking, fault)
        answer.set_cookie(
            _cookie(asking),
            browser,
            max_age=round(LASTS_S),
            path="/",
            secure=is_encrypted(asking),
            httponly=True,
            samesite="lax",  # the way back is a link on the login server's page
        )
        return answer

    @app.get("/oidc/callback", include_in_schema=False, dependencies=[public()])
    async def callback(asking: Request) -> Response:
        browser = asking.cookies.get(_cookie(asking), "")
        try:
            person, next = await server.finish(browser, dict(asking.query_params))
            user = await asyncio.to_thread(
                access.users.from_server, person.name, person.role, person.origin, access.now()
            )
        except ServerFault as fault:
            return _refused(asking, fault)
        except UserError as error:
            return _refused(asking, ServerFault("name", str(error)))
        answer = RedirectResponse(next, 303)
        answer.delete_cookie(_cookie(asking), path="/", secure=is_encrypted(asking), httponly=True)
        return await begin(access, asking, user.name, "login server", answer, person.proved)


def _cookie(asking: Request) -> str:
    return f"{cookie_name(asking)}-oidc"


def _refused(asking: Request, fault: ServerFault) -> Response:
    log.warning("no login by the login server for %s: %s", address(asking), fault)
    return RedirectResponse(f"/login?fault={fault.why}", 303)
