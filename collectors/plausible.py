"""What would a sound device say, and what is merely possible? The bounds beyond which a value is flagged.

`Field.low` and `Field.high` are for the impossible, which is refused. These are for the implausible, which is
stored with a flag (collectors.quality). What none of them knows about a device is measured on the device.
"""

from __future__ import annotations

from math import inf

import msgspec


class Plausible(msgspec.Struct, frozen=True):
    """A gauge: a temperature, a voltage, a fill.

    Beyond `low` or `high` it is out of range; so it is where it leaves what the device said in the beginning
    by more than the share `band`. It may rise by `rise` and fall by `fall` at once, and by `per_h` more in
    every hour; what exceeds that is too fast until it is confirmed.
    """

    low: float = -inf
    high: float = inf
    band: float = inf
    rise: float = inf
    fall: float = inf
    per_h: float = 0.0
    still: int = 0
    """A live one changes in its last digit: so many equal readings are suspicious, or twice as many as the
    device has ever had, whichever is more. 0: it may stand for ever."""
    still_h: float = 0.0
    """They must also last so long."""
    zero_rests: bool = False
    """At 0 it may stand for ever: nothing flows."""
    moves: str = ""
    """A counter that moves while this is not 0: as long as it does, an equal value is no sign of anything."""


class Counter(msgspec.Struct, frozen=True):
    """A register that only grows, in its own unit.

    `per_h` is more than any connection takes; once a device is known, up to `usual_per_h`, or ten times what
    it has taken before, nothing is too fast. `slack` may come at once: pulses are coarse. A fall of at most
    `dip` is how numbers are rounded. At `turns_at` it starts from 0 again; 0: at any power of ten from
    10,000 on.
    """

    per_h: float
    usual_per_h: float
    slack: float
    dip: float = 0.02
    turns_at: float = 0.0
    still_h: float = 336.0
    """So long without any use is too long, or twice as long as ever before; 0: never."""


Bounds = Plausible | Counter
