"""Every cabinet protocol introduces itself, connects without I/O, and is hurt by nobody's message."""

from __future__ import annotations

import msgspec
import pytest
from pydantic import BaseModel, ValidationError

from gateway.cabinet import CabinetProtocol, Outside, protocol, protocols
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from tests.simulators.conftest import build_crossroads

every = pytest.mark.parametrize("cabinet", protocols().values(), ids=protocols().keys())
EXAMPLES = {"mqtt": {}, "ntcip": {"host": "127.0.0.1", "community": "word"}}


def outside() -> Outside:
    return Outside("demo", SystemClock(), MemoryLink(), lambda readings: None, lambda name, reply: None)


@every
def test_it_introduces_itself(cabinet: CabinetProtocol) -> None:
    assert cabinet.NAME
    assert cabinet.DOC
    assert issubclass(cabinet.Settings, BaseModel)


@every
def test_its_settings_are_closed_to_keys_nobody_knows(cabinet: CabinetProtocol) -> None:
    with pytest.raises(ValidationError, match="colour"):
        cabinet.Settings.model_validate({**EXAMPLES[cabinet.NAME], "colour": "green"})


@every
async def test_garbage_is_no_reply(cabinet: CabinetProtocol) -> None:
    settings = cabinet.Settings.model_validate(EXAMPLES[cabinet.NAME])
    cabinets = cabinet.connected({"x1": (build_crossroads(), settings)}, outside())
    for garbage in (b"", b"{}", b"[]", b"{", b'{"t":"x","id":1,"accepted":"no"}', b"\xff"):
        with pytest.raises(msgspec.DecodeError):
            cabinets.hear("x1", garbage)


async def test_mqtt_cabinets_have_nothing_to_be_asked() -> None:
    cabinets = protocol("mqtt").connected({"x1": (build_crossroads(), None)}, outside())
    assert (await cabinets.examine())["x1"].obstacles == ()


def test_an_unknown_protocol_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="mqtt, ntcip"):
        protocol("smoke")
