"""Which devices are there, in which state, and what may a person do about it?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from collectors.skew import Clocks
from gateway.config.words import no_such
from gateway.devices.entry import DeviceEntry
from gateway.devices.facts import Facts
from gateway.devices.files import checked
from gateway.devices.register import Registry, RegistryError, Row
from storage.refused import Refused, Subject

Standing = Literal["approved", "retired", "quarantined", "open"]
"""`open` has spoken on sources that take anybody, and nobody has registered it."""

STANDINGS: Final = ("approved", "retired", "quarantined", "open")
SHOWN: Final = 12
"""Names that a refusal lists."""

Key = tuple[str, str]
View = dict[str, Any]
"""One device as JSON: what is declared, what is known, what waits."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The registry, what waits in quarantine, and what is known; whether the city runs or not."""

    registry: Registry
    refused: Refused | None
    facts: Callable[[], Iterable[Facts]]
    clocks: Clocks | None = None

    def every(self, facts: Sequence[Facts] | None = None) -> list[View]:
        """All devices by site and id; `facts` where they were asked for before, in another thread."""
        known = {(f.site, f.device): f for f in (self.facts() if facts is None else facts)}
        rows = {(row.entry.site, row.entry.id): row for row in self.registry.every()}
        waiting: dict[Key, list[Subject]] = {}
        for subject in self.refused.subjects() if self.refused is not None else ():
            site, _, device = subject.name.split("/")
            waiting.setdefault((site, device), []).append(subject)
        keys = sorted({*known, *rows, *waiting})
        return [self._view(key, rows.get(key), known.get(key), waiting.get(key, [])) for key in keys]

    def one(self, device: str, site: str = "", facts: Sequence[Facts] | None = None) -> View:
        """One device. Raises RegistryError, which names the choices."""
        there = self.every(facts)
        found = [view for view in there if view["id"] == device and site in ("", view["site"])]
        if not found:
            raise RegistryError(_none(device, site, there))
        if len(found) > 1:
            sites = ", ".join(view["site"] for view in found)
            raise RegistryError(f"there is a device '{device}' at several sites: {sites}; name one")
        return found[0]

    def add(self, raws: Sequence[Mapping[str, Any]], who: str, why: str = "") -> int:
        """Register devices by what is declared of them; how many are new or changed. Raises RegistryError."""
        entries: list[DeviceEntry] = []
        for raw in raws:
            entry, wrong = checked(dict(raw))
            if entry is None or wrong:
                raise RegistryError("\n".join(f"{raw.get('id', '?')}: {key}: {what}" for key, what in wrong))
            entries.append(entry)
        return self.register(entries, who, why)

    def register(self, entries: Sequence[DeviceEntry], who: str, why: str = "") -> int:
        """As `add`, for entries that have been checked."""
        home = self.registry.home()
        if not home and any(not entry.site for entry in entries):
            raise RegistryError("no city has run on this folder yet: say the site of the device, too")
        return self.registry.add([entry.at(home) for entry in entries], who, time.time_ns(), why)

    def approve(self, device: str, who: str, site: str = "", more: Mapping[str, Any] | None = None) -> View:
        """Approve a device that has spoken, or was retired; `more` is what is declared of it beside.

        Raises RegistryError.
        """
        view = self.one(device, site)
        row = self.registry.of(view["site"], device)
        raw: dict[str, Any] = {"id": device, "site": view["site"]}
        if row is not None:
            raw |= row.entry.told()
        elif len(view["kinds"]) == 1:
            raw["kind"] = view["kinds"][0]
        raw |= {key: value for key, value in (more or {}).items() if value is not None}
        if "kind" not in raw and view["state"] == "quarantined":
            kinds = ", ".join(view["kinds"])
            raise RegistryError(f"{device} speaks as {kinds}: say as which kind it is approved")
        self.add([raw], who)
        return self.one(device, view["site"])

    def retire(self, device: str, who: str, site: str = "", why: str = "") -> View:
        """Take nothing from a device any more. Raises RegistryError."""
        view = self.one(device, site)
        if view["state"] in ("quarantined", "open"):
            kinds = [kind for kind in view["kinds"] if kind != "measurement"]
            raw = {"id": device, "site": view["site"], **({"kind": kinds[0]} if len(kinds) == 1 else {})}
            self.add([raw], who, "To be retired at once.")
        self.registry.retire(view["site"], device, who, time.time_ns(), why)
        return self.one(device, view["site"])

    def _view(self, key: Key, row: Row | None, facts: Facts | None, waiting: Sequence[Subject]) -> View:
        state: Standing = "open"
        if row is not None:
            state = row.state
        elif waiting:
            state = "quarantined"
        told = row.entry.told() if row is not None else {}
        heard = facts or Facts(*key)
        kinds = [told["kind"]] if "kind" in told else sorted({s.name.split("/")[1] for s in waiting})
        skew = self.clocks.skew_ms(*key) if self.clocks is not None else None
        return {
            "site": key[0],
            "id": key[1],
            "state": state,
            "kinds": kinds or heard.kinds,
            "declared": {name: value for name, value in told.items() if name not in ("id", "site")},
            "origin": row.origin if row is not None else "",
            "since_ms": _ms(row.since_ns if row is not None else 0),
            "first_ms": _ms(heard.first_ns or min([s.first_ns for s in waiting], default=0)),
            "last_ms": _ms(heard.last_ns),
            "readings": heard.readings,
            "refusals": heard.refusals,
            "waiting": sum(subject.messages for subject in waiting),
            "waiting_last_ms": _ms(max([s.last_ns for s in waiting], default=0)),
            "topic": waiting[0].topic if waiting else "",
            "battery": heard.battery,
            "battery_unit": heard.battery_unit,
            "interval_s": heard.interval_s,
            "expected_s": told.get("every_s") or heard.said_s or heard.interval_s,
            "skew_ms": skew,
        }


def _ms(at_ns: int) -> int | None:
    return at_ns // 1_000_000 if at_ns else None


def _none(device: str, site: str, there: Sequence[View]) -> str:
    where = f" at {site}" if site else ""
    names = [view["id"] for view in there if site in ("", view["site"])]
    if len(names) <= SHOWN:
        return no_such(f"device{where}", device, names)
    return f"no device named '{device}'{where}; there are {len(names)}: `arterial devices list`"
