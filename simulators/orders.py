"""Is what arrived a command that this cabinet may obey?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from signal_control.model import Intersection

MAX_LIFETIME_MS = 300_000
"""A command that would keep a cabinet from its local plan for longer than this is refused."""

MAX_AHEAD_MS = 60_000
"""A command issued further than this in the cabinet's future comes from a wrong clock."""

MAX_ID = 128


class CommandError(Exception):
    """The cabinet does not obey; the text says why. Tell the sender, change nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command that was found legal: show `serve` until `expires_ms`."""

    id: str
    serve: tuple[int, ...]
    issued_ms: int
    expires_ms: int


def order_of(intersection: Intersection, payload: object, now_ms: int) -> Order:
    """`payload` as an order that is legal here and in force at `now_ms`; raises CommandError."""
    if not isinstance(payload, dict):
        raise CommandError("not an object")
    name = command_id(payload)
    if not name:
        raise CommandError(f"id must be a text of 1 to {MAX_ID} characters")
    issued, expires = _whole(payload, "t"), _whole(payload, "expires")
    if expires <= now_ms:
        raise CommandError("expired")
    if issued > now_ms + MAX_AHEAD_MS:
        raise CommandError("issued in the future")
    if expires > now_ms + MAX_LIFETIME_MS:
        raise CommandError("expires too far ahead")
    return Order(name, _serve(intersection, payload.get("serve")), issued, expires)


def command_id(payload: object) -> str:
    """The id of a command, or nothing when it has none that can be quoted."""
    name = payload.get("id") if isinstance(payload, dict) else None
    return name if isinstance(name, str) and len(name) <= MAX_ID else ""


def _whole(payload: dict[object, object], key: str) -> int:
    value = payload.get(key)
    if type(value) is not int:
        raise CommandError(f"{key} must be whole milliseconds since the epoch")
    return value


def _serve(intersection: Intersection, value: object) -> tuple[int, ...]:
    rings = len(intersection.rings())
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= max(4, rings):
        raise CommandError(f"serve must be a list of 1 to {max(4, rings)} phases")
    phases = tuple(n for n in value if type(n) is int)
    known = {phase.number: phase for phase in intersection.phases}
    if len(phases) != len(value) or any(n not in known for n in phases):
        raise CommandError("serve names an unknown phase")
    if len({known[n].ring for n in phases}) != len(phases):
        raise CommandError("serve has two phases in one ring")
    for a, b in combinations(phases, 2):
        if not intersection.compatible(a, b):
            raise CommandError(f"phases {a} and {b} conflict")
    return tuple(sorted(phases))
