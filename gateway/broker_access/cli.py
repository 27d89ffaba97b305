"""What can a person type after `arterial broker`?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.spoken import spoken

app = typer.Typer(help="The MQTT broker's configuration, made from the city file.", no_args_is_help=True)


@app.callback()
def _broker() -> None: ...


@app.command()
def config(
    config: Annotated[Path, typer.Option(help="The city file (TOML).", dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Where to write.", file_okay=False)] = Path("mosquitto"),
    pki: Annotated[Path, typer.Option("--pki", help="The authority's folder.", file_okay=False)] = Path(
        "pki"
    ),
    var: Annotated[Path, typer.Option(help="Where arterial keeps its devices.", file_okay=False)] = Path(
        "var"
    ),
    server: Annotated[
        str, typer.Option(help="The broker's name in its certificate; default: the host of broker.url.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Where the broker will find the files, if not in --out.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="For devices with a certificate.")] = 8883,
    here_port: Annotated[
        int, typer.Option(min=0, max=65535, help="For arterial on the broker's own machine; 0: none.")
    ] = 8884,
    password_port: Annotated[
        int, typer.Option(min=0, max=65535, help="For devices with a password; 0: none.")
    ] = 0,
    address: Annotated[str, typer.Option(help="The address devices reach; default: all.")] = "",
    dynamic_security: Annotated[
        bool, typer.Option(help="Rights by mosquitto's plugin, which also refuses subscriptions.")
    ] = False,
    data: Annotated[str, typer.Option(help="Where mosquitto keeps its memory.")] = "/var/lib/mosquitto/",
    user: Annotated[str, typer.Option(help="Whom mosquitto becomes when started by root.")] = "",
) -> None:
    """Write all a mosquitto needs so that each device publishes on its own topics only."""
    from gateway.broker_access.accounts import accounts
    from gateway.broker_access.mosquitto import Wish
    from gateway.broker_access.registered import registered
    from gateway.broker_access.write import find_plugin, write
    from gateway.config.settings import SettingsError, load
    from gateway.pki.files import PkiError

    with spoken(SettingsError, PkiError, OSError):
        settings = load(config)
        plugin = find_plugin() if dynamic_security else ""
        if dynamic_security and not plugin:
            raise PkiError("mosquitto's dynamic security plugin is not on this machine; leave the option out")
        found = accounts(settings, registered(settings, var))
        place = (folder or out).resolve()
        where = data if data.endswith("/") else f"{data}/"
        wish = Wish(place, port, here_port, password_port, address, where, plugin, user)
        host = server or settings.broker.host
        made = write(found, wish, out, pki, host, bool(password_port))
    for path in made:
        typer.echo(f"wrote {path}")
    typer.echo("The broker's user must be able to read them, and nobody else the keys and passwords.")
    for doubt in found.doubts:
        typer.echo(f"arterial: {doubt}", err=True)
    typer.echo(f"{len(found.of)} accounts; arterial is '{found.city}'. Its part of the city file:\n")
    typer.echo(_stanza(host, port, here_port, pki, found.city))


def _stanza(host: str, port: int, here_port: int, pki: Path, city: str) -> str:
    from gateway.pki.files import Places

    places, near = Places(pki.resolve()), host in ("127.0.0.1", "localhost", "::1")
    lines = [
        "[broker]",
        f'url = "mqtts://{host}:{here_port if near and here_port else port}"',
        f'client_id = "{city}"',
        f'ca_file = "{places.authority}"',
        f'cert_file = "{places.certificate("device", city)}"   # arterial pki device {city}',
        f'key_file = "{places.key("device", city)}"',
    ]
    return "\n".join(lines)
