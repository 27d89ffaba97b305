"""Is it found out what a controller lacks, however it refuses, and is it said in plain words?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.ntcip_agent import Quirks
from simulators.ntcip_mib import ASC, Row
from tests.gateway.ntcip.conftest import Field
from tests.simulators.conftest import build_crossroads

UNIT_BACKUP = (*ASC, 3, 3)
PREEMPTS = (*ASC, 6)


async def test_a_complete_controller_has_nothing_to_be_said_about(crossroads: Intersection) -> None:
    found = await Field(crossroads).connect()
    assert (found.lacking, found.differing, found.obstacles) == ((), (), ())
    assert found.report == ("8 phases, 28 objects watched",)


@pytest.mark.parametrize("places", [True, False])
async def test_what_is_missing_is_named_with_its_price(crossroads: Intersection, places: bool) -> None:
    found = await Field(crossroads, Quirks(hidden=(UNIT_BACKUP, PREEMPTS), places=places)).connect()
    assert found.lacking == ("lacks unitBackupTime: there is no dead-man switch, so nothing is commanded",)
    assert found.obstacles == found.lacking


@pytest.mark.parametrize("largest", [1, 5, 17])
async def test_small_answers_are_no_obstacle(crossroads: Intersection, largest: int) -> None:
    field = Field(crossroads, Quirks(largest=largest))
    found = await field.connect()
    assert max(map(len, found.fast)) <= largest
    assert found.lacking == ()
    await field.run(2)
    assert field.report["mode"] == "local"


@pytest.mark.parametrize(
    ("column", "value", "text", "forbids"),
    [
        (8, 30, "phase 2: yellow is 3 s, 3.5 s in the city file", False),
        (4, 12, "phase 2: minimum green is 12 s, 8 s in the city file", False),
        (21, 0, "phase 2 is not enabled in the controller", True),
        (22, 2, "phase 2 is in ring 2 of the controller, 1 in the city file", True),
        (23, bytes([5]), "phase 2 may not run with 6 in the controller", True),
    ],
)
async def test_other_timings_are_reported_and_another_structure_forbids_commands(
    crossroads: Intersection, column: int, value: Any, text: str, forbids: bool
) -> None:
    field = Field(crossroads)
    field.agent._mib.rows[(*ASC, 1, 2, 1, column, 2)] = Row(lambda: value)
    found = await field.connect()
    assert found.differing == (text,)
    assert found.obstacles == ((text,) if forbids else ())


async def test_a_controller_with_too_few_phases_is_not_commanded() -> None:
    field = Field(build_crossroads())
    field.agent._mib.rows[(*ASC, 1, 1, 0)] = Row(lambda: 4)
    found = await field.connect()
    assert "the controller has 4 phases, the city file names phase 8" in found.obstacles
