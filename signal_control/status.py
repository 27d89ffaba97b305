"""What does the cabinet show now, and what may it be told?"""

from __future__ import annotations

from typing import Literal

import msgspec

CabinetMode = Literal["remote", "local", "flash", "offline"]


class SignalState(msgspec.Struct, frozen=True, gc=False):
    """The cabinet's own report of its lights: the only truth about them.

    Phase sets are tuples of phase numbers, those of overlaps of overlap numbers (1 is A). `command` is the id
    of the command in force, or empty.
    """

    at_ns: int
    mode: CabinetMode
    greens: tuple[int, ...] = ()
    yellows: tuple[int, ...] = ()
    red_clears: tuple[int, ...] = ()
    walks: tuple[int, ...] = ()
    ped_clears: tuple[int, ...] = ()
    veh_calls: tuple[int, ...] = ()
    ped_calls: tuple[int, ...] = ()
    overlap_greens: tuple[int, ...] = ()
    overlap_yellows: tuple[int, ...] = ()
    overlap_red_clears: tuple[int, ...] = ()
    plan: int = 0
    command: str = ""


class Command(msgspec.Struct, frozen=True, gc=False):
    """An order to a cabinet: show `serve` as soon as your own rules allow, until `expires_ns`."""

    id: str
    intersection: str
    serve: tuple[int, ...]
    issued_ns: int
    expires_ns: int
    strategy: str
    reason: str


Departed = tuple[int, float, str]
"""When (ns) somebody crossed a stop line, how much of a vehicle goes into the link, and from which lane."""


class LinkState(msgspec.Struct, frozen=True, gc=False):
    """What a neighbour needs to know of an approach and how fresh that is.

    `queue_veh` counts vehicles standing on all `lanes` of the link, `storage_veh` the room left for more.
    `sent` is filled by the intersection upstream: who crossed its stop lines into the link lately, and how
    many were told of `before` the first of these.
    """

    link: str
    queue_veh: float
    storage_veh: float
    at_ns: int
    lanes: int = 1
    sent: tuple[Departed, ...] = ()
    before: int = 0
