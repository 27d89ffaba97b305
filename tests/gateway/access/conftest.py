"""What do the tests of access share? A board in memory, cheap passwords, and a clock that is set by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from gateway.access import secret
from gateway.access.book import Book
from gateway.access.door import Access
from gateway.access.settings import AccessSettings
from gateway.board.origin import own_names
from gateway.board.server import build
from gateway.operate.route import Wish
from tests.gateway.access.attempts import Board


class Clock:
    """Seconds since the epoch, set by hand."""

    def __init__(self) -> None:
        self.now_s = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now_s


class City:
    """A BoardView that keeps the orders it is given, and by whom."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []

    def city(self) -> dict[str, Any]:
        return {"name": "Test", "strategies": [{"name": "fixed_time", "doc": ""}], "intersections": []}

    def live(self) -> dict[str, Any]:
        return {"now_ms": 1}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None:
        self.orders.append((strategy, who))

    async def operate(self, wish: Wish, who: str) -> None:
        self.orders.append((wish.kind, who))


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 as always, in less memory and time."""
    monkeypatch.setattr(secret, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    secret._nobody.cache_clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def access(tmp_path: Path, clock: Clock) -> Access:
    """Access with an admin, so that logins are needed."""
    settings = AccessSettings(requests_per_s=10_000)
    book = Book(tmp_path / "access" / "access.sqlite")
    made = Access(settings, book, near=True, names=own_names(()), now=clock, city="Test")
    made.users.add("root", "admin", "a long word for that door", "test", clock())
    return made


@pytest.fixture
def app(city: City, access: Access) -> FastAPI:
    return build(city, operate=city.operate, access=access)


@pytest.fixture
def board(app: FastAPI, access: Access) -> Board:
    """The board of `app`, asked in memory."""
    return Board("http://127.0.0.1:8321", access, httpx.ASGITransport(app))
