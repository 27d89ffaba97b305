"""Which roles are there, and what may each of them do?"""

from __future__ import annotations

from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "engineer", "admin"]
"""Each may do what the ones before it may."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)

MAY: Final[dict[Role, tuple[str, ...]]] = {
    "viewer": ("see the city, its figures, explanations and reports",),
    "operator": (
        "give orders to signals (release, hold, mode, resume, strategy), with a second factor",
        "acknowledge and close alarms",
    ),
    "engineer": (
        "approve, change and retire devices",
        "change timing plans and send them to cabinets, with a second factor",
    ),
    "admin": ("read the audit trail and the list of users",),
}
"""What each role may do beyond the one before it; users and tokens are made on the machine itself."""


def covers(role: Role, wanted: Role) -> bool:
    """Whether who has `role` may do what `wanted` may."""
    return ROLES.index(role) >= ROLES.index(wanted)


def lesser(one: Role, other: Role) -> Role:
    """The one that may do less."""
    return min(one, other, key=ROLES.index)
