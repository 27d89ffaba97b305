"""Does a real browser show the city, switch it, and say so when the numbers are old?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.live

LIVE = "document.body?.dataset.connection === 'open'"
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("state", ["normal", "trouble", "empty"])
def test_the_page_fits_and_nothing_complains(
    page: Any, board: Callable[[str], Any], state: str, width: int
) -> None:
    page.open(board(state).url, width=width)
    page.until(LIVE)
    assert page.js(WIDTH) <= width
    assert page.complaints() == []


def test_pictures_have_names_before_anything_is_known(page: Any, board: Callable[[str], Any]) -> None:
    never = "window.WebSocket = class { addEventListener() {} }"
    script = page.call("Page.addScriptToEvaluateOnNewDocument", source=never)["identifier"]
    try:
        page.open(board("normal").url)
        page.until("document.querySelectorAll('svg.strip').length > 1")
        nameless = "[...document.querySelectorAll('[role=img]')].filter((one) => !one.ariaLabel).length"
        assert page.js(nameless) == 0
        assert page.complaints() == []
    finally:
        page.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def test_the_switch_changes_what_runs(page: Any, board: Callable[[str], Any]) -> None:
    started = board("normal")
    page.open(started.url)
    page.until("document.querySelector('#use-adaptive').getAttribute('aria-pressed') === 'true'")
    page.js("document.querySelector('#use-fixed').click()")
    page.until("document.querySelector('#use-fixed').getAttribute('aria-pressed') === 'true'")
    assert started.city.switches == [("fixed_time", None)]
    assert page.text("#running") == "Fixed time"


def test_one_intersection_can_be_switched_alone(page: Any, board: Callable[[str], Any]) -> None:
    started = board("normal")
    page.open(started.url)
    page.until(LIVE)
    page.js("document.querySelector('li[data-intersection=x2] .name').click()")
    page.js("window.choice = document.querySelector('#detail-strategy')")
    page.js("choice.value = 'webster'; choice.dispatchEvent(new Event('change'))")
    page.until("document.querySelector('#running').textContent.startsWith('Mixed')")
    assert started.city.switches == [("webster", "x2")]


def test_what_was_refused_is_text_never_markup(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("normal").url)
    page.until("document.querySelectorAll('.refused-list li').length > 4")
    assert "<script>alert(1)</script>" in page.text(".refused-list")
    assert "\\u202e" in page.text(".refused-list")
    assert page.js("document.querySelectorAll('.refused-list script, .refused-list img').length") == 0


def test_flags_clocks_and_the_fate_of_the_refused_are_shown(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("trouble").url)
    page.until("document.querySelectorAll('.marks tbody tr').length > 6")
    told = page.text(".marks")
    for words in (
        "Retained by the broker",
        "Clock in doubt",
        "w-0042",
        "−60 min",
        "+0.12 s",
        "Accepted later",
    ):
        assert words in told
    assert "own clock was set (1×)" in told
    assert "\\u202e9999" in told


def test_every_store_is_shown_and_the_one_that_fills_the_buffer_is_named(
    page: Any, board: Callable[[str], Any]
) -> None:
    page.open(board("trouble").url)
    page.until("document.querySelectorAll('.links dt').length === 3")
    told = page.text(".links")
    for words in ("Store, duckdb", "Down", "Store, archive", "Buffer full", "nothing is acknowledged"):
        assert words in told
    page.open(board("normal").url)
    page.until("document.querySelectorAll('.links [data-good]').length === 3")
    assert "nothing is acknowledged" not in page.js("document.querySelector('.links').innerText")


def test_books_that_do_not_balance_are_shown_as_such(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("trouble").url)
    page.until(LIVE)
    assert page.text("#balance") == "Does not balance: 12 readings unaccounted for"
    page.open(board("normal").url)
    page.until(LIVE)
    assert page.text("#balance") == "The books balance"


def test_a_lost_connection_greys_the_numbers_and_says_how_old_they_are(
    page: Any, board: Callable[[str], Any]
) -> None:
    started = board("normal")
    page.open(started.url)
    page.until(LIVE)
    started.stop()
    page.until("document.body.classList.contains('stale')")
    assert page.text("#notice").startswith("Connection lost.")
    assert page.text("#connection") == "Disconnected"


def test_a_silent_street_is_told_though_the_connection_lives(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("old").url)
    page.until("document.body.classList.contains('stale')")
    assert page.text("#notice").startswith("The street is silent.")


def test_the_theme_is_remembered(page: Any, board: Callable[[str], Any]) -> None:
    url = board("normal").url
    page.open(url, theme="light")
    page.until(LIVE)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.js(background)
    page.js("document.querySelector('.theme').click()")
    dark = page.js(background)
    assert dark != light
    page.open(url, theme="light")
    assert page.js(background) == dark


def test_the_whole_street_shows_lamps_and_its_lanes_show_stop_lines(
    page: Any, board: Callable[[str], Any]
) -> None:
    page.open(board("normal").url)
    page.until("document.querySelectorAll('.overview .lamp[data-color=green]').length > 0")
    seen = "getComputedStyle(document.querySelector('{}')).display !== 'none'"
    page.js("window.lamps = [...document.querySelectorAll('.overview .lamp')]")
    assert page.js("Math.min(...lamps.map(lamp => lamp.getBoundingClientRect().width))") >= 7
    assert page.js("document.querySelectorAll('.overview [data-approach]').length") == 20
    assert page.js("document.querySelectorAll('.overview [data-approach=x1_nb] .lamp').length") == 2
    assert page.js("document.querySelectorAll('.overview [data-approach=x2_nb] .lamp').length") == 1
    assert (page.js(seen.format(".overview")), page.js(seen.format(".canvas .heads"))) == (True, False)
    page.js("for (let i = 0; i < 4; i += 1) document.querySelector('[aria-label=\"Zoom in\"]').click()")
    assert (page.js(seen.format(".overview")), page.js(seen.format(".canvas .heads"))) == (False, True)


def test_lamps_and_names_do_not_cover_each_other(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("normal").url)
    page.until("document.querySelectorAll('.overview .lamp[data-color=red]').length > 0")
    page.js(
        "window.touch = (a, b) => { [a, b] = [a, b].map(n => n.getBoundingClientRect());"
        " return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; }"
    )
    page.js("window.plates = [...document.querySelectorAll('.overview .plate')]")
    page.js("window.names = [...document.querySelectorAll('.place-label')]")
    assert page.js("plates.length") == 20
    assert page.js("plates.filter((p, i) => plates.slice(i + 1).some(q => touch(p, q))).length") == 0
    assert page.js("plates.filter(p => names.some(n => touch(p, n))).length") == 0


def test_the_map_obeys_the_keyboard(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("normal").url)
    page.until(LIVE)
    transform = "document.querySelector('.canvas .world').getAttribute('transform')"
    whole = page.js(transform)
    page.js("document.querySelector('.map').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="+", text="+")
    assert page.js(transform) != whole
    page.call("Input.dispatchKeyEvent", type="keyDown", key="0", text="0")
    assert page.js(transform) == whole


def test_alarms_are_shown_acknowledged_snoozed_and_explained(page: Any, board: Callable[[str], Any]) -> None:
    started = board("trouble")
    page.open(started.url)
    page.until("document.querySelectorAll('.alarm').length === 5")
    assert "5 active, 3 not acknowledged" in page.text("#alarms")
    assert "\\u202e<b>" in page.text(".alarm-list")
    page.js("document.querySelector('.alarm .runbook summary').click()")
    assert "Send a technician" in page.text(".alarm .runbook")
    page.js("document.querySelector('.alarm .alarm-acts button').click()")
    page.until("document.querySelector('.alarm .alarm-state').textContent.startsWith('acknowledged')")
    page.js("window.choice = document.querySelectorAll('.alarm')[1].querySelector('select')")
    page.js("choice.value = '3600'; choice.dispatchEvent(new Event('change'))")
    page.until(
        "document.querySelectorAll('.alarm')[1].querySelector('.alarm-state').textContent.includes('snoozed')"
    )
    assert started.city.alarms.asked == [
        ("ack", "conflict:x3:1"),
        ("snooze", "bin_burning", "b-017", 3600.0),
    ]
    page.js("document.querySelector('.history summary').click()")
    page.until("document.querySelectorAll('.history tbody tr').length === 5")


def test_a_city_without_alarms_says_so(page: Any, board: Callable[[str], Any]) -> None:
    page.open(board("normal").url)
    page.until("document.querySelector('#alarms .all-well')?.offsetParent != null")
    assert "No active alarms." in page.text("#alarms")
