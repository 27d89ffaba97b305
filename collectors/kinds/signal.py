"""What does a signal cabinet show? Its own report of its lights, sets of phases as bit masks.

Phase p is bit p - 1: phases 2 and 6 green is 0b100010.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from collectors.field import Field
from collectors.kind import Kind, Record, flat_kind
from collectors.reading import BadPayload, Reading, Reason, shown

PHASES = 16
LIGHTS = {
    "greens": "Phases that show green.",
    "yellows": "Phases that show yellow.",
    "red_clears": "Phases in red clearance.",
    "walks": "Phases whose pedestrians may start.",
    "ped_clears": "Phases whose pedestrians may finish.",
}
"""Required: a light that is not reported is not known to be dark."""
CALLS = {"veh_calls": "Phases called by vehicles.", "ped_calls": "Phases called by pedestrians."}

OVERLAPS = {
    "overlap_greens": "Overlaps that show green.",
    "overlap_yellows": "Overlaps that show yellow.",
    "overlap_red_clears": "Overlaps in red clearance.",
}
"""Where the cabinet has overlaps: overlap A is bit 0."""

_PHASE = Field("int", low=1, high=PHASES)
_PHASES = list[Annotated[int, msgspec.Meta(ge=1, le=PHASES)]]
_SETS = {**LIGHTS, **CALLS}
_FLAT = flat_kind(
    "signal",
    {
        "mode": Field("str", choices=("remote", "local", "flash"), doc="Who decides the greens."),
        **{name: Field("int", low=0, high=2**PHASES - 1, doc=doc) for name, doc in _SETS.items()},
        **{
            name: Field("int", low=0, high=2**PHASES - 1, required=False, doc=doc)
            for name, doc in OVERLAPS.items()
        },
        "plan": Field("int", low=0, high=65_535, required=False, doc="The local plan in force."),
        "command": Field("str", required=False, doc="Id of the command in force, or empty."),
    },
)


def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
    """One reading; calls that are not reported count as none. Raises BadPayload."""
    there = (*_SETS, *(name for name in OVERLAPS if record.get(name) is not None))
    masks = {name: _mask(name, record.get(name)) for name in there}
    return _FLAT.readings({**record, **masks}, site, device, received_ns)


def _mask(name: str, value: object) -> int:
    if value is None and name in CALLS:
        return 0
    try:
        phases = msgspec.convert(value, _PHASES)
    except msgspec.ValidationError as fault:
        raise _refusal(name, value) from fault
    mask = 0
    for phase in phases:
        mask |= 1 << (phase - 1)
    return mask


def _refusal(name: str, value: object) -> BadPayload:
    if isinstance(value, list):
        for place, phase in enumerate(value):
            try:
                _PHASE.check(f"{name}[{place}]", phase)
            except BadPayload as refusal:
                return refusal
    return BadPayload(Reason.WRONG_SHAPE, f"{name}: {shown(value)}; allowed: a list of phases 1 to {PHASES}")


KIND = Kind(
    "signal",
    _FLAT.fields,
    readings,
    example={
        "t": 1_754_000_000_000,
        "mode": "remote",
        **{name: [] for name in _SETS},
        "greens": [2, 6],
        "plan": 1,
        "command": "x1-17",
    },
)
