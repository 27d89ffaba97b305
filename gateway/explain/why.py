"""What was decided at an intersection then, from what, and does the same follow from it again?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from gateway.config.words import no_such
from signal_control import events
from signal_control.decision import OPERATOR, situation_of, view_of
from signal_control.model import Intersection
from signal_control.safety import review
from signal_control.view import Candidate, create
from storage.store import Events, Store

LOOK_NS: Final = 900 * 1_000_000_000
"""So far back a decision is looked for."""
LIGHTS_NS: Final = 300 * 1_000_000_000
"""So far back lights are looked for that end a green."""
CAUSES: Final = {
    events.PHASE_GAP_OUT: "gap-out",
    events.PHASE_MAX_OUT: "max-out",
    events.PHASE_FORCE_OFF: "force-off",
}
_FIELDS: Final = ("strategy", "serve", "reason", "binding", "changed", "inputs", "candidates")


class ExplainError(Exception):
    """There is nothing to explain; the text says why."""


class End(msgspec.Struct, frozen=True):
    """A green that ended: when (ns), after how many seconds, and the controller's own cause, if logged."""

    phase: int
    at_ns: int
    green_s: float | None
    cause: str


class Again(msgspec.Struct, frozen=True):
    """What follows from the stored inputs now. `fault` says why nothing can be derived."""

    same: bool
    serve: str = ""
    reason: str = ""
    fault: str = ""


class Why(msgspec.Struct, frozen=True):
    """The decision in force at a moment, what it followed, and the greens that ended up to then.

    `before` is what was served until the decision. Candidates are in the order in which they were weighed.
    """

    intersection: str
    asked_ns: int
    at_ns: int
    strategy: str
    before: str
    serve: str
    reason: str
    binding: str
    candidates: tuple[Candidate, ...]
    ends: tuple[End, ...]
    again: Again
    inputs: dict[str, Any] = {}


async def why(store: Store, city: Sequence[Intersection], name: str, at_ns: int | None) -> Why:
    """The decision that was in force at `at_ns` (None: the newest). Raises ExplainError, StoreUnavailable."""
    there = {x.id: x for x in city}
    if name not in there:
        raise ExplainError(no_such("intersection", name, there))
    asked_ns = at_ns if at_ns is not None else await _newest(store, name)
    rows = await store.rows("decision", name, _FIELDS, asked_ns - LOOK_NS, asked_ns + 1)
    changes = [row for row in rows if row[1 + _FIELDS.index("changed")]]
    if not rows:
        raise ExplainError(f"no decision at {name} in the quarter of an hour before; is the time right?")
    row = changes[-1] if changes else rows[-1]
    earlier = [r for r in rows if r[0] < row[0]]
    decision = dict(zip(("at_ns", *_FIELDS), row, strict=True))
    lights = await store.events(name, asked_ns - LIGHTS_NS, asked_ns + 1)
    inputs = _inputs(decision["inputs"])
    return Why(
        intersection=name,
        asked_ns=asked_ns,
        at_ns=decision["at_ns"],
        strategy=decision["strategy"] or "",
        before=(earlier[-1][2] or "") if earlier else "",
        serve=decision["serve"] or "",
        reason=decision["reason"] or "",
        binding=decision["binding"] or "",
        candidates=_candidates(decision["candidates"]),
        ends=tuple(ends(lights)),
        again=decided_again(there[name], decision, inputs),
        inputs=inputs,
    )


def ends(lights: Events) -> list[End]:
    """Every green that ended in these events, in order of time."""
    found, since, cause = [], {}, {}
    for at, code, phase in zip(
        lights.at_ns.tolist(), lights.code.tolist(), lights.param.tolist(), strict=True
    ):
        if code == events.PHASE_GREEN:
            since[phase] = at
        elif code in CAUSES:
            cause[phase] = CAUSES[code]
        elif code == events.PHASE_YELLOW:
            began = since.pop(phase, None)
            green_s = round((at - began) / 1e9, 1) if began is not None else None
            found.append(End(phase, at, green_s, cause.pop(phase, "")))
    return found


def decided_again(x: Intersection, decision: Mapping[str, Any], inputs: Mapping[str, Any]) -> Again:
    """Let the strategy and the safety rules decide once more from the stored inputs."""
    if decision["strategy"] == OPERATOR:
        return Again(False, fault="an operator decided it, not a strategy")
    if not inputs:
        return Again(False, fault="this decision had no inputs: nothing was commanded")
    try:
        view = view_of(x, inputs)
        proposal = create(decision["strategy"], x).decide(view)
        verdict = review(view.intersection, situation_of(inputs), proposal, view.now_ns)
    except (KeyError, ValueError, msgspec.ValidationError) as error:
        return Again(False, fault=f"it cannot be decided again by this version or city file: {error}")
    serve, reason = ",".join(map(str, verdict.serve)), verdict.why if verdict.binding else proposal.reason
    return Again((serve, reason) == (decision["serve"], decision["reason"]), serve, reason)


async def _newest(store: Store, name: str) -> int:
    """When the newest decision was made."""
    rows = await store.rows("decision", name, ("reason",), 0, 4_102_444_800_000_000_000, 1)
    if not rows:
        there = ", ".join(await store.devices("decision")) or "none"
        raise ExplainError(f"no decision at {name} is stored; intersections with decisions: {there}")
    return int(rows[-1][0])


def _inputs(text: str | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _candidates(text: str | None) -> tuple[Candidate, ...]:
    try:
        return msgspec.json.decode(text or "[]", type=tuple[Candidate, ...])
    except msgspec.DecodeError:
        return ()
