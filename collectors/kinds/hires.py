"""What does a signal cabinet log? Numbered high-resolution events, many in one message.

Codes and parameters as in Indiana Traffic Signal Hi Resolution Data Logger Enumerations (Purdue, 2020);
vendors add their own, so every 16-bit number is taken; parameters may be negative (-1: none) in real logs.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from collectors.field import Field
from collectors.kind import Kind, Record
from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason, shown
from collectors.times import EARLIEST_MS, latest_ms, refused_time

SEQ = Field("int", low=0, doc="Running number of the first event of the message, per cabinet.")
FIELDS = {
    "code": Field("int", low=0, high=65_535, doc="Event code, for example 1: phase begins green."),
    "param": Field(
        "int", low=-32_768, high=65_535, doc="Phase, detector channel or whatever the code asks for."
    ),
}

_Code = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
_Param = Annotated[int, msgspec.Meta(ge=-32_768, le=65_535)]
_EVENTS = "a list of [t in whole ms, code, parameter]"


class _Log(msgspec.Struct, gc=False):
    seq: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    events: list[tuple[int, _Code, _Param]]


def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
    """One reading per event; `tie` is the event's number, so that equal times stay apart and in order.

    Raises BadPayload for the whole message when one event is at fault.
    """
    try:
        log = msgspec.convert(record, _Log)
    except msgspec.ValidationError as fault:
        _refuse(record)
        raise BadPayload(Reason.WRONG_SHAPE, str(fault)) from fault
    _check_times(log.events, received_ns)
    return [
        Reading(
            "hires",
            site,
            device,
            t * 1_000_000,
            {"code": code, "param": param},
            {},
            number % TIE_LIMIT,
            received_ns,
        )
        for number, (t, code, param) in enumerate(log.events, log.seq)
    ]


def _check_times(events: list[tuple[int, int, int]], received_ns: int) -> None:
    latest = latest_ms(received_ns)
    for number, (t, _, _) in enumerate(events):
        if not EARLIEST_MS <= t <= latest:
            raise refused_time(t, f"events[{number}][0]")


def _refuse(record: Record) -> None:
    """Find the first fault in words; off the fast path."""
    SEQ.check("seq", record.get("seq"))
    events = record.get("events")
    if not isinstance(events, list):
        raise BadPayload(Reason.WRONG_SHAPE, f"events: {shown(events)}; allowed: {_EVENTS}")
    for number, event in enumerate(events):
        if not isinstance(event, list | tuple) or len(event) != 3:
            raise BadPayload(Reason.WRONG_SHAPE, f"events[{number}]: {shown(event)}; allowed: {_EVENTS}")
        if type(event[0]) is not int:
            raise refused_time(event[0], f"events[{number}][0]")
        FIELDS["code"].check(f"events[{number}][1]", event[1])
        FIELDS["param"].check(f"events[{number}][2]", event[2])


KIND = Kind(
    "hires",
    FIELDS,
    readings,
    example={"seq": 1234, "events": [[1_754_000_000_000, 82, 5], [1_754_000_000_000, 1, 2]]},
)
