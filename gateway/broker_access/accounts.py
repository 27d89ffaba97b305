"""Who may publish and hear what at the broker? Worked out from the city file and the known devices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from collectors.source import Sources
from gateway import topics
from gateway.config.checks import DEFAULT_PROTOCOL
from gateway.config.settings import Settings
from gateway.intake.pipeline import read_sources

_EXACT: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NAMED: Final = re.compile(r"\{[a-z][a-z0-9_]*\}|\+")


class Known(NamedTuple):
    """A device that may speak, and of what kind its readings are."""

    device: str
    kind: str
    """Empty: any."""
    site: str = ""
    """Empty: the city's own."""


@dataclass(slots=True)
class Account:
    """One user of the broker. Topics may hold + and #."""

    name: str
    writes: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everybody who may use the broker, by name, and what deserves a look."""

    of: dict[str, Account]
    city: str
    """Which of them is arterial itself."""
    doubts: tuple[str, ...]


def accounts(settings: Settings, known: Iterable[Known] = ()) -> Accounts:
    """One account for arterial, every cabinet, every known device and every publisher of many devices.

    Devices are those in `known` and those that a source lists by exact id.
    """
    city = settings.broker.username or settings.client_id
    found = {city: _arterial(settings, city)}
    doubts: list[str] = []

    def of(name: str) -> Account:
        return found.setdefault(name, Account(name))

    for x in sorted({one.device for one in _cabinets(settings)}):
        of(x).writes.add(topics.of(settings.city.site, "reply", x))
        of(x).reads.add(topics.of(settings.city.site, "command", x))
    devices = set(known) | _listed(settings) | _cabinets(settings)
    for source, reader in zip(settings.sources, _readers(settings), strict=True):
        where = f"sources {source.topic or source.format} ({source.kind})"
        if source.publisher:
            of(source.publisher).writes |= set(reader.subscriptions)
            if reader.speaks:
                of(source.publisher).reads |= set(reader.subscriptions)
            continue
        home = source.site or settings.city.site
        mine = sorted(one for one in devices if one.kind in ("", source.kind))
        shapes = [shape for shape in reader.shapes if "{device}" in shape.split("/")]
        if not shapes:
            doubts.append(f"{where}: its topics name no device; give it a publisher")
        elif not mine:
            doubts.append(f"{where}: no device of it is known, so nobody may publish there yet")
        for one in mine:
            own = {
                _own(shape, one.site or home, one.device)
                for shape in shapes
                if "{site}" in shape or one.site in ("", home)
            }
            if own:
                of(one.device).writes |= own
    return Accounts(found, city, tuple(doubts))


def _arterial(settings: Settings, name: str) -> Account:
    """Everything of its site, and what its sources name elsewhere; it answers where a format asks for it."""
    reader = read_sources(settings)
    filters = set(topics.filters(settings.city.site, reader.subscriptions))
    writes = {f"{topics.ROOT}/{settings.city.site}/#"}
    if reader.speaks:
        writes |= filters
    return Account(name, writes, filters)


def _listed(settings: Settings) -> set[Known]:
    """Devices that sources list one by one; patterns are no names."""
    return {
        Known(device, source.kind)
        for source in settings.sources
        for device in source.devices
        if _EXACT.fullmatch(device)
    }


def _cabinets(settings: Settings) -> set[Known]:
    """What cabinets that speak MQTT report of themselves."""
    spoken = (x.id for x in settings.intersections if settings.protocol_of(x.id) == DEFAULT_PROTOCOL)
    return {Known(name, kind) for name in spoken for kind in ("hires", "signal")}


def _readers(settings: Settings) -> list[Sources]:
    """Each source by itself."""
    return [read_sources(settings.model_copy(update={"sources": (source,)})) for source in settings.sources]


def _own(shape: str, site: str, device: str) -> str:
    """The topics of one device, as a filter."""
    places = {"{site}": site, "{device}": device}
    return "/".join(
        places.get(level) or ("+" if _NAMED.fullmatch(level) else level) for level in shape.split("/")
    )
