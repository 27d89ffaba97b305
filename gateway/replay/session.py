"""What does a replay need around it: a broker, the pipeline, a second connection, a progress bar?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
from pydantic import ValidationError
from rich.console import Console

from gateway import app
from gateway.config.settings import (
    BrokerSettings,
    CitySettings,
    ControlSettings,
    Settings,
    SourceSettings,
    load,
)
from gateway.links.mqtt_link import MqttLink
from gateway.production import at_broker
from gateway.programs.logfile import log_to
from gateway.replay.bar import bar
from gateway.replay.hires_log import HiresLog
from gateway.replay.log_replay import Outcome, Replay, ReplayError

CONNECT_S = 15.0


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What a person may choose; without `config` broker and store are the embedded ones under `var`."""

    file: Path
    var: Path
    config: Path | None = None
    site: str | None = None
    speed: float | None = None


async def run(options: ReplayOptions, console: Console) -> Outcome:
    """Replay the log and print what became of it.

    Raises TableError, SettingsError, BrokerMissing, BrokerFailed, StoreUnavailable or ReplayError.
    """
    settings = replay_settings(options)
    log_to(options.var / "log")
    with HiresLog(options.file) as log:
        async with at_broker(settings, options.var) as (settings, _), _player(settings) as player:
            ingest = MqttLink(settings.broker, app.subscriptions(settings), client_id=_name(settings))
            async with app.ingest_only(settings, ingest, options.var) as pipeline:
                await _connected(ingest)
                with bar(console, options.file.name, log.events) as advance:
                    replay = Replay(log, pipeline, player.publish, settings.city.site, options.speed, advance)
                    outcome = await replay.run()
            await forget(settings.broker, _name(settings))
    tell(outcome, console)
    return outcome


def replay_settings(options: ReplayOptions) -> Settings:
    """The settings of the city file, or of a city that knows nothing but logs. Raises SettingsError."""
    settings = load(options.config) if options.config else log_city()
    if options.site is not None:
        settings = settings.model_copy(update={"city": _renamed(settings.city, options.site)})
    old = tuple(source.model_copy(update={"late_s": 0.0}) for source in settings.sources)  # and meant to be
    return settings.model_copy(update={"control": ControlSettings(enabled=False), "sources": old})


def log_city() -> Settings:
    """A city of signals that speak high-resolution events, at the embedded broker and store."""
    return Settings(
        city=CitySettings(site="replay"),
        broker=BrokerSettings(kind="embedded"),
        sources=(SourceSettings(topic="arterial/{site}/hires/{device}", kind="hires"),),
    )


def _renamed(city: CitySettings, site: str) -> CitySettings:
    try:
        return CitySettings.model_validate({**city.model_dump(), "site": site})
    except ValidationError as error:
        raise ReplayError(f"--site '{site}' may hold letters, digits, _ and - only") from error


async def forget(broker: BrokerSettings, client_id: str) -> None:
    """Let the broker drop what it keeps for us: a session that nobody comes back to would fill it."""
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password.get_secret_value() if broker.password else None,
        identifier=client_id,
        clean_session=True,
        protocol=aiomqtt.ProtocolVersion.V311,
        tls_params=_tls(broker),
    )
    try:
        async with client:
            pass
    except aiomqtt.MqttError as error:
        raise ReplayError(f"the broker keeps a session named {client_id}: {error}") from error


def tell(outcome: Outcome, console: Console) -> None:
    """Print the books and the verdict."""
    books = ", ".join(f"{name} {count:,}" for name, count in outcome.books.items())
    console.print(f"Books of this run: {books}", highlight=False, soft_wrap=True)
    rate = outcome.events / max(outcome.seconds, 1e-9)
    console.print(
        f"stored {outcome.found:,} of {outcome.events:,} events in {outcome.seconds:.1f} s ({rate:,.0f}/s)",
        style="bold" if outcome.complete else "bold red",
        highlight=False,
    )


@asynccontextmanager
async def _player(settings: Settings) -> AsyncIterator[MqttLink]:
    """A connection of its own for the recorded cabinets. Raises ReplayError."""
    player = MqttLink(settings.broker, client_id=f"{_name(settings)}-player")
    async with player:
        await _connected(player)
        yield player


async def _connected(link: MqttLink) -> None:
    try:
        async with asyncio.timeout(CONNECT_S):
            await link.ready()
    except TimeoutError as error:
        raise ReplayError(f"no connection to the broker {link.name}: {link.fault}") from error


def _name(settings: Settings) -> str:
    """Not the city's own name at the broker: a running arterial must not lose its connection to us."""
    return f"{settings.client_id}-replay"


def _tls(broker: BrokerSettings) -> aiomqtt.TLSParameters | None:
    if not broker.tls:
        return None
    ca, cert, key = (
        str(file) if file else None for file in (broker.ca_file, broker.cert_file, broker.key_file)
    )
    return aiomqtt.TLSParameters(ca_certs=ca, certfile=cert, keyfile=key)
