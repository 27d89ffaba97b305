"""Who is silent: single devices, or what brings us the messages of all of them?

When everything behind one gateway, network server, site or broker falls silent together, the devices are
not broken: there is one finding, of the feed. A feed is out when nothing at all has come through it while at
least three of its devices should have spoken, or when four in five of its devices are overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from collectors.health.finding import Finding

EVERYTHING: Final = "everything"
"""The feed that all devices share: the broker, and the way to it."""
FEED_OF: Final = 3
FEED_SHARE, FEED_LATE = 0.8, 5
GRACE_S: Final = 60.0
LEAST_QUIET_S: Final = 30.0
UNKNOWN_S: Final = 26 * 3600.0
"""A device of which nobody knows how often it speaks is silent after a day and two hours."""

_S: Final = 1_000_000_000


class Heard(NamedTuple):
    """A device: when it was heard last, how often it speaks (None: not known yet), how long it has paused.

    `feeds` are what its messages come through, broadest first; EVERYTHING goes without saying.
    """

    site: str
    device: str
    kind: str
    last_ns: int
    every_s: float | None
    longest_s: float | None = None
    declared: bool = False
    """Whether it promised, or somebody declared, how often it speaks."""
    feeds: tuple[str, ...] = ()
    from_ns: int = 0
    """Before that its silence says nothing: its feed was out."""
    never: bool = False
    """It has never spoken (`last_ns` is since when it should): nothing can be told of its feeds by that."""

    @property
    def patience_s(self) -> float:
        """It may be silent for so long."""
        if self.every_s is None:
            return UNKNOWN_S
        if self.declared:
            return 2.0 * self.every_s + GRACE_S
        return max(3.0 * self.every_s, 1.5 * (self.longest_s or 0.0)) + GRACE_S


class _Feed(NamedTuple):
    name: str
    members: list[Heard]
    last_ns: int


class Silence(NamedTuple):
    """What is silent, and the devices (site, name) that only share the silence of their feed."""

    findings: list[Finding]
    shared: frozenset[tuple[str, str]]


def silences(
    heard: Sequence[Heard], now_ns: int, began_ns: int = 0, link_fault: str = "", site: str = ""
) -> Silence:
    """Everything that is silent at `now_ns`: feeds first, broadest first, then devices.

    `began_ns` is since when arterial listens: what was before says nothing. `link_fault` says why there is no
    connection to the broker, `site` the city's, for what concerns all of it.
    """
    found: list[Finding] = []
    covered: dict[tuple[str, str], int] = {}
    for feed in _feeds(heard, began_ns):
        why = link_fault if feed.name == EVERYTHING else ""
        mine = [one for one in feed.members if (one.site, one.device) not in covered]
        if len(mine) < len(feed.members) or not mine:
            continue
        since_ns = _out_since_ns(feed, now_ns, began_ns, bool(why))
        if since_ns is None:
            continue
        told = why or f"nothing comes from {len(mine)} devices that share it, or next to nothing"
        where = site if feed.name == EVERYTHING and site else mine[0].site
        found.append(
            Finding(where, feed.name, "feed", "outage", told, "critical", since_ns, devices=len(mine))
        )
        covered.update({(one.site, one.device): since_ns for one in mine})
    alone = list(_devices(heard, now_ns, began_ns, covered))
    shared = covered.keys() - {(one.site, one.subject) for one in alone}
    return Silence([*found, *alone], frozenset(shared))


def _devices(
    heard: Sequence[Heard], now_ns: int, began_ns: int, covered: dict[tuple[str, str], int]
) -> Iterable[Finding]:
    for one in heard:
        last_ns = max(one.last_ns, began_ns, one.from_ns)
        feed_ns = covered.get((one.site, one.device))
        until_ns = now_ns if feed_ns is None else feed_ns  # silent before its feed was, it is so by itself
        if until_ns - last_ns <= one.patience_s * _S:
            continue
        often = "nobody knows how often" if one.every_s is None else f"usually every {_span(one.every_s)}"
        since_ns = one.last_ns or began_ns
        yield Finding(
            one.site, one.device, "device", "silent", f"it speaks {often}", "warning", since_ns, kind=one.kind
        )


def _feeds(heard: Sequence[Heard], began_ns: int) -> list[_Feed]:
    """Every feed of at least three devices; broad ones before those within them."""
    spoken = [one for one in heard if not one.never]
    members: dict[str, list[Heard]] = {EVERYTHING: spoken}
    depth: dict[str, int] = {EVERYTHING: -1}
    for one in spoken:
        for level, name in enumerate(one.feeds):
            members.setdefault(name, []).append(one)
            depth[name] = max(level, depth.get(name, 0))
    return [
        _Feed(name, mine, max([one.last_ns for one in mine]))
        for name, mine in sorted(members.items(), key=lambda item: (depth[item[0]], -len(item[1]), item[0]))
        if len(mine) >= FEED_OF or (name == EVERYTHING and mine)
    ]


def _out_since_ns(feed: _Feed, now_ns: int, began_ns: int, cut_off: bool) -> int | None:
    """Since when the feed is out; None: it is not."""
    last_ns = max(feed.last_ns, began_ns)
    quiet_s = (now_ns - last_ns) / _S
    spoken = sum(
        one.every_s is not None and quiet_s > max(1.5 * one.every_s, LEAST_QUIET_S) for one in feed.members
    )
    if spoken >= FEED_OF or (cut_off and quiet_s > LEAST_QUIET_S):
        return last_ns
    lasts = [max(one.last_ns, began_ns, one.from_ns) for one in feed.members]
    late = [
        last for one, last in zip(feed.members, lasts, strict=True) if now_ns - last > one.patience_s * _S
    ]
    return max(late) if len(late) >= max(FEED_LATE, FEED_SHARE * len(feed.members)) else None


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
