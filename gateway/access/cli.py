"""What can a person type after `arterial users` and `arterial tokens`?

Both write into the file of users under --var; a running city goes by it from its next request on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from gateway.access.tokens import Tokens
    from gateway.access.users import Users

users_app = typer.Typer(help="Who may log in at the board, and as what.", no_args_is_help=True)
tokens_app = typer.Typer(help="Keys for programs and commands that talk to the board.", no_args_is_help=True)

Var = Annotated[Path, typer.Option(help="Folder of the city: the one it runs with.", file_okay=False)]
Name = Annotated[str, typer.Argument(help="The user's name.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="Read the password from this file instead of asking for it; - is standard input."),
]
VAR = Path("var")


@users_app.command("add")
def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, operator, engineer or admin.")] = "viewer",
    password_file: PasswordFile = None,
    var: Var = VAR,
) -> None:
    """Add a user; asks for the password."""
    from gateway.access.users import role_named

    with spoken(ValueError, OSError, *_book_errors()):
        _users(var).add(name, role_named(role), _password(password_file), *_now())
    typer.echo(f"{name} may log in as {role}.")
    if role != "viewer":
        typer.echo(f"To change signals {name} needs a second factor: arterial users totp {name} --var {var}")


@users_app.command("list")
def list_users(var: Var = VAR) -> None:
    """Show users, roles, and who has a second factor."""
    from rich.console import Console
    from rich.table import Table

    with spoken(*_book_errors()):
        found = _users(var).everybody()
    table = Table(box=None, pad_edge=False)
    for column in ("name", "role", "second factor", "logs in with", "since"):
        table.add_column(column)
    for user in found:
        how = "login server" if user.origin else "password"
        table.add_row(user.name, user.role, "yes" if user.totp else "no", how, _day(user.made_s))
    if found:
        Console().print(table)
    else:
        typer.echo(f"There are no users in {var}; `arterial users add NAME --role admin` makes the first.")


@users_app.command()
def passwd(name: Name, password_file: PasswordFile = None, var: Var = VAR) -> None:
    """Give a user another password; his logins and tokens end at once."""
    with spoken(ValueError, OSError, *_book_errors()):
        users = _users(var)
        users.require(name)
        users.set_password(name, _password(password_file), *_now())
    typer.echo(f"{name} has another password; every login and token of {name} has ended.")


@users_app.command()
def role(
    name: Name,
    role: Annotated[str, typer.Argument(help="viewer, operator, engineer or admin.")],
    var: Var = VAR,
) -> None:
    """Give a user another role; his logins end at once."""
    from gateway.access.users import role_named

    with spoken(ValueError, *_book_errors()):
        _users(var).set_role(name, role_named(role), *_now())
    typer.echo(f"{name} is {role} now, from the next login on.")


@users_app.command()
def totp(
    name: Name,
    reset: Annotated[bool, typer.Option("--reset", help="Take the second factor away (lost phone).")] = False,
    var: Var = VAR,
) -> None:
    """Set up a user's second factor: shows a picture for the authenticator app and asks for a code."""
    import segno

    from gateway.access.secret import secret_uri

    with spoken(ValueError, *_book_errors()):
        users = _users(var)
        if reset:
            users.remove_totp(name, *_now())
            typer.echo(f"{name} has no second factor any more, and can set up another.")
            return
        who, now_s = _now()
        secret = users.begin_totp(name, now_s)
        segno.make(secret_uri(secret, name, ""), error="m").terminal(sys.stdout, compact=True)
        typer.echo(f"Scan it with an authenticator app, or type the key {secret} there.")
        codes = users.confirm_totp(name, typer.prompt("Code it shows now").strip(), who, _now()[1])
    typer.echo("Set up. For the day the phone is lost, keep these codes; each counts once:")
    typer.echo("\n".join(f"  {code}" for code in codes))


@users_app.command()
def remove(name: Name, var: Var = VAR) -> None:
    """Remove a user; his logins and tokens end at once."""
    with spoken(ValueError, *_book_errors()):
        _users(var).remove(name, *_now())
    typer.echo(f"{name} is no user any more.")


@tokens_app.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="What it is for, such as grafana or anna-laptop.")],
    role: Annotated[str, typer.Option(help="viewer, operator, engineer or admin.")] = "viewer",
    user: Annotated[str, typer.Option(help="Whose it is: at most his role, and signals need his code.")] = "",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="It ends after so long.")] = 90.0,
    signals: Annotated[
        bool, typer.Option("--signals", help="A machine that may change signals without a person.")
    ] = False,
    var: Var = VAR,
) -> None:
    """Make a token and print it once; put it in ARTERIAL_TOKEN, or in the file ARTERIAL_TOKEN_FILE names."""
    from gateway.access.users import role_named

    if signals and user:
        raise typer.BadParameter("--signals is for machines; a user's token asks for the user's code")
    with spoken(ValueError, *_book_errors()):
        if user:
            _users(var).require(user)
        key = _tokens(var).add(name, role_named(role), days, user, signals, *_now())
    typer.echo(key)
    typer.echo(f"Token {name} ({role}) counts for {days:g} days; it is not shown again.", err=True)


@tokens_app.command("list")
def list_tokens(var: Var = VAR) -> None:
    """Show tokens, what they may do, when they were used last and when they end."""
    from rich.console import Console
    from rich.table import Table

    with spoken(*_book_errors()):
        found = _tokens(var).all()
    table = Table(box=None, pad_edge=False)
    for column in ("name", "role", "of", "signals", "last used", "ends"):
        table.add_column(column)
    for token in found:
        signals = "with code" if token.owner else "yes" if token.signals else "no"
        ends = _day(token.expires_s) if token.expires_s > _now()[1] else f"{_day(token.expires_s)} (expired)"
        used = _day(token.used_s) if token.used_s else "never"
        table.add_row(token.name, token.role, token.owner or "a machine", signals, used, ends)
    if found:
        Console().print(table)
    else:
        typer.echo(f"There are no tokens in {var}.")


@tokens_app.command()
def revoke(name: Annotated[str, typer.Argument(help="The token's name.")], var: Var = VAR) -> None:
    """End a token at once."""
    with spoken(ValueError, *_book_errors()):
        _tokens(var).revoke(name, *_now())
    typer.echo(f"Token {name} counts no longer.")


def _users(var: Path) -> Users:
    from gateway.access.book import book_in
    from gateway.access.users import Users

    return Users(book_in(var))


def _tokens(var: Path) -> Tokens:
    from gateway.access.book import book_in
    from gateway.access.tokens import Tokens

    return Tokens(book_in(var))


def _book_errors() -> tuple[type[Exception], ...]:
    import sqlite3

    from gateway.access.book import BookError

    return BookError, sqlite3.Error


def _now() -> tuple[str, float]:
    """Who types, for the record, and when."""
    import getpass
    import time

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return f"{user} at the terminal", time.time()


def _day(at_s: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M")


def _password(file: Path | None) -> str:
    """From the file, or typed twice unseen; never from the command line, where others could read it."""
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    return text.strip("\r\n")
