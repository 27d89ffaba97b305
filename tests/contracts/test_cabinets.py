"""Every cabinet protocol carries a command out, and reply and state back."""

from __future__ import annotations

import msgspec
import pytest

from collectors.reading import Reading
from gateway.cabinet import CabinetProtocol, protocol, protocols
from signal_control.status import Command, SignalState

every = pytest.mark.parametrize("cabinet", protocols().values(), ids=protocols().keys())
MS = 1_000_000


@every
def test_it_introduces_itself(cabinet: CabinetProtocol) -> None:
    assert cabinet.NAME
    assert cabinet.DOC


@every
def test_a_command_names_its_phases_its_id_and_its_expiry(cabinet: CabinetProtocol) -> None:
    command = Command("x1-17", "x1", (2, 6), 5_000 * MS, 15_000 * MS, "max_pressure", "a reason")
    sent = msgspec.json.decode(cabinet.encode(command))
    assert (sent["id"], sent["serve"], sent["t"], sent["expires"]) == ("x1-17", [2, 6], 5_000, 15_000)


@every
def test_garbage_is_no_reply(cabinet: CabinetProtocol) -> None:
    for garbage in (b"", b"{}", b"[]", b"{", b'{"t":"x","id":1,"accepted":"no"}', b"\xff"):
        with pytest.raises(msgspec.DecodeError):
            cabinet.decode_reply(garbage)


@every
def test_a_state_gives_back_the_phases_of_its_masks(cabinet: CabinetProtocol) -> None:
    masks = {"greens": 0b100010, "yellows": 0, "red_clears": 1, "walks": 2, "ped_clears": 0x8000}
    reading = Reading(
        "signal", "demo", "x1", 7 * MS, {"mode": "remote", "command": "x1-1", "plan": 1, **masks}
    )
    state = cabinet.state_of(reading)
    assert state == SignalState(
        at_ns=7 * MS,
        mode="remote",
        greens=(2, 6),
        red_clears=(1,),
        walks=(2,),
        ped_clears=(16,),
        plan=1,
        command="x1-1",
    )


@every
def test_a_mode_nobody_knows_is_not_taken_for_control(cabinet: CabinetProtocol) -> None:
    assert cabinet.state_of(Reading("signal", "demo", "x1", 0, {"mode": "dancing"})).mode == "offline"


def test_an_unknown_protocol_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="mqtt"):
        protocol("smoke")
