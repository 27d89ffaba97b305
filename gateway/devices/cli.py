"""What can a person type after `arterial devices`?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from gateway.devices.desk import Desk

app = typer.Typer(help="Who may speak, and how each device is.", no_args_is_help=True)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
Url = Annotated[str, typer.Option(help="Ask the city behind this board instead of the folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
Site = Annotated[str, typer.Option(help="Its site, where several have a device of this name.")]
Ids = Annotated[list[str], typer.Argument(help="Their ids, as `list` shows them.")]
Kind = Annotated[str | None, typer.Option(help="What it measures: water, power, waste, ...")]
Format = Annotated[str | None, typer.Option(help="What it speaks, where it may speak nothing else.")]
Name = Annotated[str | None, typer.Option(help="For people.")]
Location = Annotated[str | None, typer.Option(help="Where it is, in words.")]
Lat = Annotated[float | None, typer.Option(min=-90, max=90)]
Lon = Annotated[float | None, typer.Option(min=-180, max=180)]
Every = Annotated[str | None, typer.Option(help="How often it speaks at least: 90s, 15m, 24h, 7d.")]
DEFAULT_VAR = Path("var")


class DevicesError(Exception):
    """The command cannot do that; the text says why."""


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="approved, quarantined, open (unregistered) or retired.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind.")] = "",
    text: Annotated[str, typer.Option(help="Only those whose id, name or location has this in it.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    var: Var = DEFAULT_VAR,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Every device that is registered, waits or has spoken."""
    from datetime import UTC, datetime

    from rich.console import Console

    from gateway.devices import text as words
    from gateway.devices.desk import STANDINGS
    from gateway.devices.route import wanted

    with _at(var, url) as (desk, asked):
        if state and state not in STANDINGS:
            raise DevicesError(f"no state '{state}'; there are: {', '.join(STANDINGS)}")
        there = asked("GET", "/api/devices", count=100_000)["devices"] if desk is None else desk.every()
        found = [view for view in there if wanted(view, state, kind, text)]
    if as_json:
        _print_json(found)
        return
    if found:
        Console().print(words.as_table(found[:limit], datetime.now(UTC)))
    typer.echo(words.summary(found) + (f"; {limit} shown" if len(found) > limit else ""))


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    site: Site = "",
    var: Var = DEFAULT_VAR,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Everything that is known of one device."""
    from datetime import UTC, datetime

    from gateway.devices.text import show_lines

    with _at(var, url) as (desk, asked):
        view = asked("GET", f"/api/devices/{id}", site=site) if desk is None else desk.one(id, site)
    if as_json:
        _print_json(view)
        return
    for line in show_lines(view, datetime.now(UTC)):
        typer.echo(line)


@app.command()
def add(
    id: Annotated[str, typer.Argument(help="As its readings are called.")],
    site: Annotated[str, typer.Option(help="Empty: the city's own.")] = "",
    kind: Kind = None,
    format: Format = None,
    name: Name = None,
    location: Location = None,
    lat: Lat = None,
    lon: Lon = None,
    every: Every = None,
    var: Var = DEFAULT_VAR,
    url: Url = "",
) -> None:
    """Register a device that need not have spoken yet."""
    with _at(var, url) as (desk, asked):
        raw = {"id": id, "site": site, **_told(kind, format, name, location, lat, lon, every)}
        body = {"devices": [raw]}
        changed = (
            asked("POST", "/api/devices", **body)["changed"] if desk is None else desk.add([raw], _user())
        )
    typer.echo(f"{id} is registered." if changed else f"{id} was registered like this already.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or TOML ([[devices]]).", dir_okay=False)],
    var: Var = DEFAULT_VAR,
    url: Url = "",
) -> None:
    """Register all devices of a file; all of them, or none where one is wrong."""
    from gateway.devices.files import DeviceFileError, read

    with _at(var, url, DeviceFileError) as (desk, asked):
        entries = read(file)
        body = {"devices": [entry.told() for entry in entries]}
        changed = (
            asked("POST", "/api/devices", **body)["changed"]
            if desk is None
            else desk.register(entries, _user(), f"{file.name}.")
        )
    typer.echo(f"{changed:,} of {len(entries):,} devices are new or changed.")


@app.command()
def approve(
    ids: Ids,
    site: Site = "",
    kind: Kind = None,
    format: Format = None,
    name: Name = None,
    location: Location = None,
    lat: Lat = None,
    lon: Lon = None,
    every: Every = None,
    var: Var = DEFAULT_VAR,
    url: Url = "",
) -> None:
    """Let devices speak; what they have said meanwhile is read now, with its own times."""
    with _at(var, url) as (desk, asked):
        more = _told(kind, format, name, location, lat, lon, every)
        for id in ids:
            if desk is None:
                view = asked("POST", "/api/devices/approve", id=id, site=site, **more)
            else:
                view = desk.approve(id, _user(), site, more)
            typer.echo(f"{id} is approved as {', '.join(view['kinds']) or 'any kind'}.")


@app.command()
def retire(
    ids: Ids,
    site: Site = "",
    why: Annotated[str, typer.Option(help="For the record.")] = "",
    var: Var = DEFAULT_VAR,
    url: Url = "",
) -> None:
    """Take nothing from devices any more; what they say waits in quarantine."""
    with _at(var, url) as (desk, asked):
        for id in ids:
            if desk is None:
                asked("POST", "/api/devices/retire", id=id, site=site, why=why)
            else:
                desk.retire(id, _user(), site, why)
            typer.echo(f"{id} is retired.")


Asked = Callable[..., Any]


@contextmanager
def _at(var: Path, url: str, *foreseen: type[Exception]) -> Iterator[tuple[Desk | None, Asked]]:
    """The desk of a folder, or, with `url`, none and a way to ask a board."""
    import sqlite3

    from gateway.board_client import BoardError, get, send
    from gateway.devices.register import RegistryError

    def asked(method: str, path: str, **words: Any) -> Any:
        return get(url, path, **words) if method == "GET" else send(url, path, words, method)

    with spoken(DevicesError, BoardError, RegistryError, sqlite3.Error, OSError, *foreseen):
        if url:
            yield None, asked
            return
        with _opened(var) as desk:
            yield desk, asked


@contextmanager
def _opened(var: Path) -> Iterator[Desk]:
    """The files of a folder, whether arterial runs on them or not."""
    from gateway.devices.desk import Desk
    from gateway.devices.facts import DeviceFacts
    from gateway.devices.memory import FACTS, load
    from gateway.devices.register import Registry, beside
    from storage.refused import Refused

    if not var.is_dir():
        raise DevicesError(f"there is no folder {var}; name arterial's with --var, or its board with --url")
    known = DeviceFacts({})
    load(known, var / FACTS)
    path = var / "refused.sqlite"
    registry, refused = Registry(beside(var)), Refused(path) if path.exists() else None
    try:
        yield Desk(registry, refused, known.every)
    finally:
        registry.close()
        if refused is not None:
            refused.close()


def _told(
    kind: str | None,
    format_: str | None,
    name: str | None,
    location: str | None,
    lat: float | None,
    lon: float | None,
    every: str | None,
) -> dict[str, Any]:
    """What the options declare."""
    values = {"kind": kind, "format": format_, "name": name, "location": location, "lat": lat, "lon": lon}
    values["every_s"] = _seconds(every) if every is not None else None
    return {key: value for key, value in values.items() if value is not None}


def _seconds(text: str) -> float:
    import re

    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if not found:
        raise DevicesError(f"--every: '{text}' is no length of time; for example 90s, 15m, 24h, 7d")
    return float(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}[found[2]]


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _print_json(found: object) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
