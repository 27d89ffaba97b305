"""How do devices look on a terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from gateway.refused.text import visible

View = dict[str, Any]

_COLOURS: Final = {"approved": "green", "quarantined": "yellow", "retired": "dim", "open": ""}
_LEFT: Final = ("device", "site", "state", "kind", "name")
_RIGHT: Final = ("last heard", "every", "readings", "refused", "waiting", "battery", "clock")


def as_table(views: Sequence[View], now: datetime) -> Table:
    """One line for each device."""
    table = Table(title_justify="left")
    for name in _LEFT:
        table.add_column(name, overflow="fold", no_wrap=name in ("device", "state"))
    for name in _RIGHT:
        table.add_column(name, justify="right", no_wrap=True)
    for view in views:
        declared = view["declared"]
        name = declared.get("name") or declared.get("location", "")
        left = (view["id"], view["site"], "", ", ".join(view["kinds"]), name)
        cells = [Text(visible(str(cell))) for cell in left]
        cells[2] = Text(view["state"], style=_COLOURS[view["state"]])
        table.add_row(*cells, *_numbers(view, now))
    return table


def summary(views: Sequence[View]) -> str:
    """How many there are, by state."""
    counts = {state: sum(view["state"] == state for view in views) for state in _COLOURS}
    told = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count)
    return f"{len(views):,} devices{f': {told}' if told else ''}"


def show_lines(view: View, now: datetime) -> Iterator[str]:
    """Everything that is known of one device."""
    yield f"{view['id']} at {view['site']}: {view['state']}" + (
        f" since {moment(view['since_ms'])} ({view['origin']})" if view["since_ms"] else ""
    )
    yield f"kind            {', '.join(view['kinds']) or '-'}"
    for key, value in view["declared"].items():
        if key != "kind":
            yield f"{key:<15} {visible(str(value))}"
    yield f"first heard     {moment(view['first_ms'])}"
    yield f"last heard      {moment(view['last_ms'])}{_ago(view['last_ms'], now)}"
    yield f"readings        {view['readings']:,}, and {view['refusals']:,} messages refused"
    if view["waiting"]:
        yield f"in quarantine   {view['waiting']:,} messages, the last {moment(view['waiting_last_ms'])}"
        yield f"on topic        {visible(view['topic'])}"
    yield f"usual interval  {span(view['interval_s'])}, expected {span(view['expected_s'])}"
    yield f"battery         {_battery(view)}"
    yield f"clock           {_clock(view)}"


def moment(at_ms: int | None) -> str:
    """A time in UTC; `never` without one."""
    if at_ms is None:
        return "never"
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float | None) -> str:
    """A length of time in the unit that says it best."""
    if seconds is None:
        return "-"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _numbers(view: View, now: datetime) -> list[str]:
    heard = view["last_ms"] or view["waiting_last_ms"]
    ago = span(max(0.0, now.timestamp() - heard / 1000)) + " ago" if heard else "never"
    counts = [f"{view[name]:,}" if view[name] else "-" for name in ("readings", "refusals", "waiting")]
    return [ago, span(view["expected_s"]), *counts, _battery(view), _clock(view)]


def _ago(at_ms: int | None, now: datetime) -> str:
    return "" if at_ms is None else f", {span(max(0.0, now.timestamp() - at_ms / 1000))} ago"


def _battery(view: View) -> str:
    return "-" if view["battery"] is None else f"{view['battery']:g} {view['battery_unit']}".strip()


def _clock(view: View) -> str:
    if view["skew_ms"] is None:
        return "-"
    ahead_s = view["skew_ms"] / 1000
    return f"{abs(ahead_s):.3g} s {'ahead' if ahead_s > 0 else 'behind'}" if abs(ahead_s) >= 1 else "right"
