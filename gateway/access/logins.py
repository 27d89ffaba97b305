"""Is this the right password, and may it be tried now?"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from starlette.requests import HTTPConnection

from gateway.access.book import note
from gateway.access.door import Access, address, address_key, too_soon
from gateway.access.identity import Refused
from gateway.access.throttle import Tries

log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Passwords checked at the same time: each takes 64 MiB and some tenths of a second of a core."""
WRONG: Final = "name or password is wrong"


class Logins:
    """Passwords tried at one board.

    A user from one address waits longest after wrong tries; the same user from elsewhere at most half a
    minute, so that nobody can lock somebody else out; one address that tries many names is slowed down too.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._pair, self._address, self._user = Tries(900), Tries(900, free=20), Tries(30, free=10)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def check(self, name: str, password: str, asking: HTTPConnection) -> None:
        """Return if it is the user's password. Raises Refused: wrong, or tried too often."""
        now_s = self._access.steady()
        where = address_key(asking)
        kinds = ((self._pair, f"{name}\0{where}"), (self._address, where), (self._user, name))
        wait_s = max(tries.wait_s(key, now_s) for tries, key in kinds)
        if wait_s > 0:
            raise too_soon(wait_s)
        for tries, key in kinds:
            tries.failed(key, now_s)
        async with self._turn:
            fits = await asyncio.to_thread(self._access.users.password_fits, name, password)
        if not fits:
            await asyncio.to_thread(self._note_wrong, name, address(asking))
            raise Refused(401, "wrong_login", WRONG)
        for tries, key in kinds:
            tries.succeeded(key)

    def _note_wrong(self, name: str, where: str) -> None:
        """On record; without the name if there is no such user, for people type passwords into that field."""
        known = name if self._access.users.find(name) is not None else "unknown user"
        log.warning("wrong login of %s from %s", known, where)
        if self._access.book.there:
            with self._access.book.change() as change:
                note(change, self._access.now(), where or "somebody", "wrong login", known)
