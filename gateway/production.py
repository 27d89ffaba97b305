"""How does a city run for real, at the broker its settings name?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway import app, serving
from gateway.config.settings import Settings, load
from gateway.links.mqtt_link import MqttLink
from gateway.programs.broker import Broker
from gateway.programs.logfile import log_to

log = logging.getLogger(__name__)


@asynccontextmanager
async def at_broker(settings: Settings, var: Path) -> AsyncIterator[tuple[Settings, str]]:
    """The settings with a broker that is there, and its name; an embedded one lives as long as the block.

    Raises BrokerMissing or BrokerFailed.
    """
    if settings.broker.kind != "embedded":
        yield settings, ""
        return
    broker = Broker(var / "broker")
    try:
        await broker.start()
        ours = settings.broker.model_copy(update={"url": broker.url})
        yield settings.model_copy(update={"broker": ours}), broker.kind
    finally:
        await broker.stop()


async def ingest(config: Path, var: Path) -> None:
    """Readings into the stores until cancelled, without control and board. Raises as `run` does."""
    settings = load(config)
    log_to(var / "log", shown=logging.INFO)
    async with at_broker(settings, var) as (settings, name):
        link = MqttLink(settings.broker, app.subscriptions(settings), client_id=settings.client_id, name=name)
        async with app.ingest_only(settings, link, var):
            await asyncio.Event().wait()


async def run(config: Path, var: Path) -> None:
    """Run the city of `config` until cancelled. Raises SettingsError, BrokerMissing or BrokerFailed."""
    settings = load(config)
    log_to(var / "log", shown=logging.INFO)
    async with at_broker(settings, var) as (settings, name):
        link = MqttLink(settings.broker, app.subscriptions(settings), client_id=settings.client_id, name=name)
        board = settings.board.url
        told = "%s: board at %s"
        await serving.serve(
            settings,
            link,
            var,
            on_ready=lambda: log.info(told, settings.city.site, board),
            city_file=config,
        )
