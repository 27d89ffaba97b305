"""Does somebody who asks what the cabinets can do get it in plain words, with nothing changed?"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cabinet_examination import examine
from gateway.cli import app
from gateway.config.settings import load
from simulators.cabinet import Cabinet
from simulators.ntcip_agent import Agent, Quirks
from simulators.ntcip_mib import ASC
from simulators.ntcip_unit import NtcipUnit

TEMPLATE = Path(__file__).parents[2] / "configs" / "city.toml"
HOLD = (*ASC, 1, 5, 1, 4)


def city(folder: Path, port: int) -> Path:
    path = folder / "city.toml"
    cabinet = (
        f'\n[cabinets.main-1st]\nprotocol = "ntcip"\nhost = "127.0.0.1"\nport = {port}\ncommunity = "w"\n'
    )
    path.write_text(TEMPLATE.read_text(encoding="utf-8") + cabinet, encoding="utf-8")
    return path


def unit() -> NtcipUnit:
    now_ms = time.time_ns() // 1_000_000
    return NtcipUnit(Cabinet(load(TEMPLATE).intersections[0], now_ms), now_ms)


@contextmanager
def served(quirks: Quirks) -> Iterator[tuple[int, NtcipUnit]]:
    """A simulated controller in a thread of its own, for a command that runs a loop of its own."""
    loop, found = asyncio.new_event_loop(), unit()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    agent = asyncio.run_coroutine_threadsafe(Agent.listen(found, 0, "w", quirks), loop).result(5)
    try:
        yield agent.port, found
    finally:
        loop.call_soon_threadsafe(agent.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def test_a_sound_controller_is_asked_and_nothing_is_written(tmp_path: Path) -> None:
    agent = await Agent.listen(unit(), 0, "w")
    found = await examine(city(tmp_path, agent.port))
    agent.close()
    assert found["main-1st"].obstacles == ()
    assert found["main-1st"].found[0] == "8 phases, 32 objects watched"
    assert not agent.unit.controls.any
    assert agent.unit.registers.backup_s == 0


async def test_a_clock_that_is_off_is_told(tmp_path: Path) -> None:
    agent = await Agent.listen(unit(), 0, "w", Quirks(clock_s=-3600))
    found = await examine(city(tmp_path, agent.port))
    agent.close()
    assert any(re.search(r"its clock is 36\d\d s behind", text) for text in found["main-1st"].found)


async def test_an_intersection_that_is_not_there_is_named_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no intersection 'x9'; there are: main-1st"):
        await examine(city(tmp_path, 1), ["x9"])


@pytest.mark.parametrize(("quirks", "code"), [(Quirks(), 0), (Quirks(hidden=(HOLD,)), 1)])
def test_the_command_says_what_is_missing_and_ends_with_it(tmp_path: Path, quirks: Quirks, code: int) -> None:
    with served(quirks) as (port, _):
        result = CliRunner().invoke(app, ["check-cabinets", str(city(tmp_path, port))])
    assert result.exit_code == code
    assert "main-1st" in result.output
    assert ("lacks phaseControlGroupHold: greens cannot be held" in result.output) == bool(code)
