"""Can people log in with a real browser, give orders with a second factor, and see who gave which?"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest

from gateway.access.book import Book
from gateway.access.door import Access
from gateway.access.roles import Role
from gateway.access.settings import AccessSettings
from gateway.board.origin import own_names

pytestmark = pytest.mark.live

PASSWORD = "correct horse battery"
LIVE = "document.body?.dataset.connection === 'open'"
WIDTH = "document.documentElement.scrollWidth"
THERE = "document.querySelector('{}') !== null"


@pytest.fixture
def access(tmp_path: Path) -> Access:
    """Access to a board with users."""
    book = Book(tmp_path / "access" / "access.sqlite")
    return Access(AccessSettings(), book, near=True, names=own_names(()), city="Arterial demo city")


def user(access: Access, name: str, role: Role) -> str:
    """A user whose second factor has been set up a while ago; returns its secret."""
    access.users.add(name, role, PASSWORD, "test", time.time())
    secret = access.users.begin_totp(name, time.time())
    access.users.confirm_totp(name, pyotp.TOTP(secret).at(time.time() - 30), "test", time.time())
    return secret


def fill(page: Any, name: str, value: str) -> None:
    page.js(f"[...document.querySelectorAll('[name={name}]')].at(-1).value = {value!r}")


def press(page: Any, selector: str) -> None:
    page.js(f"[...document.querySelectorAll('{selector}')].at(-1).click()")


def log_in(page: Any, url: str, name: str, **look: Any) -> None:
    page.open(f"{url}login", **look)
    page.until(THERE.format("#login-form"))
    fill(page, "username", name)
    fill(page, "password", PASSWORD)
    press(page, "#login-form button")
    page.until(f"location.pathname === '/' && {LIVE}")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_an_operator_logs_in_and_holds_phases_with_a_code(
    page: Any, board: Callable[..., Any], access: Access, width: int, theme: str
) -> None:
    secret = user(access, "anna", "operator")
    started = board("normal", access)
    log_in(page, started.url, "anna", width=width, theme=theme)
    page.until(THERE.format(".orders button"))
    assert page.js(WIDTH) <= width
    press(page, ".orders button:nth-child(2)")
    page.js("document.querySelector('dialog input[value=\"2\"]').click()")
    assert page.text("dialog .sentence").startswith("x1 keeps phase 2 green for 5 minutes")
    press(page, "dialog [type=submit]")
    page.until("document.querySelectorAll('dialog').length === 2")
    assert started.city.orders == {}, "not before the second factor"
    fill(page, "code", pyotp.TOTP(secret).now())
    press(page, "dialog [type=submit]")
    page.until("document.querySelectorAll('dialog').length === 0")
    wish, who, _ = started.city.orders["x1"]
    assert (wish.kind, wish.serve, who) == ("hold", (2,), "anna (password and code) at 127.0.0.1")
    page.until("document.querySelector('.in-force b').textContent.startsWith('Held 2, ')")
    assert "anna (password and code)" in page.text(".in-force")
    page.until("document.querySelector('li[data-intersection=x1] .order').textContent.endsWith('left')")
    assert page.js(WIDTH) <= width
    assert [text for text in page.complaints() if "401" not in text and "403" not in text] == []


def test_escape_sends_nothing(page: Any, board: Callable[..., Any]) -> None:
    started = board("normal")
    page.open(started.url)
    page.until(THERE.format(".orders button"))
    press(page, ".orders button:nth-child(1)")
    assert page.js("document.querySelector('dialog').contains(document.activeElement)")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27)
    page.until("document.querySelectorAll('dialog').length === 0")
    assert started.city.orders == {}


def test_on_one_computer_an_order_needs_no_login_and_the_page_says_so(
    page: Any, board: Callable[..., Any]
) -> None:
    started = board("normal")
    page.open(started.url)
    page.until("document.querySelector('#account').textContent === 'No login'")
    press(page, "#account")
    assert "arterial users add NAME" in page.text("#account-menu")
    press(page, ".orders button:nth-child(1)")
    press(page, "dialog [type=submit]")
    page.until("document.querySelectorAll('dialog').length === 0")
    assert started.city.orders["x1"][0].kind == "release"
    page.until("document.querySelector('.in-force b').textContent.startsWith('Released, ')")
    press(page, ".orders button:nth-child(4)")
    press(page, "dialog [type=submit]")
    page.until("document.querySelector('.in-force').hidden")


def test_a_viewer_is_offered_no_orders(page: Any, board: Callable[..., Any], access: Access) -> None:
    user(access, "walter", "viewer")
    log_in(page, board("normal", access).url, "walter")
    page.until("document.querySelector('.operation .caption').textContent.includes('you are viewer')")
    assert page.js("document.querySelectorAll('.orders button').length") == 0


def test_a_login_that_ends_leads_back_to_the_login_page(
    page: Any, board: Callable[..., Any], access: Access
) -> None:
    user(access, "anna", "operator")
    log_in(page, board("normal", access).url, "anna")
    access.users.set_role("anna", "viewer", "test", time.time())
    page.until("location.pathname === '/login' && location.search === '?next=%2F'")


def test_a_wrong_password_is_said_and_logging_out_works(
    page: Any, board: Callable[..., Any], access: Access
) -> None:
    user(access, "anna", "operator")
    url = board("normal", access).url
    page.open(f"{url}login")
    page.until(THERE.format("#login-form"))
    fill(page, "username", "anna")
    fill(page, "password", "not the password")
    press(page, "#login-form button")
    page.until("document.querySelector('.fault').textContent.includes('name or password is wrong')")
    log_in(page, url, "anna")
    press(page, "#account")
    page.until("document.querySelectorAll('#account-menu button').length === 3")
    press(page, "#account-menu button")
    page.until("location.pathname === '/login' && document.readyState === 'complete'")
    page.call("Page.navigate", url=url)
    page.until("location.pathname === '/login' && location.search === '?next=%2F'")
