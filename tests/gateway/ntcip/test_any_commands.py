"""Whatever is commanded, by us and by others, at whatever moment: is every clearance whole?"""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.snmp.session import NoAnswer
from simulators.ntcip_agent import Quirks
from tests.gateway.ntcip.conftest import Field
from tests.simulators.conftest import build_crossroads

NODE = build_crossroads()
STAGES = NODE.stages()
WHOLE_MS = {8: 3500, 10: 1500}
DOINGS = st.one_of(
    st.tuples(st.just("serve"), st.sampled_from(STAGES)),
    st.tuples(st.just("serve"), st.sampled_from([(n,) for n in range(1, 9)])),
    st.tuples(st.just("detector"), st.integers(1, 8)),
    st.tuples(st.just("press"), st.sampled_from((2, 4, 6, 8))),
    st.tuples(st.just("preempt"), st.sampled_from(((), (2, 6), (4, 8)))),
    st.tuples(st.just("cut"), st.booleans()),
    st.tuples(st.just("by hand"), st.sampled_from((0, 3))),
    st.tuples(st.just("force off"), st.integers(0, 255)),
)
STORY = st.lists(st.tuples(DOINGS, st.integers(1, 80)), max_size=25)


async def live(story: list[tuple[tuple[str, object], int]], reservice: bool) -> Field:
    field = Field(NODE, Quirks(), reservice)
    await field.run(30, watched=False)
    await field.connect()
    await field.run(0.5)
    for (what, value), tenths in story:
        cabinet, now = field.unit.cabinet, field.clock.set_ms
        if what == "detector":
            cabinet.detection(value, now, value not in field.unit.detectors)  # type: ignore[arg-type]
        elif what == "press":
            cabinet.press(value, now)  # type: ignore[arg-type]
        elif what == "preempt":
            field.unit.preempt(1, value)  # type: ignore[arg-type]
        elif what == "cut":
            field.wire.cut = bool(value)
        elif what == "by hand":
            field.unit.registers.operational_mode = value  # type: ignore[assignment]
        elif what == "force off":
            field.unit.controls.force_off = value  # type: ignore[assignment]
        try:
            if what == "serve":
                await field.serve(*value)  # type: ignore[misc]
        except (NoAnswer, IndexError):
            pass
        for _ in range(tenths):
            await field.run(0.1, watched=False)
            if not field.wire.cut:
                await field.desk.turn()
    return field


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STORY, st.booleans())
def test_no_clearance_is_ever_cut(story: list[tuple[tuple[str, object], int]], reservice: bool) -> None:
    field = asyncio.run(live(story, reservice))
    assert field.unit.cabinet.fault == ""
    for phase in range(1, 9):
        steps = [(t, code) for t, code, param in field.log if param == phase and code in (8, 10, 12)]
        for (began, code), (ended, _) in pairwise(steps):
            assert ended - began >= WHOLE_MS.get(code, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STORY)
def test_after_any_story_the_last_command_is_obeyed_again(
    story: list[tuple[tuple[str, object], int]],
) -> None:
    async def tell() -> Field:
        quiet = [(("cut", False), 1), (("preempt", ()), 1), (("by hand", 0), 20)]
        field = await live([*story, *quiet], reservice=True)  # type: ignore[list-item]
        await field.keep_serving(90, 4, 8)
        return field

    field = asyncio.run(tell())
    assert field.greens == (4, 8)
    assert field.report["mode"] == "remote"
    assert field.unit.controls.force_off == 0
