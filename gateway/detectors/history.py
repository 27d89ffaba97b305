"""Since when is a detector broken, how often was it, and for how long?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from gateway.detectors.judgements import AGAIN_NS, name_of
from storage.store import Store

FIELDS: Final = ("state", "reason")
MOST: Final = 20_000
"""So many judgements of one detector are read: more than two years at one an hour."""
UNKNOWN: Final = "unknown"


class Spell(msgspec.Struct, frozen=True):
    """A stretch of time in one state: from `since_ns` to `until_ns` (None: it is so still).

    `unknown` is a stretch in which nobody judged, because arterial did not run.
    """

    state: str
    since_ns: int
    until_ns: int | None
    reason: str = ""


async def spells(store: Store, intersection: str, channel: int, now_ns: int) -> list[Spell]:
    """All that is known of one detector up to `now_ns`, the oldest first. Raises StoreUnavailable."""
    name = name_of(intersection, channel)
    return merged(await store.rows("detector", name, FIELDS, 0, now_ns + 1, MOST), now_ns)


def merged(rows: Iterable[Sequence[Any]], now_ns: int) -> list[Spell]:
    """Judgements (ns, state, reason) in order of time as stretches; the same state again prolongs one.

    A silence of more than two hours ends an `ok` and begins `unknown`. It does not end a fault: who was
    broken before and is found broken after has been broken all along.
    """
    found: list[Spell] = []
    heard_ns = 0
    for at_ns, state, reason in rows:
        still_broken = found and found[-1].state == state != "ok"
        if found and not still_broken and at_ns - heard_ns > 2 * AGAIN_NS:
            found = _ended(found, heard_ns, UNKNOWN)
        if not found or found[-1].state != state:
            found = _ended(found, at_ns, state, reason or "")
        heard_ns = at_ns
    if found and now_ns - heard_ns > 2 * AGAIN_NS:
        found = _ended(found, heard_ns, UNKNOWN)
    return found


def within(found: Sequence[Spell], begin_ns: int, end_ns: int) -> list[Spell]:
    """The stretches that touch begin_ns <= time < end_ns, whole."""
    return [s for s in found if s.since_ns < end_ns and (s.until_ns is None or s.until_ns > begin_ns)]


def broken_since(found: Sequence[Spell]) -> int | None:
    """Since when (ns) it is not believed, whatever the faults were; None when it is ok or unknown."""
    since = None
    for spell in reversed(found):
        if spell.state in ("ok", UNKNOWN):
            break
        since = spell.since_ns
    return since


def _ended(found: list[Spell], at_ns: int, state: str, reason: str = "") -> list[Spell]:
    """The stretches with the last one ended, and a new one begun."""
    last = [msgspec.structs.replace(found[-1], until_ns=at_ns)] if found else []
    return [*found[:-1], *last, Spell(state, at_ns, None, reason)]
