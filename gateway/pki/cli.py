"""What can a person type after `arterial pki`?"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from gateway.pki.authority import Authority, Use
    from gateway.pki.register import Issued, Register

app = typer.Typer(
    help="The city's own certificates, for the broker, the board and every device.", no_args_is_help=True
)

PASSPHRASE: Final = "ARTERIAL_PKI_PASSPHRASE"
DEFAULT_FOLDER = Path("pki")
Folder = Annotated[Path, typer.Option("--dir", help="The authority's folder.", file_okay=False)]
Days = Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")]
Again = Annotated[bool, typer.Option("--again", help="Even if there is a valid one already.")]


@app.command()
def init(
    city: Annotated[str, typer.Argument(help="The city's name.")], folder: Folder = DEFAULT_FOLDER
) -> None:
    """Make the city's authority. ARTERIAL_PKI_PASSPHRASE encrypts its key."""
    from gateway.pki.authority import Authority, utc_now
    from gateway.pki.files import PkiError

    with spoken(PkiError, OSError):
        made = Authority.create(folder, city, utc_now(), os.environ.get(PASSPHRASE))
    typer.echo(f"authority until {made.expires:%Y-%m-%d} in {folder}; keep {made.places.authority_key} safe:")
    typer.echo("whoever has it can pass for any device. Better on a machine of its own, and in a backup.")


@app.command()
def server(
    hosts: Annotated[list[str], typer.Argument(help="Its host names and addresses, the usual one first.")],
    days: Days = 825,
    folder: Folder = DEFAULT_FOLDER,
    again: Again = False,
) -> None:
    """A certificate for the broker or the board."""
    _issue("server", [hosts[0]], days, folder, again, hosts=hosts)


@app.command()
def device(
    names: Annotated[
        list[str], typer.Argument(help="Ids of devices, cabinets, gateways or arterial itself.")
    ],
    days: Days = 1825,
    folder: Folder = DEFAULT_FOLDER,
    again: Again = False,
    request: Annotated[
        Path | None,
        typer.Option(help="The request (PKCS #10) of a device that keeps its key itself.", dir_okay=False),
    ] = None,
) -> None:
    """A certificate for each device; the broker knows it by this name."""
    from gateway.pki.files import PkiError

    with spoken(PkiError, OSError):
        if request is not None and len(names) != 1:
            raise PkiError("--request is for one device")
        asked = request.read_bytes() if request is not None else None
    _issue("device", names, days, folder, again, request=asked)


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="A device, a server, or a serial number.")],
    reason: Annotated[str, typer.Option(help="unspecified, keyCompromise, superseded, ...")] = "unspecified",
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Trust a certificate no more: written to crl.pem, which the broker reads when it is restarted."""
    from gateway.pki.authority import utc_now
    from gateway.pki.files import PkiError

    with spoken(PkiError, OSError):
        authority = _open(folder)
        found = authority.revoke(name, utc_now(), reason)
    for one in found:
        typer.echo(f"revoked {one.use} {one.name}, serial {one.serial}")
    typer.echo(f"{authority.places.revoked} is written anew: give it to the broker and restart that")


@app.command()
def crl(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 370,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Write the revocation list anew, before the present one ends."""
    from gateway.pki.authority import utc_now
    from gateway.pki.files import PkiError

    with spoken(PkiError, OSError):
        authority = _open(folder)
        authority.write_crl(utc_now(), days)
    typer.echo(f"{authority.places.revoked}: {len(authority.register.revoked)} revoked, valid {days} days")


@app.command("list")
def list_(
    expiring: Annotated[int | None, typer.Option(min=0, help="Only what ends within so many days.")] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Every certificate, with its state and end."""
    from datetime import timedelta

    from rich.console import Console
    from rich.table import Table

    from gateway.pki.authority import utc_now
    from gateway.pki.files import PkiError
    from gateway.pki.register import state

    with spoken(PkiError, OSError):
        register, now = _register(folder), utc_now()
    table = Table(box=None, pad_edge=False)
    for column in ("use", "name", "state", "until", "serial"):
        table.add_column(column, overflow="fold")
    chosen = [
        one
        for one in register.issued
        if expiring is None
        or (state(register, one, now) == "valid" and one.expires <= now + timedelta(days=expiring))
    ]
    for one in chosen:
        table.add_row(one.use, one.name, state(register, one, now), one.until[:10], one.serial)
    Console().print(table if chosen else "nothing")


def _issue(
    use: Use,
    names: Iterable[str],
    days: int,
    folder: Path,
    again: bool,
    hosts: list[str] | None = None,
    request: bytes | None = None,
) -> None:
    from gateway.pki.authority import utc_now
    from gateway.pki.files import PkiError

    with spoken(PkiError, OSError):
        authority = _open(folder)
        for name in names:
            one = authority.issue(use, name, utc_now(), days, hosts or (), request, again)
            _tell(authority, one, request is None)


def _tell(authority: Authority, one: Issued, with_key: bool) -> None:
    places = authority.places
    key = f" and {places.key(one.use, one.name)}" if with_key else ""
    typer.echo(f"{one.use} {one.name} until {one.until[:10]}: {places.certificate(one.use, one.name)}{key}")


def _open(folder: Path) -> Authority:
    from gateway.pki.authority import Authority

    return Authority(folder, os.environ.get(PASSPHRASE))


def _register(folder: Path) -> Register:
    from gateway.pki.files import PkiError, Places
    from gateway.pki.register import Register

    places = Places(folder)
    if not places.authority.exists():
        raise PkiError(f"no authority in {folder}; make one with: arterial pki init --dir {folder}")
    return Register(places.register)
