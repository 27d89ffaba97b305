"""What of a running city goes into its audit trail by itself?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec

from collectors.reading import Reading, Value
from gateway.audit.config_change import config_change
from gateway.audit.entry import Fact
from gateway.audit.recorder import Recorder, opened
from gateway.cabinet import state_of
from gateway.config.settings import Settings
from gateway.devices.register import Change

SHOWN: Final = 5
"""Changed keys named in one reading; the trail names all."""


def begun(settings: Settings, folder: Path) -> Recorder:
    """The trail in `folder`; that the program began, and what changed in the city file, is noted first.

    Raises OSError.
    """
    audit = opened(folder)
    now_ns = time.time_ns()
    version = metadata.version("arterial")
    audit.changed(now_ns, "arterial", "start", "city", None, version, "The program began.")
    change = config_change(settings, folder, now_ns)
    if change is not None:
        before, after = change.before or {}, change.after or {}
        audit.note(change)
        audit.tell(msgspec.structs.replace(change, before=_keys(before), after=_keys(after)))
    return audit


def changes(audit: Recorder, site: str) -> list[Reading]:
    """What changed since this was last asked, as readings of kind `change`."""
    return [
        Reading("change", site, fact.subject, fact.at_ns, _fields(fact), tie=tie)
        for tie, fact in enumerate(audit.told())
    ]


def _fields(fact: Fact) -> dict[str, Value]:
    words = {"what": fact.what, "who": fact.who, "why": fact.why}
    return {**words, "before": _word(fact.before), "after": _word(fact.after)}


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _keys(values: Mapping[str, object]) -> str:
    """The changed keys with their values, a few of them."""
    shown = [f"{key} = {value}" for key, value in list(values.items())[:SHOWN]]
    return "; ".join(shown) + (f"; and {len(values) - SHOWN} more" if len(values) > SHOWN else "")


def lights(audit: Recorder) -> Callable[[Reading], None]:
    """A listener that tells the trail what the cabinets show."""

    def listen(reading: Reading) -> None:
        if reading.kind == "signal":
            audit.shown(reading.device, state_of(reading))

    return listen


def registry_change(audit: Recorder) -> Callable[[Change], None]:
    """What tells the trail that the registry of devices was changed."""

    def hear(change: Change) -> None:
        subject = f"{change.site}/{change.id}"
        audit.changed(
            change.at_ns,
            change.who,
            f"device {change.what}",
            subject,
            change.before,
            change.after,
            change.why,
        )

    return hear
