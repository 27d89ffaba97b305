"""Which topics does arterial listen to, and which of them are the control plane rather than readings?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from gateway.links.link import matches

ROOT: Final = "arterial"
PLANES: Final = ("command", "reply", "clock", "alarm")


class Control(NamedTuple):
    """A message of the control plane: `command`, `reply`, `clock` or `alarm`, and whose."""

    plane: str
    device: str


def control(topic: str, site: str) -> Control | None:
    """What control-plane message `topic` carries; None for everything else (readings, garbage)."""
    levels = topic.split("/")
    if len(levels) == 4 and levels[0] == ROOT and levels[1] == site and levels[2] in PLANES:
        return Control(levels[2], levels[3])
    return None


def of(site: str, plane: str, device: str) -> str:
    """The topic on which one plane of one device speaks or listens."""
    return f"{ROOT}/{site}/{plane}/{device}"


def filters(site: str, sources: Iterable[str]) -> tuple[str, ...]:
    """MQTT filters to subscribe to: all of the site, so that stray topics are seen and refused, and what the
    sources name elsewhere. None overlaps another, for some brokers deliver overlaps twice."""
    wide = f"{ROOT}/{site}/#"
    other = {s for s in sources if not _within(s, wide)}
    return (wide, *sorted(other))


def _within(narrow: str, wide: str) -> bool:
    """Whether every topic of `narrow` is one of `wide`, or may be (a `+` may stand for our own site)."""
    probe = [w if n == "+" else n for n, w in zip(narrow.split("/"), wide.split("/"), strict=False)]
    rest = narrow.split("/")[len(probe) :]
    return matches(wide, "/".join([*(p if p != "#" else "x" for p in probe), *rest]))
