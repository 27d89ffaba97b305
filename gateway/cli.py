"""What can a person type after `arterial`?"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.access.cli import tokens_app, users_app
from gateway.alarms.cli import app as alarms_app
from gateway.audit.cli import app as audit_app
from gateway.board_client import BOARD, BoardError
from gateway.broker_access.cli import app as broker_app
from gateway.cabinet_cli import check_cabinets
from gateway.desk.sheet.cli import app as plan_app
from gateway.devices.cli import app as devices_app
from gateway.explain.cli import explain
from gateway.grafana.cli import app as grafana_app
from gateway.intersection_cli import PASSED_ON, evaluate, tune
from gateway.intersection_cli import app as intersection_app
from gateway.messages.cli import app as messages_app
from gateway.operate.cli import app as operate_app
from gateway.pki.cli import app as pki_app
from gateway.quality.cli import health
from gateway.refused.cli import app as refused_app
from gateway.reports.cli import app as report_app
from gateway.spoken import spoken
from gateway.top.cli import top

app = typer.Typer(
    name="arterial",
    help="Smart-city telemetry and adaptive signal control.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(report_app, name="report")
app.add_typer(refused_app, name="refused")
app.add_typer(devices_app, name="devices")
app.add_typer(audit_app, name="audit")
app.add_typer(alarms_app, name="alarms")
app.add_typer(messages_app, name="messages")
app.add_typer(operate_app, name="operate")
app.add_typer(users_app, name="users")
app.add_typer(tokens_app, name="tokens")
app.add_typer(grafana_app, name="grafana")
app.add_typer(intersection_app, name="intersection")
app.add_typer(pki_app, name="pki")
app.add_typer(broker_app, name="broker")
app.add_typer(plan_app, name="plan")
app.command()(explain)
app.command()(health)
app.command()(top)
app.command("check-cabinets")(check_cabinets)
for passed_on in (evaluate, tune):
    app.command(context_settings=PASSED_ON, add_help_option=False)(passed_on)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
DEFAULT_VAR = Path("var")


class Part(StrEnum):
    """A part of arterial that can run by itself."""

    INGEST = "ingest"


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"arterial {version('arterial')}")
        raise typer.Exit


@app.callback()
def _arterial(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and stop.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None: ...


@app.command()
def demo(
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="City seconds per second.")] = 1.0,
    var: Var = DEFAULT_VAR,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the board answers.")] = 8321,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another day.")] = 1,
    strategy: Annotated[str, typer.Option(help="How greens are decided.")] = "lookahead",
    meters: Annotated[int, typer.Option(min=0, max=9999, help="Water, power and gas meters.")] = 300,
    bins: Annotated[int, typer.Option(min=0, max=999, help="Waste bins.")] = 120,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop by itself after so long.")] = None,
    twin: Annotated[bool, typer.Option(help="Run the fixed-time twin for comparison.")] = True,
    config: Annotated[Path | None, typer.Option(help="Another demo city.", dir_okay=False)] = None,
    cabinets: Annotated[str, typer.Option(help="What the cabinets speak: mqtt or ntcip (SNMP).")] = "mqtt",
    faults: Annotated[str, typer.Option(help="Devices with faults, such as stuck=3,silence or all=1.")] = "",
) -> None:
    """Run a simulated city, live: signals, queues, meters, bins and the board."""
    from rich.console import Console

    from gateway.config.settings import SettingsError
    from gateway.programs.broker import BrokerFailed, BrokerMissing
    from gateway.programs.demo import CONFIG, DemoError, DemoOptions
    from gateway.programs.demo import run as run_demo
    from gateway.programs.demo_street import StreetError
    from gateway.programs.lifetime import FolderInUseError, only_user, run_until_told

    city = CONFIG if config is None else config
    chosen = DemoOptions(
        var, port, speed, seed, strategy, meters, bins, seconds, twin, city, cabinets, faults
    )
    foreseen = (BrokerFailed, BrokerMissing, DemoError, FolderInUseError, SettingsError, StreetError)
    with spoken(*foreseen, OSError), only_user(var):
        run_until_told(run_demo(chosen, Console()))


@app.command()
def run(
    config: Annotated[Path, typer.Option(help="The city file (TOML).", dir_okay=False)],
    var: Var = DEFAULT_VAR,
    only: Annotated[Part | None, typer.Option(help="Readings into the store; no control, no board.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that share the messages (--only ingest).")
    ] = None,
) -> None:
    """Run a city for real: against the broker, store and cabinets of the city file."""
    if workers is not None and only is None:
        raise typer.BadParameter("--workers goes with --only ingest: control is one process")
    from gateway.links.fast_memory import loading

    loading()
    from gateway import production
    from gateway.config.settings import SettingsError
    from gateway.intake import workers as crew
    from gateway.intake.sharing import CannotShareError
    from gateway.programs.broker import BrokerFailed, BrokerMissing
    from gateway.programs.lifetime import FolderInUseError, only_user, run_until_told

    foreseen = (BrokerFailed, BrokerMissing, CannotShareError, FolderInUseError, SettingsError, OSError)
    with spoken(*foreseen), only_user(var):
        if workers is not None:
            run_until_told(crew.run(config, var, workers))
        else:
            run_until_told((production.run if only is None else production.ingest)(config, var))


@app.command("check-config")
def check_config(file: Annotated[Path, typer.Argument(help="A city file (TOML).")]) -> None:
    """Name every fault of a city file."""
    from rich.console import Console

    from gateway.config.check import report

    if not report(file, Console()):
        raise typer.Exit(1)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="TimeStamp, DeviceId, EventId, Parameter; Parquet or CSV.")],
    speed: Annotated[float | None, typer.Option(min=0.01, help="Log seconds per second.")] = None,
    var: Var = DEFAULT_VAR,
    config: Annotated[Path | None, typer.Option(help="Use this city's broker and store.")] = None,
    site: Annotated[str | None, typer.Option(help="The site under which the events are kept.")] = None,
) -> None:
    """Send a recorded high-resolution log through MQTT into the store, and count it there.

    Without --speed as fast as it goes. Replaying a file again keeps nothing twice.
    """
    from rich.console import Console

    from gateway.config.settings import SettingsError
    from gateway.programs.broker import BrokerFailed, BrokerMissing
    from gateway.programs.lifetime import FolderInUseError, only_user, run_until_told
    from gateway.replay.log_replay import Outcome, ReplayError
    from gateway.replay.session import ReplayOptions
    from gateway.replay.session import run as run_replay
    from gateway.replay.table_file import TableError
    from storage.store import StoreUnavailable

    outcomes: list[Outcome] = []

    async def work() -> None:
        outcomes.append(await run_replay(ReplayOptions(file, var, config, site, speed), Console()))

    foreseen = (BrokerFailed, BrokerMissing, FolderInUseError, ReplayError, SettingsError, StoreUnavailable)
    with spoken(*foreseen, TableError, OSError), only_user(var):
        run_until_told(work())
    if not outcomes or not outcomes[0].complete:
        raise typer.Exit(1)


@app.command()
def status(url: Annotated[str, typer.Option(help="Address of the board.")] = BOARD) -> None:
    """Books, connections and intersections of what runs now. Ends with 2 when the books do not balance."""
    from rich.console import Console

    from gateway.board_status import as_tables, ask, balances

    with spoken(BoardError):
        live = ask(url)
        Console().print(as_tables(live))
    if not balances(live):
        raise typer.Exit(2)


def main() -> None:
    """The `arterial` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
