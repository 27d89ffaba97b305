"""Which yellow, red clearance, pedestrian time and minimum green do the handbooks ask for?

All in SI units. Sources: ITE, Guidelines for Determining Traffic Signal Change and Clearance Intervals
(2020); MUTCD, 11th ed., 4I.06; Signal Timing Manual, 2nd ed. (minimum green).
"""

from __future__ import annotations

from typing import Final

REACTION_S: Final = 1.0
DECELERATION_MPS2: Final = 3.05
"""10 ft/s2 (ITE 2020)."""
GRAVITY_MPS2: Final = 9.81
LEAST_YELLOW_S: Final = 3.0
CAR_LENGTH_M: Final = 6.1
WALK_S: Final = 7.0
"""Walk at least, where no shorter one has been justified."""
WALKING_MPS: Final = 1.07
"""3.5 ft/s: from kerb to kerb in the pedestrian clearance."""
SLOW_WALKING_MPS: Final = 0.91
"""3 ft/s: from the button to the far kerb in walk and clearance together."""
BUTTON_M: Final = 1.8
"""6 ft from the button to the kerb."""
QUEUE_SPACE_M: Final = 7.6
"""25 ft for each vehicle that stands."""


def yellow_s(speed_mps: float, grade: float = 0.0) -> float:
    """Yellow in which a driver at `speed_mps` can stop or enter: t + v / (2a + 2gG), at least 3 s.

    ITE 2020, eq. 1. `grade` is a ratio, positive uphill.
    """
    braking = 2 * DECELERATION_MPS2 + 2 * GRAVITY_MPS2 * grade
    return max(LEAST_YELLOW_S, REACTION_S + speed_mps / braking)


def red_clear_s(width_m: float, speed_mps: float) -> float:
    """Red clearance in which who entered last leaves the conflict: (W + L) / v. ITE 2020, eq. 2."""
    return (width_m + CAR_LENGTH_M) / speed_mps


def ped_clear_s(crossing_m: float) -> float:
    """Pedestrian clearance: the crossing at 1.07 m/s. MUTCD 4I.06."""
    return crossing_m / WALKING_MPS


def ped_s(crossing_m: float) -> float:
    """Walk and clearance together: from the button to the far kerb at 0.91 m/s. MUTCD 4I.06."""
    return (crossing_m + BUTTON_M) / SLOW_WALKING_MPS


def min_green_s(stored_veh: int) -> float:
    """Minimum green in which those between stop line and detector get away: 3 + 2 n. STM2."""
    return 3.0 + 2.0 * stored_veh


def stored_veh(distance_m: float) -> int:
    """How many vehicles of a lane stand between the stop line and a detector so far upstream of it."""
    return int(distance_m / QUEUE_SPACE_M)
