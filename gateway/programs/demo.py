"""How does a whole city start with one command, and stop without leaving anything behind?"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from collectors.plugins import choose, load_folder
from gateway import app, serving
from gateway.cabinet import DEFAULT, protocols
from gateway.clock import FollowedClock
from gateway.config.settings import Settings, load
from gateway.links.mqtt_link import MqttLink
from gateway.production import at_broker
from gateway.programs.demo_ntcip import NTCIP, environment, over_ntcip
from gateway.programs.demo_street import ROOT, Street, StreetOptions, build
from gateway.programs.logfile import log_to

CONFIG = ROOT / "configs" / "demo.toml"


class DemoError(Exception):
    """The demo cannot start; the text says what to change."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What a person may choose. `seconds` counts from the moment the board answers; None is until told."""

    var: Path
    port: int = 8321
    speed: float = 1.0
    seed: int = 1
    strategy: str = "lookahead"
    meters: int = 300
    bins: int = 120
    seconds: float | None = None
    twin: bool = True
    config: Path = CONFIG
    cabinets: str = DEFAULT
    faults: str = ""


async def run(options: DemoOptions, console: Console) -> None:
    """Run the city until cancelled, or for `options.seconds`.

    Raises DemoError, SettingsError, BrokerMissing, BrokerFailed or StreetError when it cannot start.
    """
    settings = demo_settings(options)
    require_free(settings.board.host, options.port)
    log_to(options.var / "log")
    async with AsyncExitStack() as stack:
        with _step(console, "starting the broker"):
            settings, broker = await stack.enter_async_context(at_broker(settings, options.var))
        await _street_and_city(options, settings, broker, console)


def demo_settings(options: DemoOptions) -> Settings:
    """The demo city with what was chosen on the command line. Raises SettingsError and DemoError."""
    settings = load(options.config)
    try:
        choose("strategy", options.strategy, load_folder("signal_control.strategies"))
    except ValueError as error:
        raise DemoError(f"--strategy: {error}") from error
    try:
        choose("cabinet protocol", options.cabinets, protocols())
    except ValueError as error:
        raise DemoError(f"--cabinets: {error}") from error
    if options.cabinets == NTCIP:
        settings = over_ntcip(settings)
    return settings.model_copy(
        update={
            "board": settings.board.model_copy(update={"port": options.port}),
            "control": settings.control.model_copy(update={"strategy": options.strategy, "strategies": {}}),
            "clock": settings.clock.model_copy(update={"source": "street"}),
        }
    )


def require_free(host: str, port: int) -> None:
    """Raise DemoError when the board could not listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DemoError(
                f"port {port} of {host} is taken ({error.strerror}); choose another with --port"
            ) from error


async def _street_and_city(options: DemoOptions, settings: Settings, broker: str, console: Console) -> None:
    street_options = _street_options(options, settings)
    with _step(console, "building the street"):
        geometry = await build(street_options)
    clock = FollowedClock()
    street = Street(street_options, clock)
    link = MqttLink(settings.broker, app.subscriptions(settings), client_id=settings.client_id, name=broker)
    ready = asyncio.Event()
    files = {"city_file": options.config, "street": street_options.folder}
    served = serving.serve(settings, link, options.var, geometry, clock, on_ready=ready.set, **files)
    city = asyncio.create_task(served, name="city")
    keeper = asyncio.create_task(street.keep(), name="street")
    try:
        with _step(console, "opening the board"):
            await _until(ready.is_set, city, keeper)
        with _step(console, "waiting for the street"):
            await _until(lambda: clock.heard, city, keeper)
        console.print(f"The city runs: http://{settings.board.host}:{options.port}", highlight=False)
        await asyncio.wait((city, keeper), timeout=options.seconds, return_when=asyncio.FIRST_COMPLETED)
        _raise_from(city, keeper)
    finally:
        console.print("Stopping ...", style="dim", highlight=False)
        await _end(keeper)
        await street.stop()
        await _end(city)


async def _until(condition: Callable[[], bool], *tasks: asyncio.Task[None]) -> None:
    """Wait for `condition`; raises what ends one of the tasks before."""
    while not condition():
        _raise_from(*tasks)
        await asyncio.sleep(0.05)


def _raise_from(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        if task.done():
            task.result()
            raise DemoError(f"the {task.get_name()} ended by itself")


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel and wait; what it raised has been seen, or comes second to why we stop."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _street_options(options: DemoOptions, settings: Settings) -> StreetOptions:
    return StreetOptions(
        config=options.config.resolve(),
        folder=(options.var / "street").resolve(),
        logs=(options.var / "log").resolve(),
        broker=settings.broker.url,
        speed=options.speed,
        seed=options.seed,
        meters=options.meters,
        bins=options.bins,
        twin=options.twin,
        faults=options.faults,
        environment=environment(settings),
    )


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Show that something is being done, and that it is done."""
    began_s = time.monotonic()
    with console.status(f"{what} ..."):
        yield
    console.print(f"{what}: done in {time.monotonic() - began_s:.1f} s", style="dim", highlight=False)
