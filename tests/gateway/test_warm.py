"""Are strategies compiled in a process that ends with the city, and is what it leaves used?"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from gateway import warm
from gateway.programs.processes import Child
from signal_control.view import create, strategies


async def test_every_strategy_is_ready_afterwards(tmp_path: Path) -> None:
    await warm.compile_beside(tmp_path / "warm.log")
    began = time.monotonic()
    for name in strategies():
        create(name, warm.crossing())
    assert time.monotonic() - began < 10, (tmp_path / "warm.log").read_text()


async def test_it_ends_at_once_when_the_city_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Child] = []
    real = Child.start

    async def start(*args: object, **kwargs: object) -> Child:
        started.append(await real("warm", ["sleep", "60"], log=tmp_path / "warm.log"))
        return started[-1]

    monkeypatch.setattr(warm.Child, "start", start)
    task = asyncio.create_task(warm.compile_beside(tmp_path / "warm.log"))
    async with asyncio.timeout(10):
        while not started:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
    assert started[0].returncode is not None


async def test_a_compiler_that_fails_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm.sys, "executable", "false")
    monkeypatch.setattr(warm, "warm_up", lambda x: pytest.fail("nothing was compiled"))
    await warm.compile_beside(tmp_path / "warm.log")
