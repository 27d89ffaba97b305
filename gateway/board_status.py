"""How does a running city look from the terminal?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from rich.console import Group
from rich.table import Table

PATIENCE_S = 5.0


class NothingRunsError(Exception):
    """No board answers there; the text says what to start."""


def ask(url: str) -> dict[str, Any]:
    """The board's live data. Raises NothingRunsError."""
    try:
        answer = httpx.get(f"{url.rstrip('/')}/api/live", timeout=PATIENCE_S)
        answer.raise_for_status()
        live: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NothingRunsError(
            f"no arterial answers at {url} ({error}); start one with `arterial demo` or `arterial run`, "
            "or name its board with --url"
        ) from error
    return live


def as_tables(live: Mapping[str, Any]) -> Group:
    """The books, the connections and the intersections."""
    return Group(_books(live["pipeline"]), _connections(live), _intersections(live["intersections"]))


def _books(pipeline: Mapping[str, Any]) -> Table:
    names = ("received", "stored", "refused", "duplicate", "waiting")
    table = Table(title="Books (readings)", title_justify="left")
    for name in (*names, "balance"):
        table.add_column(name, justify="right")
    balance = "ok" if pipeline["balanced"] else "does not balance"
    table.add_row(*(f"{pipeline[name]:,}" for name in names), balance)
    return table


def _connections(live: Mapping[str, Any]) -> Table:
    pipeline, clock = live["pipeline"], live["clock"]
    store, broker = pipeline["store"], pipeline["broker"]
    table = Table(title="Connections", title_justify="left")
    for name in ("part", "name", "state", "note"):
        table.add_column(name)
    table.add_row("broker", str(broker["name"]), str(broker["state"]), _rate(pipeline["received_per_s"]))
    table.add_row("store", str(store["name"]), str(store["state"]), _rate(pipeline["stored_per_s"]))
    table.add_row("clock", str(clock["source"]), f"{clock['speed']:g} x", "")
    return table


def _intersections(intersections: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="Intersections", title_justify="left")
    for name in ("id", "mode", "strategy", "green", "queue, veh", "age, s"):
        table.add_column(name, justify="right" if "," in name else "left", no_wrap=True)
    table.add_column("last reason", no_wrap=True, overflow="ellipsis")
    for name, state in sorted(intersections.items()):
        greens = [number for number, phase in state["phases"].items() if phase["color"] == "green"]
        queue = sum(lane["estimate"] or 0.0 for lane in state["queues"])
        age = "-" if state["age_s"] is None else f"{state['age_s']:.1f}"
        reason = (state["decision"] or {}).get("reason", "")
        table.add_row(name, state["mode"], state["strategy"], " ".join(greens), f"{queue:.1f}", age, reason)
    return table


def _rate(per_s: float | None) -> str:
    return "" if per_s is None else f"{per_s:,.0f} readings/s"
