"""Does every view of a city with data fit, read well and tell the right numbers, wide and narrow?"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import CHROMIUM, FLAGS
from desk_site import FROM_MS, TO_MS, Site, running_site
from pages import DESK_READY, PAGES

from gateway.reports.channels import of_city
from signal_control.measures.arrivals_on_green import arrivals_on_green
from signal_control.measures.phase_termination import phase_termination
from signal_control.measures.purdue_coordination_diagram import purdue_coordination_diagram
from signal_control.measures.split_failures import split_failures

pytestmark = [
    pytest.mark.live,
    pytest.mark.city,
]  # minutes of a browser, beside the tests that are not of a city

MEASURED_S = 60_000
SERIOUS = ("serious", "critical")
SIZES = {1280: 900, 390: 844}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="module")
def chromium_here() -> Iterator[Any]:
    """Chromium under Playwright; skipped without it, unless CI says that it must be there."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [flag for flag in FLAGS if "remote-debugging" not in flag]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium_here: Any) -> Iterator[Any]:
    context = chromium_here.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield context.new_page()
    context.close()


def addresses(site: Site) -> list[tuple[str, str]]:
    """(address, what is there when it is ready) of every page and view."""
    known = httpx.get(f"{site.url}api/desk", timeout=30).json()
    views = [(site.desk(view["id"]), DESK_READY) for view in known["views"]]
    return [*((site.url + page.path, page.ready) for page in PAGES), *views]


def faults(page: Any, address: str, ready: str, width: int, scan: bool) -> list[str]:
    """What is wrong with a page, in words."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto(address)
    page.wait_for_selector(ready, timeout=MEASURED_S, state="attached")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if ready == DESK_READY and page.get_attribute("main", "data-ready") == "failed":
        found.append(page.inner_text("[role=alert]"))
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        found.append(f"{wide} px wide")
    if scan:
        found += serious(page)
    return found


def serious(page: Any) -> list[str]:
    """Serious findings of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in violations if v["impact"] in SERIOUS]


@pytest.mark.parametrize(
    ("width", "theme", "scan"),
    [(1280, "light", True), (1280, "dark", False), (390, "light", False), (390, "dark", True)],
)
def test_every_view_fits_and_nothing_complains(
    chromium_here: Any, site: Site, width: int, theme: str, scan: bool
) -> None:
    size = {"width": width, "height": SIZES[width]}
    context = chromium_here.new_context(viewport=size, color_scheme=theme, bypass_csp=scan)
    told = []
    for address, ready in addresses(site):
        page = context.new_page()
        told += [f"{address}: {fault}" for fault in faults(page, address, ready, width, scan)]
        page.close()
    context.close()
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def titles(tab: Any, site: Site, view: str) -> list[str]:
    """The titles of the charts of a view."""
    tab.goto(site.desk(view))
    tab.wait_for_selector(f"main[data-ready='{view}']", timeout=MEASURED_S)
    return [node.inner_text() for node in tab.query_selector_all(".chart-one h3")]


def test_the_coordination_diagram_tells_what_the_measure_says(tab: Any, site: Site) -> None:
    channels = of_city(site.intersections, "advance")["s001"]
    points = [p for p in purdue_coordination_diagram(*site.logs["s001"], channels) if p.what == "arrival"]
    shown = titles(tab, site, "coordination-diagram")
    for phase in (2, 6):
        own = [p for p in points if p.phase == phase]
        share = round(100 * sum(p.on_green for p in own) / len(own))
        assert [
            t for t in shown if t.startswith(f"Phase {phase},") and f": {len(own):,} arrivals, {share} %" in t
        ]


