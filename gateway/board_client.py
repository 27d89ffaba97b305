"""How does a command talk to a running board: with which token, and what if it is refused?

`get(url, path)` and `send(url, path, body)` return the answer's JSON and raise BoardError, whose text says
what to do. The token comes from ARTERIAL_TOKEN or from the file that ARTERIAL_TOKEN_FILE names; a board whose
certificate the city itself signed is believed with ARTERIAL_CA_FILE.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

BOARD: Final = "http://127.0.0.1:8321"
PATIENCE_S: Final = 10.0
_HINTS: Final = {
    "login": "`arterial tokens add NAME --user YOU`, where the city runs, makes one",
    "token": "make another with `arterial tokens add` where the city runs",
}


class BoardError(Exception):
    """The board did not answer or refused; the text says what to do."""


class NothingRunsError(BoardError):
    """No board answers there."""


def get(url: str, path: str, **query: Any) -> Any:
    """What the board says at `path`, for example get(url, "/api/live")."""
    return _asked("GET", url, path, params={k: v for k, v in query.items() if v is not None})


def send(url: str, path: str, body: Any = None, method: str = "POST") -> Any:
    """Tell the board something; a code is asked for at the terminal when it wants one."""
    try:
        return _asked(method, url, path, json=body)
    except _WantsCode as wanted:
        if not sys.stdin.isatty():
            raise BoardError(f"{wanted}; run the command in a terminal, where it asks for the code") from None
        code = getpass.getpass(f"{wanted}\nCode: ").strip()
    return _asked(method, url, path, json=body, headers={"x-arterial-code": code})


class _WantsCode(BoardError):
    """The same once more, with a code."""


def token() -> str:
    """The token to send; empty without one. Raises BoardError when its file cannot be read."""
    given = os.environ.get("ARTERIAL_TOKEN", "").strip()
    file = os.environ.get("ARTERIAL_TOKEN_FILE", "")
    if given or not file:
        return given
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BoardError(f"ARTERIAL_TOKEN_FILE {file} cannot be read: {error}") from error


def _asked(method: str, url: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> Any:
    import httpx

    try:
        with _client(url) as client:
            answer = client.request(method, f"{url.rstrip('/')}{path}", headers=headers, **request)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NothingRunsError(
            f"no arterial answers at {url} ({error}); start one with `arterial demo` or `arterial run`, "
            "or name its board with --url"
        ) from error
    return _read(answer, url)


def _client(url: str) -> httpx.Client:
    import httpx

    headers = {"x-arterial-user": _user()}
    if key := token():
        _warn_if_plain(url)
        headers["authorization"] = f"Bearer {key}"
    verify: Any = True
    if ca := os.environ.get("ARTERIAL_CA_FILE"):
        import ssl

        verify = ssl.create_default_context(cafile=ca)
    return httpx.Client(headers=headers, timeout=PATIENCE_S, verify=verify, transport=_transport)


_transport: httpx.BaseTransport | None = None
"""Tests answer here instead of a board."""


def _read(answer: httpx.Response, url: str) -> Any:
    try:
        found = answer.json()
    except ValueError:
        text = answer.text[:100]
        raise NothingRunsError(f"no arterial answers at {url}; what does says: {text!r}") from None
    if answer.is_success:
        return found
    told = found if isinstance(found, dict) else {}
    text, code = str(told.get("error", f"refused: {answer.text[:300]}")), str(told.get("code", ""))
    if code == "second_factor":
        raise _WantsCode(text)
    raise BoardError(f"{text}; {_HINTS[code]}" if code in _HINTS else text)


def _user() -> str:
    """Who sits at the terminal; counts only where the board asks for no login."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _warn_if_plain(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        print(f"arterial: the token goes to {parts.hostname} unencrypted; use https", file=sys.stderr)
