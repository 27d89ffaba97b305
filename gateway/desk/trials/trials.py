"""Which trial runs, how far is it, and what came of those before? One at a time, behind everything else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from gateway.desk.trials.prepare import Wish, prepared
from gateway.desk.workbench import DeskError, Workbench
from gateway.programs.processes import Child

log = logging.getLogger(__name__)

State = Literal["running", "done", "failed", "cancelled"]
SIMULATORS: Final = (sys.executable, "-m", "simulators")
NICE: Final = "15"
FOLDER: Final = "trials"
KEPT: Final = 20
NOTE: Final = "trial.json"


class Trial(msgspec.Struct):
    """One trial; times are the host's, ms since the epoch. `share` is 0 to 1, `why` says what went wrong."""

    id: int
    wish: dict[str, Any]
    who: str
    begun_ms: int
    state: State = "running"
    share: float = 0.0
    ended_ms: int | None = None
    why: str = ""
    remarks: list[str] = []
    result: dict[str, Any] | None = None


class Trials:
    """The trials of one city; `program` is what runs `evaluate` (tests have another)."""

    def __init__(self, bench: Workbench, program: Sequence[str] = SIMULATORS) -> None:
        self._bench, self._program = bench, tuple(program)
        self._folder = bench.var / FOLDER
        self._trial: Trial | None = None
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._steps = (0, 1)
        """Which command of the trial runs, of how many."""

    async def start(self, wish: Wish, who: str) -> Trial:
        """Begin a trial. Raises DeskError, also while another one runs, and StoreUnavailable."""
        if self._trial is not None and self._trial.state == "running":
            raise DeskError("a trial runs already; wait for it, or cancel it", 409)
        id = max((int(p.name) for p in self._numbered()), default=0) + 1
        trial = Trial(id, wish.model_dump(mode="json"), who, _now_ms())
        before, self._trial = self._trial, trial  # so that nobody starts another meanwhile
        place = self._place(id)
        try:
            place.mkdir(parents=True)
            found = await prepared(self._bench, wish, place)
        except BaseException as error:
            self._trial = before
            shutil.rmtree(place, ignore_errors=True)
            if isinstance(error, OSError):
                raise DeskError(f"the trial cannot be prepared: {error}", 409) from error
            raise
        trial.remarks = found.remarks
        self._note(trial)
        self._forget_old()
        self._task = asyncio.create_task(self._run(trial, found.runs), name="trial")
        log.info("trial %d by %s: %s", id, who, wish)
        return trial

    async def cancel(self, id: int) -> Trial:
        """End a running trial. Raises DeskError when it does not run."""
        trial = self._trial
        if trial is None or trial.id != id or trial.state != "running" or self._task is None:
            raise DeskError(f"trial {id} does not run", 409)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        return trial

    async def close(self) -> None:
        """End what runs; the city stops."""
        if self._trial is not None and self._trial.state == "running":
            with contextlib.suppress(DeskError):
                await self.cancel(self._trial.id)

    def all(self) -> list[Trial]:
        """Every trial that is kept, the newest first; the running one with how far it is."""
        found = [self.get(int(path.name)) for path in self._numbered()]
        return sorted(found, key=lambda t: t.id, reverse=True)

    def get(self, id: int) -> Trial:
        """One trial with its result, if it has one. Raises DeskError."""
        if self._trial is not None and self._trial.id == id:
            if self._trial.state == "running":
                self._trial.share = max(self._trial.share, self._progress(self._trial))
            return self._trial
        try:
            trial = msgspec.json.decode((self._place(id) / NOTE).read_bytes(), type=Trial)
        except (OSError, msgspec.DecodeError) as error:
            raise DeskError(f"there is no trial {id}") from error
        if trial.state == "running":  # arterial was stopped meanwhile
            trial.state, trial.why = "cancelled", "arterial was stopped while it ran"
        return trial

    async def _run(self, trial: Trial, runs: list[list[str]]) -> None:
        try:
            for step, arguments in enumerate(runs):
                self._steps = (step, len(runs))
                await self._child_to_its_end(trial, arguments)
            trial.result = json.loads((self._place(trial.id) / "result.json").read_text(encoding="utf-8"))
            trial.state, trial.share = "done", 1.0
        except _FailedError as error:
            trial.state, trial.why = "failed", str(error)
        except (OSError, ValueError) as error:
            trial.state, trial.why = "failed", f"its result cannot be read: {error}"
        except asyncio.CancelledError:
            trial.state, trial.why = "cancelled", "it was cancelled"
            raise
        finally:
            trial.ended_ms = _now_ms()
            self._child = None
            self._note(trial)

    async def _child_to_its_end(self, trial: Trial, arguments: list[str]) -> None:
        """Run one command of the simulators, behind everything else."""
        place = self._place(trial.id)
        (place / "progress").unlink(missing_ok=True)
        nice = shutil.which("nice")
        behind = [nice, "-n", NICE] if nice else []
        child = await Child.start("trial", [*behind, *self._program, *arguments], log=place / "log")
        self._child = child
        try:
            code = await child.wait()
        finally:
            await child.stop()
        if code != 0:
            raise _FailedError(child.tail(3) or f"the simulators ended with {code}")

    def _progress(self, trial: Trial) -> float:
        step, steps = self._steps
        try:
            share = float((self._place(trial.id) / "progress").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            share = 0.0
        return (step + min(1.0, max(0.0, share))) / steps

    def _note(self, trial: Trial) -> None:
        with contextlib.suppress(OSError):
            (self._place(trial.id) / NOTE).write_bytes(msgspec.json.encode(trial))

    def _forget_old(self) -> None:
        for path in sorted(self._numbered(), key=lambda p: int(p.name))[:-KEPT]:
            shutil.rmtree(path, ignore_errors=True)

    def _numbered(self) -> list[Path]:
        return [path for path in self._folder.glob("*") if path.name.isdigit()]

    def _place(self, id: int) -> Path:
        return self._folder / str(id)


class _FailedError(Exception):
    """The simulators gave up; the text is their last words."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
