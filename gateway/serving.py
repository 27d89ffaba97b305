"""How does a city run with its board, until it is told to stop?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from gateway.access.journal import Journal
from gateway.access.oidc import LoginServer
from gateway.access.start import access_of
from gateway.alarms.route import add_alarms
from gateway.app import running
from gateway.board.server import build
from gateway.clock import Clock
from gateway.config.settings import Settings
from gateway.desk.measure_route import add_measures
from gateway.desk.trials.trials import Trials
from gateway.desk.workbench_route import add_workbench
from gateway.devices.route import add_devices
from gateway.links.link import Link
from gateway.messages.route import add_messages
from gateway.quality.route import add_health


class BoardServer(uvicorn.Server):
    """uvicorn that leaves the signals of the process to the command line."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def answering(self, task: asyncio.Task[None]) -> None:
        """Return once the port is open, or `task` has ended."""
        while not self.started and not task.done():  # noqa: ASYNC110 - uvicorn has a flag, not an event
            await asyncio.sleep(0.02)


async def serve(
    settings: Settings,
    link: Link,
    var: Path,
    geometry: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    on_ready: Callable[[], None] | None = None,
    *,
    city_file: Path | None = None,
    street: Path | None = None,
) -> None:
    """Run the city and its board until cancelled. `on_ready` is called once the board answers.

    `city_file` is where `settings` come from; `street`, a built street on which plans may be tried.
    """
    async with running(settings, link, var, geometry, clock) as app:
        board, access = settings.board, access_of(settings, var)
        web = build(
            app,
            metrics=app.metrics,
            explain=app.explain,
            operate=app.operate,
            access=access,
            server=LoginServer(settings.oidc) if settings.oidc else None,
        )
        add_alarms(web, app.alarms)
        add_measures(web, app.desk, app.roller)
        add_messages(web, app.messages)
        bench = app.workbench(var, city_file, street)
        trials = Trials(bench)
        add_workbench(web, bench, trials)
        if app.devices is not None:
            add_devices(web, app.devices)
        add_health(web, app.quality)
        config = uvicorn.Config(
            web,
            host=board.host,
            port=board.port,
            ssl_certfile=board.cert_file,
            ssl_keyfile=board.key_file,
            server_header=False,
            log_level="warning",
            lifespan="off",
            ws="websockets-sansio",
        )
        server = BoardServer(config)
        task = asyncio.create_task(server.serve(), name="board")
        keeper = asyncio.create_task(app.keep_record(Journal(access.book)), name="journal")
        try:
            await server.answering(task)
            if on_ready and server.started:
                on_ready()
            await task
        finally:
            await trials.close()
            keeper.cancel()
            server.should_exit = True
            server.force_exit = True
            await asyncio.wait([task], timeout=2)
