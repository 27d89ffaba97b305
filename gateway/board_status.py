"""How does a running city look from the terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.board_client import get

COLUMNS: Final = ("received", "stored", "refused", "duplicate", "waiting")


def ask(url: str) -> dict[str, Any]:
    """The board's live data. Raises BoardError."""
    live: dict[str, Any] = get(url, "/api/live")
    return live


def balances(live: Mapping[str, Any]) -> bool:
    """Whether the books balance, by what arterial says and by our own addition, in every store."""
    pipeline = live["pipeline"]
    stores = all(store.get("balanced", True) for store in pipeline.get("stores", ()))
    return bool(pipeline["balanced"] and stores and _gap(pipeline) == 0)


def as_tables(live: Mapping[str, Any]) -> Group:
    """The books, the connections and the intersections."""
    pipeline = live["pipeline"]
    parts: list[RenderableType] = [_books(pipeline), _identity(live), _connections(live)]
    if pipeline.get("refused_by_reason"):
        parts.append(_refused(pipeline["refused_by_reason"], pipeline.get("refused_ledger", {})))
    parts += _times(pipeline.get("flagged", {}), pipeline.get("clocks", {}))
    return Group(*parts, _intersections(live["intersections"]))


def _books(pipeline: Mapping[str, Any]) -> Table:
    table = Table(title="Books (readings)", title_justify="left", show_footer=True)
    table.add_column("kind", footer="all")
    for name in COLUMNS:
        table.add_column(name, justify="right", footer=f"{pipeline[name]:,}")
    for kind, account in sorted(pipeline.get("books", {}).items()):
        table.add_row(kind, *(f"{account[name]:,}" for name in COLUMNS))
    return table


def _identity(live: Mapping[str, Any]) -> Text:
    """received = stored + refused + duplicate + waiting, in figures."""
    pipeline = live["pipeline"]
    received, *rest = (f"{pipeline[name]:,} {name}" for name in COLUMNS)
    line = f"{received} = {' + '.join(rest)}"
    if balances(live):
        return Text(f"{line}: ok", style="green")
    gap = _gap(pipeline)
    fault = f"{abs(gap):,} readings {'unaccounted for' if gap > 0 else 'counted twice'}" if gap else ""
    wrong = [store["name"] for store in pipeline.get("stores", ()) if not store.get("balanced", True)]
    where = f"in the books of {', '.join(wrong)}" if wrong else ""
    return Text(f"{line}: DOES NOT BALANCE {fault or where}".rstrip(), style="bold red")


def _gap(pipeline: Mapping[str, Any]) -> int:
    received, *rest = (int(pipeline[name]) for name in COLUMNS)
    return received - sum(rest)


def _refused(reasons: Mapping[str, int], ledger: Mapping[str, int]) -> Text:
    found = ", ".join(f"{reason} {n:,}" for reason, n in sorted(reasons.items()))
    fates = {"kept": "kept", "accepted": "accepted later", "purged": "purged", "evicted": "evicted"}
    became = ", ".join(f"{ledger[name]:,} {fate}" for name, fate in fates.items() if ledger.get(name))
    return Text(
        f"Refused since ever: {found}{f' ({became})' if became else ''}; "
        "`arterial refused list` shows what is kept"
    )


def _times(flagged: Mapping[str, int], clocks: Mapping[str, Any]) -> Iterator[Text]:
    """What came late or from before, and the clocks that are furthest off."""
    if any(flagged.values()):
        yield Text("Flagged and stored: " + ", ".join(f"{flag} {n:,}" for flag, n in flagged.items() if n))
    if clocks.get("worst"):
        worst = ", ".join(f"{clock['device']} {clock['ahead_s']:+,.1f} s" for clock in clocks["worst"])
        yield Text(f"Clocks of {clocks['measured']:,} devices, furthest off: {worst}")
    if clocks.get("steps"):
        yield Text(f"This computer's clock was set {clocks['steps']:,} times since the start", style="yellow")


def _connections(live: Mapping[str, Any]) -> Table:
    pipeline, clock = live["pipeline"], live["clock"]
    broker = pipeline["broker"]
    table = Table(title="Connections", title_justify="left")
    for name in ("part", "name", "state", "note"):
        table.add_column(name)
    table.add_row("broker", str(broker["name"]), str(broker["state"]), _rate(pipeline["received_per_s"]))
    for n, store in enumerate(pipeline.get("stores") or [pipeline["store"]]):
        note = _rate(pipeline["stored_per_s"]) if n == 0 else f"{store.get('waiting', 0):,} waiting"
        table.add_row("store", str(store["name"]), str(store["state"]), Text(str(store.get("why") or note)))
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