def test_split_failures_and_terminations_are_the_measured_ones(tab: Any, site: Site) -> None:
    log = site.logs["s001"]
    cells = split_failures(*log, of_city(site.intersections, "presence")["s001"])
    failed = {p: sum(c.failures for c in cells if c.phase == p) for p in range(1, 9)}
    shown = titles(tab, site, "split-failure")
    assert [int(t.split(": ")[1].split(" ")[0]) for t in shown] == list(failed.values())
    assert sum(failed.values()) > 0
    ended = phase_termination(*log)
    gaps = sum(c.total for c in ended if c.cause == "gap_out")
    assert titles(tab, site, "phase-termination")[0].startswith(f"{gaps:,} gap-outs")


def test_the_fleet_says_what_the_measures_say(tab: Any, site: Site) -> None:
    aog = arrivals_on_green(*site.logs["s002"], of_city(site.intersections, "advance")["s002"])
    arrivals = sum(c.total for c in aog)
    share = round(100 * sum(c.on_green * c.total for c in aog) / arrivals)
    tab.goto(site.desk("fleet"))
    cell = "tr[data-id=s002] td[data-field=on_green]"
    tab.wait_for_selector(f"{cell}:has-text('%')", timeout=MEASURED_S)
    assert abs(int(tab.inner_text(cell).removesuffix(" %")) - share) <= 1
    tab.click("th button:has-text('Vehicles')")
    assert tab.get_attribute("th[aria-sort]", "aria-sort") == "descending"
    assert "sort=vehicles" in tab.url


def test_numbers_and_csv_are_those_of_the_chart(tab: Any, site: Site) -> None:
    titles(tab, site, "wait-time")
    with tab.expect_download() as download:
        tab.click("button:has-text('CSV')")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    answer = httpx.get(
        f"{site.url}api/desk/measure",
        params={"name": "waits", "at": "s001", "from_ms": FROM_MS, "to_ms": TO_MS, "each": True},
        timeout=60,
    ).json()
    assert [float(row["wait_s"]) for row in rows] == answer["columns"]["wait_s"]
    assert rows[0]["green"].endswith("Z")
    tab.click("summary")
    assert tab.inner_text(".numbers tbody tr td:nth-child(2)") == rows[0]["phase"]
    with tab.expect_download() as download:
        tab.click("button:has-text('PNG')")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_keys_zoom_all_charts_and_the_pointer_reads_a_value(tab: Any, site: Site) -> None:
    titles(tab, site, "coordination-diagram")
    assert tab.is_hidden("button:has-text('All')")
    tab.focus(".plot")
    tab.keyboard.press("+")
    assert tab.is_visible("button:has-text('All')")
    box = tab.query_selector(".plot .u-over").bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.wait_for_function("document.querySelector('.readout').textContent.includes(' s')")
    tab.keyboard.press("0")
    assert tab.is_hidden("button:has-text('All')")


def test_the_address_leads_back_to_what_was_shown(tab: Any, site: Site) -> None:
    titles(tab, site, "arrivals-on-green")
    tab.select_option("label:has-text('Intersection') select", "s002")
    tab.wait_for_function("document.querySelector('main').dataset.ready && document.title.includes('s002')")
    assert "at=s002" in tab.url
    tab.select_option(".inline-choice select", "60")
    tab.wait_for_function("location.search.includes('bin=60')")
    tab.go_back()
    tab.go_back()
    tab.wait_for_function("document.title.includes('s001')")
    assert "bin=" not in tab.url


def test_a_time_without_data_says_so(tab: Any, site: Site) -> None:
    tab.goto(f"{site.url}desk?view=split-monitor&at=s001&from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")
    tab.wait_for_selector("main[data-ready]", timeout=MEASURED_S)
    assert "s001 logged nothing between 2020-01-01 00:00 and 2020-01-01 01:00" in tab.inner_text(".empty")
    tab.goto(f"{site.url}desk?view=split-monitor&at=s001&from=2020-01-01T00:00:00Z&to=2020-02-01T01:00:00Z")
    tab.wait_for_selector("[role=alert]", timeout=MEASURED_S)
    assert "too long for split_monitor; at most 48 h" in tab.inner_text("[role=alert]")
