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
        "acknowledge and snooze alarms, and publish service messages",
    ),
    "engineer": (
        "approve, change and retire devices",
        "write candidate timing plans and try them on a simulated street",
    ),
    "admin": ("see users and tokens, and what no other role is named for",),
}
"""What each role may do beyond the one before it; users and tokens are made on the machine itself."""


def covers(role: Role, wanted: Role) -> bool:
    """Whether who has `role` may do what `wanted` may."""
    return ROLES.index(role) >= ROLES.index(wanted)


def may(role: Role) -> list[str]:
    """What `role` may do, in words; what it takes over from the role before it in one."""
    before = ROLES[ROLES.index(role) - 1] if role != ROLES[0] else None
    return [*([f"do what {before}s may"] if before else []), *MAY[role]]


def lesser(one: Role, other: Role) -> Role:
    """The one that may do less."""
    return min(one, other, key=ROLES.index)
