"""What does a terminal of so many columns and lines show of the city now?

Everything in one screen: books and rates, stores and broker, alarms, intersections with their lights, and the
detectors that are not believed. What does not fit is counted, never silently left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.board_status import balances

SORTS: Final = ("name", "queue", "age")
KEYS: Final = "q quit  p pause  s sort"
_LIGHT: Final = {"green": "bold green", "yellow": "yellow", "red_clear": "red"}
_BAD_MODES: Final = ("flash", "offline")
_FIXED_LINES: Final = 6
"""Title, books, stores, heading of the intersections, heading of what is wrong, keys."""


def frame(
    live: Mapping[str, Any],
    broken: Sequence[Mapping[str, Any]],
    size: tuple[int, int],
    sort: str = "name",
    paused: bool = False,
    fault: str = "",
) -> Group:
    """The screen for `size` (columns, lines)."""
    columns, lines = size
    alarms = list(live.get("alarms", {}).get("active", ()))
    intersections = in_order(live["intersections"], sort)
    wrong = [*(_alarm(a) for a in alarms), *(_detector(d) for d in broken)]
    room = max(2, lines - _FIXED_LINES)
    below = min(len(wrong), max(1, room // 3)) if wrong else 0
    shown = intersections[: max(1, room - below - (1 if len(intersections) > room - below else 0))]
    parts: list[RenderableType] = [
        _title(live, sort, paused, fault),
        _books(live["pipeline"]),
        _stores(live["pipeline"]),
        _intersections(shown, live["pipeline"], columns),
    ]
    if len(shown) < len(intersections):
        parts.append(Text(f"... and {len(intersections) - len(shown)} more intersections", style="dim"))
    parts.append(_heading(len(alarms), len(broken)))
    parts += [Text(line, style=style, overflow="ellipsis", no_wrap=True) for line, style in wrong[:below]]
    more = f"  {len(wrong) - below} more not shown" if len(wrong) > below else ""
    parts.append(Text(f"{KEYS} ({sort}){more}", style="dim", no_wrap=True, overflow="ellipsis"))
    return Group(*parts)


def in_order(
    intersections: Mapping[str, Mapping[str, Any]], sort: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """By name; or the longest queue, or the oldest word from the cabinet, first."""
    found = sorted(intersections.items())
    if sort == "queue":
        found.sort(key=lambda item: -queue_of(item[1]))
    elif sort == "age":
        found.sort(key=lambda item: -_age(item[1]))
    return found


def queue_of(state: Mapping[str, Any]) -> float:
    """Vehicles that stand at an intersection, all lanes together."""
    return float(sum(lane["estimate"] or 0.0 for lane in state["queues"]))


def _age(state: Mapping[str, Any]) -> float:
    return float("inf") if state["age_s"] is None else float(state["age_s"])


def _title(live: Mapping[str, Any], sort: str, paused: bool, fault: str) -> Text:
    clock, pipeline = live["clock"], live["pipeline"]
    at = datetime.fromtimestamp(live["now_ms"] / 1000, UTC)
    broker = pipeline["broker"]
    text = Text.assemble(("arterial", "bold"), f"  {at:%Y-%m-%d %H:%M:%S} UTC", no_wrap=True)
    text.overflow = "ellipsis"
    if clock["speed"] != 1:
        text.append(f"  x{clock['speed']:.3g}")
    good = broker["state"] == "connected"
    text.append(f"  {broker['name']} {broker['state']}", style="" if good else "bold red")
    if paused:
        text.append("  PAUSED", style="bold yellow")
    if fault:
        text.append(f"  {fault}", style="bold red")
    return text


def _books(pipeline: Mapping[str, Any]) -> Text:
    names = ("received", "stored", "refused", "duplicate", "waiting")
    told = "  ".join(f"{name} {pipeline[name]:,}" for name in names)
    rates = f"  in {_rate(pipeline['received_per_s'])}/s, stored {_rate(pipeline['stored_per_s'])}/s"
    if balances({"pipeline": pipeline}):
        return Text(told + rates, no_wrap=True, overflow="ellipsis")
    return Text(f"BOOKS DO NOT BALANCE  {told}", style="bold red", no_wrap=True, overflow="ellipsis")


def _stores(pipeline: Mapping[str, Any]) -> Text:
    stores = pipeline.get("stores") or [pipeline["store"]]
    text = Text("stores", no_wrap=True, overflow="ellipsis")
    for store in stores:
        lag = store.get("lag_s")
        behind = f" {lag:.1f} s behind" if lag is not None else ""
        text.append(
            f"  {store['name']} {store['state']}{behind}", style="" if store["state"] == "ok" else "bold red"
        )
    return text


def _intersections(
    shown: Iterable[tuple[str, Mapping[str, Any]]], pipeline: Mapping[str, Any], columns: int
) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("id", no_wrap=True)
    table.add_column("mode", no_wrap=True)
    table.add_column("strategy", no_wrap=True, max_width=13)
    table.add_column("lights", no_wrap=True)
    table.add_column("queue", justify="right", no_wrap=True)
    table.add_column("age s", justify="right", no_wrap=True)
    table.add_column("reason", no_wrap=True, overflow="ellipsis", ratio=1)
    for name, state in shown:
        bad = state["mode"] in _BAD_MODES
        table.add_row(
            name,
            Text(_mode(state), style="bold red" if bad else ""),
            state["strategy"],
            _lights(state["phases"]),
            f"{queue_of(state):.1f}",
            "-" if state["age_s"] is None else f"{state['age_s']:.1f}",
            (state["decision"] or {}).get("reason", ""),
        )
    return table


def _mode(state: Mapping[str, Any]) -> str:
    says = (state.get("operation") or {}).get("says", "adaptive")
    return str(state["mode"]) if says == "adaptive" else f"{state['mode']}/{says}"


def _lights(phases: Mapping[str, Mapping[str, Any]]) -> Text:
    """Phases that are not red, with how long: `2+6 12s`."""
    text = Text()
    for number, phase in phases.items():
        if phase["color"] in _LIGHT:
            text.append(f"{number}", style=_LIGHT[phase["color"]])
            text.append(" ")
    longest = max((p["elapsed_s"] or 0.0 for p in phases.values() if p["color"] == "green"), default=None)
    if longest is not None:
        text.append(f"{longest:.0f}s", style="dim")
    return text


def _heading(alarms: int, broken: int) -> Text:
    if alarms + broken == 0:
        return Text("no alarms, every detector is believed", style="green")
    return Text(f"{alarms} alarms, {broken} detectors not believed", style="bold")


def _alarm(alarm: Mapping[str, Any]) -> tuple[str, str]:
    words = (alarm.get(key, "") for key in ("title", "subject", "text"))
    line = "! " + "  ".join(str(word) for word in words if word)
    return line, "bold red" if alarm.get("priority") == 1 else "yellow"


def _detector(d: Mapping[str, Any]) -> tuple[str, str]:
    since = datetime.fromtimestamp(d["since_ms"] / 1000, UTC)
    name = f"{d['intersection']}-{d['channel']}"
    return f"x {name} {d['state']} since {since:%m-%d %H:%M}  {d['lane']}: {d['reason']}", "red"


def _rate(per_s: float | None) -> str:
    return "-" if per_s is None else f"{per_s:,.0f}"
