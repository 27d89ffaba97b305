"""Is what a cabinet reports understood?"""

from __future__ import annotations

from collectors.reading import Reading
from gateway.cabinet import state_of
from signal_control.status import SignalState

MS = 1_000_000


def test_a_state_gives_back_the_phases_of_its_masks() -> None:
    masks = {"greens": 0b100010, "yellows": 0, "red_clears": 1, "walks": 2, "ped_clears": 0x8000}
    fields = {"mode": "remote", "command": "x1-1", "plan": 1, **masks}
    assert state_of(Reading("signal", "demo", "x1", 7 * MS, fields)) == SignalState(
        at_ns=7 * MS,
        mode="remote",
        greens=(2, 6),
        red_clears=(1,),
        walks=(2,),
        ped_clears=(16,),
        plan=1,
        command="x1-1",
    )


def test_a_mode_nobody_knows_is_not_taken_for_control() -> None:
    assert state_of(Reading("signal", "demo", "x1", 0, {"mode": "dancing"})).mode == "offline"
