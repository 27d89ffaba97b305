"""Is anything at the cabinet stronger than we are?"""

from __future__ import annotations

from gateway.ntcip import objects as o
from gateway.ntcip.objects import PREEMPTS, UnitControl
from gateway.ntcip.snapshot import MOST_PREEMPTS, Slow, Snapshot, byte_of

_BY_HAND = {
    UnitControl.MANUAL: "somebody steps the signal by hand at the cabinet",
    UnitControl.REMOTE_MANUAL: "somebody controls the signal by hand from elsewhere",
    UnitControl.LOCAL_MANUAL: "somebody controls the signal by hand at the cabinet",
}


def flashes(snapshot: Snapshot) -> bool:
    """Whether the signal flashes, for whatever reason; 0 is a controller that does not tell."""
    return snapshot.unit_flash not in (0, o.NOT_FLASHING)


def obstacle(snapshot: Snapshot, slow: Slow) -> str:
    """Why the controller must be left alone now, or "": preemption, flash and people there go first."""
    if flashes(snapshot):
        return f"the signal flashes (unitFlashStatus {snapshot.unit_flash})"
    for number in range(1, MOST_PREEMPTS + 1):
        state = byte_of(snapshot.preempts, number)
        if state in PREEMPTS:
            return f"preemption {number} is {PREEMPTS[state]}"
    if snapshot.unit_control in _BY_HAND:
        return _BY_HAND[UnitControl(snapshot.unit_control)]
    if slow.operational_mode:
        return f"pattern {slow.operational_mode} was chosen by hand (coordOperationalMode)"
    if snapshot.free == o.INPUT_FREE:
        return "a switch in the cabinet makes it run free"
    if snapshot.short_alarm & o.STOP_TIME:
        return "its timing is stopped"
    return ""
