"""What is true of every answer of the board, and how much may a request bring?"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 4_194_304
"""The largest body anybody needs: a list of some ten thousand devices."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PAGES: Final = ("/", "/login", "/desk")
HSTS: Final = "max-age=31536000"


class TooLarge(Exception):
    """The body is larger than anybody needs."""


class Fence:
    """ASGI around the whole board."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def fenced(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _complete(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            if int(Headers(scope=scope).get("content-length") or 0) > MOST_BYTES:
                raise TooLarge
            await self._app(scope, _bounded(receive), fenced)
        except TooLarge:
            if begun:
                raise
            await fenced({"type": "http.response.start", "status": 413, "headers": []})
            await fenced({"type": "http.response.body", "body": b'{"error": "the request is too large"}'})


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise TooLarge
        return message

    return bounded


def _complete(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)  # a page that is complete in itself has a stricter policy of its own
    headers["Cache-Control"] = _cache_control(scope["path"])
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = HSTS


def _cache_control(path: str) -> str:
    """Vendored files never change under their versioned path; ours are asked for again; data is not kept."""
    if path.startswith("/static/vendor/"):
        return "public, max-age=31536000, immutable"
    page = path.startswith("/static/") or path in PAGES
    return "no-cache" if page else "no-store"
