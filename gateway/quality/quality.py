"""Who judges the readings of a running city, and what is known of its devices from one run to the next?"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from collectors.health.finding import Finding
from collectors.judge.judge import Judge, KeptJudge
from collectors.judge.run import compiled_code
from collectors.reading import Reading
from gateway.devices.facts import Facts
from gateway.intake.stage import Stage
from gateway.links.fast_memory import loaded_late
from gateway.quality.compiling import compiled_before, compiled_beside
from gateway.quality.feeds import Feeds
from gateway.quality.health import NOBODY, DeviceHealth, Registered
from gateway.quality.settings import QualitySettings
from storage.findings import Findings

log = logging.getLogger(__name__)

KEPT: Final = "quality.msgpack"
"""The file, beside the spool. Written at a clean stop and every SAVE_S; it is no account of readings."""
HISTORY: Final = "health.sqlite"
"""What was wrong with which device, since when and until when."""
SAVE_S: Final = 600.0
LOOK_S: Final = 0.2
BUSY: Final = 1_000
BUSY_LOOKS: Final = 5
"""So many readings within so many looks are worth compiling for; it costs seconds once and 110 MB."""


class _Kept(msgspec.Struct, array_like=True):
    judge: KeptJudge
    clean: bool
    """Written at the end of a run, so that nothing has been heard since."""


class Quality:
    """The judge of a city. `judge` is for one thread at a time and needs no event loop."""

    def __init__(
        self,
        settings: QualitySettings | None = None,
        history: Findings | None = None,
        *,
        whole: bool = True,
    ) -> None:
        settings = settings or QualitySettings()
        others = [rule.other for rule in settings.rules]
        self.judged = 0
        """Readings since the start."""
        self.compiled = False
        self._judge = Judge(others, settings.consumption_s, whole=whole)
        self._health = DeviceHealth(Feeds(settings.feeds, others), history)
        self._lock = Lock()

    def judge(self, stage: Stage) -> None:
        """Let what is staged have its flags; once, however often it is asked."""
        with self._lock:
            if not stage.judged:
                self.judged += len(stage)
                for noted in stage.judge(self._judge):
                    self._judge.heed(noted, self._health.note(noted))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with devices and feeds now, feeds first; may be asked from any thread."""
        return self._health.open

    def history(self, subject: str = "", limit: int = 1000) -> list[Finding]:
        """What was and is wrong with one device or feed, or with all, newest first; reads the disk."""
        return self._health.history(subject, limit)

    def look(
        self, facts: Sequence[Facts], now_ns: int, link_fault: str, site: str, registered: Registered = NOBODY
    ) -> list[Reading]:
        """See who is silent, keep what changed on disk, and return what is to be stored of it. Blocks."""
        with self._lock:
            for (of, device), declared in registered.items():
                if declared.every_s and declared.kind:
                    self._judge.expect(declared.kind, of, device, declared.every_s)
            self._health.look(facts, now_ns, link_fault, site, registered)
            readings = self._health.readings(now_ns)
            self._health.keep()
        return readings

    def load(self, path: Path) -> None:
        """Begin with what an earlier run has saved; nothing where none is there or can be read."""
        try:
            found = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, ValueError) as error:
            log.warning("%s: %s; the devices are measured anew", path, error)
            return
        self._judge.take(found.judge)
        if not found.clean:
            self._judge.resume()

    def save(self, path: Path, *, clean: bool = True) -> None:
        """Keep what is known for the next run; a disk that takes nothing costs no more than that."""
        with self._lock:
            body = msgspec.msgpack.encode(_Kept(self._judge.kept(), clean))
        fresh = path.with_suffix(".new")
        try:
            fresh.write_bytes(body)
            fresh.replace(path)
        except OSError as error:
            log.warning("%s: %s", path, error)

    def compile(self) -> None:
        """Judge in compiled code from now on; blocks for as long as that takes."""
        self._judge.use(compiled_code())
        self.compiled = True
        loaded_late()

    async def run(self, path: Path, log_file: Path) -> None:
        """Save now and then, and compile once it is worth it, until cancelled."""
        loop = asyncio.get_running_loop()
        saved, looks = loop.time(), deque([self.judged], BUSY_LOOKS)
        while True:
            await asyncio.sleep(LOOK_S)
            came = self.judged - looks[0]
            looks.append(self.judged)
            if self.compiled or came < BUSY:
                pass
            elif compiled_before() or await compiled_beside(log_file):
                await asyncio.to_thread(self.compile)
            if loop.time() - saved >= SAVE_S:
                saved = loop.time()
                await asyncio.to_thread(self.save, path, clean=False)
