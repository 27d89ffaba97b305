"""How does a city's access begin, and what must the people who run it be told?"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from gateway.access.book import book_in
from gateway.access.door import ADD_USER, Access, is_loopback
from gateway.board.origin import own_names
from gateway.config.settings import Settings

log = logging.getLogger(__name__)


def access_of(settings: Settings, var: Path) -> Access:
    """Who may do what at the board of a city; says so when nobody can log in yet."""
    board = settings.board
    near = is_loopback(board.host)
    access = Access(
        settings.access,
        book_in(var),
        near=near,
        names=own_names(board.names),
        city=settings.city.name or settings.city.site,
    )
    if not access.open and not access.users.any():
        log.warning(
            "nobody can log in at the board yet, so it refuses everything: %s --var %s", ADD_USER, var
        )
    return access


def access_doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    """What `arterial check-config` should mention: (where, what)."""
    board = settings.board
    if is_loopback(board.host):
        return
    text = f"other computers reach the board; it refuses them all until there is a user: {ADD_USER}"
    if board.cert_file is None:
        text += "; passwords would travel unencrypted: set cert_file and key_file, or put a proxy in front"
    yield "board.host", text
