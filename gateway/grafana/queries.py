"""How are the boards' questions put in InfluxQL? `$timeFilter` and `$__interval` are Grafana's."""

from __future__ import annotations

from typing import Final

ALWAYS: Final = "$timeFilter"
HERE: Final = '"device" =~ /^($intersection)$/ AND $timeFilter'
"""Readings of the intersections chosen."""
LANES: Final = '"intersection" =~ /^($intersection)$/ AND $timeFilter'
"""Readings of lanes of the intersections chosen."""


def select(what: str, kind: str, where: str = ALWAYS, group: str = "", tail: str = "") -> str:
    """`SELECT what FROM kind WHERE where GROUP BY group tail`."""
    asked = f'SELECT {what} FROM "{kind}" WHERE {where}'
    return " ".join(part for part in (asked, f"GROUP BY {group}" if group else "", tail) if part)


def curve(
    what: str, kind: str, by: str = "", where: str = ALWAYS, every: str = "$__interval", fill: str = "none"
) -> str:
    """A value over time, for each value of the tag `by`."""
    return select(what, kind, where, f"time({every})" + (f', "{by}"' if by else ""), f"fill({fill})")


def total(field: str, kind: str, by: str = "", where: str = ALWAYS) -> str:
    """The sum over all devices of their mean in each interval, for each value of the tag `by`."""
    inner = select(
        f'mean("{field}") AS v',
        kind,
        where,
        'time($__interval), "device"' + (f', "{by}"' if by else ""),
        "fill(none)",
    )
    group = "time($__interval)" + (f', "{by}"' if by else "")
    return f"SELECT sum(v) FROM ({inner}) WHERE $timeFilter GROUP BY {group} fill(none)"


def gained(field: str, kind: str) -> str:
    """The gain of a counter over all devices in the time shown."""
    inner = select(f'spread("{field}") AS gain', kind, group='"device"')
    return f"SELECT sum(gain) FROM ({inner})"


def speaking(field: str, kind: str) -> str:
    """How many devices spoke in the time shown."""
    inner = select(f'last("{field}") AS v', kind, group='"device"')
    return f"SELECT count(v) FROM ({inner})"
