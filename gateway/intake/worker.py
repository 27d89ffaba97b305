"""What does one of several ingest workers do? `python -m gateway.intake.worker CITY.TOML VAR/worker-K K`"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from pathlib import Path
from typing import Final

from collectors.reading import Reading
from gateway import topics
from gateway.config.settings import Settings, SettingsError, load
from gateway.intake.ingest_only import IngestOnly, ingest_only
from gateway.intake.pipeline import read_sources
from gateway.intake.sharing import shared
from gateway.links.mqtt_link import MqttLink
from gateway.programs.lifetime import FolderInUseError, only_user, run_until_told
from gateway.programs.logfile import log_to
from gateway.spoken import spoken

BOOKS_S: Final = 10.0


def identity(folder: Path, client_id: str) -> str:
    """The name under which the broker keeps this worker's messages, the same for the life of `folder`.

    It lies beside the spool, so that it goes where the spool goes, and differs between machines.
    """
    path = folder / "client-id"
    if not path.exists():
        path.write_text(f"{client_id}-{secrets.token_hex(4)}", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


async def run(config: Path, var: Path, number: int) -> None:
    """Take this worker's share until cancelled. Raises SettingsError."""
    settings = load(config)
    log_to(var / "log")
    name = identity(var, f"{settings.client_id}-w{number}")
    filters = topics.filters(settings.city.site, read_sources(settings).subscriptions)
    link = MqttLink(settings.broker, shared(filters, settings.broker.share), client_id=name)
    async with ingest_only(settings, link, var, whole=False) as ingest:
        while True:
            await asyncio.sleep(BOOKS_S)
            await _tell_books(ingest, settings, name)


async def _tell_books(ingest: IngestOnly, settings: Settings, name: str) -> None:
    """Keep the books as a reading, as a city does."""
    found = await asyncio.to_thread(ingest.books)
    books = Reading("pipeline", settings.city.site, name, time.time_ns(), dict(found))
    ingest.pipeline.ingest.offer([books])


def main(arguments: list[str]) -> None:
    """Run one worker until told to stop."""
    config, var, number = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    with spoken(FolderInUseError, SettingsError, OSError), only_user(var):
        run_until_told(run(config, var, number))


if __name__ == "__main__":
    main(sys.argv[1:])
