"""May this browser page talk to the board?"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def own_names(extra: Iterable[str]) -> frozenset[str]:
    """Host names under which this machine is itself: localhost, its own name, and those configured."""
    return frozenset({"localhost", socket.gethostname().lower(), *(name.lower() for name in extra)})


def is_own_page(connection: HTTPConnection, names: frozenset[str]) -> bool:
    """Whether a request comes from the board's own page, or from a program that is no browser.

    A browser names the page it acts for (Origin, Sec-Fetch-Site); a program names none. The Host must be an
    address or a name of ours, so that a foreign name which resolves to this machine does not count as ours
    (DNS rebinding).
    """
    if not names_us(connection, names):
        return False
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == host.lower()
    return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def names_us(connection: HTTPConnection, names: frozenset[str]) -> bool:
    """Whether the request is meant for an address or a name of ours."""
    return _is_ours(connection.headers.get("host", ""), names)


def _is_ours(host: str, names: frozenset[str]) -> bool:
    name = _hostname(host)
    if name is None:
        return False
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
