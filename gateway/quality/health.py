"""Which devices and feeds are not well, since when, and what is said of it?"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec.structs import replace

from collectors.health.faults import Faults
from collectors.health.finding import WHATS, Finding
from collectors.health.silence import Heard, silences
from collectors.judge.judge import Noted
from collectors.reading import Reading
from gateway.devices.facts import Facts
from gateway.quality.feeds import Feeds
from storage.findings import Findings

log = logging.getLogger(__name__)

AGAIN_NS: Final = 3_600_000_000_000
JUMP_NS: Final = 3_600_000_000_000
"""Time that passes faster between two looks has been set."""
SHARED_NS: Final = 2 * 86_400_000_000_000
"""So long after an outage it is remembered who shared it."""
NO_DEVICES: Final = frozenset({"hires", "signal", "truth", "street", "decision", "queue", "pipeline"})
"""Cabinets are watched by those who control them, and what arterial makes itself is no device."""
UNSURE_NS: Final = 600_000_000_000
"""After a start nothing that was silent is taken to have spoken for so long, unless it has."""
TOLD: Final = 2_000
"""So many changes wait for the disk at most; more are counted only in what is open."""

Key = tuple[str, str, str]


class Declared(NamedTuple):
    """What the registry says of one device, as far as it matters here."""

    kind: str = ""
    every_s: float = 0.0
    retired: bool = False
    since_ns: int = 0


Registered = Mapping[tuple[str, str], Declared]
NOBODY: Final[Registered] = MappingProxyType({})
_NOTHING: Final = Declared()


class DeviceHealth:
    """The findings of a city: what flags say of devices, and who is silent. `open` is so now.

    `note` is called by whoever judges, `look` now and then; `keep` writes what changed to disk. One thread at
    a time may be in any of them (gateway.quality.quality sees to that).
    """

    def __init__(self, feeds: Feeds, history: Findings | None = None) -> None:
        self._faults, self._feeds, self._history = Faults(), feeds, history
        self._open: dict[Key, Finding] = {}
        self._changed: list[Finding] = []
        self._said_ns: dict[Key, int] = {}
        self._began_ns = self._looked_ns = 0
        self._shared_ns: dict[tuple[str, str], int] = {}
        """When the feed of a device was out last."""
        for finding in history.open() if history is not None else ():
            self._open[finding.key] = finding
            if finding.what not in ("silent", "outage"):
                self._faults.take(finding)

    @property
    def open(self) -> tuple[Finding, ...]:
        """Everything that is wrong now, feeds first, then by how long it has been."""
        found = list(self._open.values())
        return tuple(sorted(found, key=lambda one: (one.scope != "feed", one.since_ns, one.subject)))

    def note(self, noted: Noted) -> bool:
        """Take what bears on the health of a device; whether to follow its readings further."""
        changes, follow = self._faults.note(noted)
        for change in changes:
            self._change(change)
        return follow

    def look(
        self, facts: Sequence[Facts], now_ns: int, link_fault: str, site: str, registered: Registered = NOBODY
    ) -> None:
        """See who is silent at `now_ns`. Looks at every device: some 100 ms for 100,000.

        Who is retired is not missed; who is registered and was never heard is, since then.
        """
        if not 0 <= now_ns - self._looked_ns <= JUMP_NS:  # the start, or a clock that was set
            self._began_ns = now_ns
        self._looked_ns = now_ns
        facts = [one for one in facts if NO_DEVICES.isdisjoint(one.kinds)]
        heard = [self._heard(one, registered.get((one.site, one.device), _NOTHING)) for one in facts]
        heard = [one for one in heard if not registered.get((one.site, one.device), _NOTHING).retired]
        known = {(one.site, one.device) for one in facts}
        heard += [
            self._heard(Facts(*key, [declared.kind], last_ns=declared.since_ns), declared)._replace(
                never=True
            )
            for key, declared in registered.items()
            if key not in known and not declared.retired
        ]
        silent = silences(heard, now_ns, self._began_ns, link_fault, site)
        recent = {key: ns for key, ns in self._shared_ns.items() if now_ns - ns < SHARED_NS}
        self._shared_ns = recent | dict.fromkeys(silent.shared, now_ns)
        found = {one.key: one for one in silent.findings}
        last_ns = {(one.site, one.device): one.last_ns for one in heard}
        for key, one in list(self._open.items()):
            if one.what in ("silent", "outage") and key not in found:
                spoke_ns = last_ns.get((one.site, one.subject), 0)
                if spoke_ns <= one.since_ns and now_ns - self._began_ns < UNSURE_NS:
                    continue  # arterial was away, and cannot know yet
                ended_ns = spoke_ns if spoke_ns > one.since_ns else now_ns
                self._change(replace(one, until_ns=max(ended_ns, one.since_ns + 1)))
        for key, one in found.items():
            before = self._open.get(key)
            if before is None:
                self._change(one)
            elif (before.devices, before.why) != (one.devices, one.why):
                self._open[key] = replace(before, devices=one.devices, why=one.why)

    def readings(self, now_ns: int) -> list[Reading]:
        """What is to be stored at `now_ns`: what changed, and once an hour what is still so."""
        due = [one for key, one in self._open.items() if now_ns - self._said_ns.get(key, 0) >= AGAIN_NS]
        said = {one.key: one for one in [*due, *self._changed]}
        self._said_ns = {key: ns for key, ns in self._said_ns.items() if key in self._open}
        self._said_ns.update({key: now_ns for key in said if key in self._open})
        return [_reading(one, now_ns) for one in said.values()]

    def keep(self) -> None:
        """Write what changed to disk. A disk that takes nothing costs the history, never a reading."""
        changed, self._changed = self._changed, []
        if self._history is None or not changed:
            return
        try:
            self._history.keep(changed)
        except sqlite3.Error as error:
            log.warning("what is known of broken devices cannot be kept: %s", error)

    def history(self, subject: str = "", limit: int = 1000) -> list[Finding]:
        """What was and is wrong with one device or feed, or with all; reads the disk."""
        return self._history.history(subject, limit=limit) if self._history is not None else list(self.open)

    def _change(self, finding: Finding) -> None:
        if finding.open:
            self._open[finding.key] = finding
        else:
            self._open.pop(finding.key, None)
        if len(self._changed) < TOLD:
            self._changed.append(finding)

    def _heard(self, facts: Facts, declared: Declared) -> Heard:
        kind = declared.kind or (facts.kinds[0] if facts.kinds else "")
        declared_s = declared.every_s or self._feeds.expected_s(kind, facts.device) or facts.said_s
        feeds = self._feeds.of(facts.site, kind, facts.device)
        every_s = declared_s or facts.interval_s
        told = (facts.site, facts.device, kind, facts.last_ns, every_s, facts.longest_s)
        from_ns = self._shared_ns.get((facts.site, facts.device), 0)
        return Heard(*told, bool(declared_s), feeds, from_ns)


def _reading(finding: Finding, now_ns: int) -> Reading:
    """Findings of one device stay apart by their tie, changes of one finding by the time they are told."""
    end_ns = finding.until_ns or max(now_ns, finding.since_ns)
    return Reading(
        "health",
        finding.site,
        finding.subject,
        now_ns // 1_000_000 * 1_000_000,
        {
            "state": "open" if finding.open else "over",
            "why": finding.why,
            "severity": finding.severity,
            "broken_s": (end_ns - finding.since_ns) / 1e9,
            "devices": finding.devices,
        },
        {"what": finding.what, "scope": finding.scope},
        WHATS.index(finding.what),
        now_ns,
    )
