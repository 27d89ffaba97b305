"""What is a decision, and how is it made again from what it was made from?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from signal_control.estimates import estimates_of
from signal_control.model import Intersection
from signal_control.platoons import Coming
from signal_control.queue_estimate import QueueEstimate
from signal_control.safety import Verdict
from signal_control.situation import Situation
from signal_control.status import Command, LinkState, SignalState
from signal_control.view import Proposal, View

DecisionMode = Literal["adaptive", "held", "waiting", "shadow", "advisory", "released", "local", "off"]
OPERATOR = "operator"
"""What stands in the place of a strategy's name while an operator holds phases."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """One decision and everything it was made from.

    `mode` is "waiting" when nothing is commanded, because nothing fresh is known of the lights or they do not
    take commands: the cabinet's local plan runs. The other modes without a command are somebody's will: see
    signal_control.operation; "local" is the ladder's last step. `reason` is one sentence. `binding` names the
    safety rule that decided, or is empty. `view` is what the strategy saw, None where it was not asked.
    """

    at_ns: int
    intersection: str
    strategy: str
    command: Command | None
    proposal: Proposal | None
    verdict: Verdict | None
    reason: str
    binding: str
    view: View | None
    mode: DecisionMode

    @property
    def inputs(self) -> dict[str, Any]:
        """The view in plain values, made anew each time; from the same ones follows the same proposal."""
        plain: dict[str, Any] = msgspec.to_builtins(_seen(self.view), str_keys=True)
        return plain

    @property
    def inputs_json(self) -> str:
        """The same as JSON, as stores keep it."""
        return msgspec.json.encode(_seen(self.view)).decode()


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """Why a decision is made but not sent: the mode it gets, and one sentence."""

    mode: DecisionMode
    why: str


def view_of(intersection: Intersection, inputs: Mapping[str, Any]) -> View:
    """The view a decision was made from, out of its inputs: lets anybody decide again and compare.

    Inputs may have been through JSON. Raises msgspec.ValidationError when they are not a decision's.
    """
    plain = msgspec.convert(dict(inputs), _Inputs, strict=False, str_keys=True)
    seen = {name: getattr(plain, name) for name in View.__struct_fields__ if name != "intersection"}
    return View(intersection=intersection.in_force(plain.now_ns), **seen)


def situation_of(inputs: Mapping[str, Any]) -> Situation:
    """What the safety rules knew, out of a decision's inputs; raises as `view_of` does."""
    return msgspec.convert(dict(inputs), _Inputs, strict=False, str_keys=True).situation


class _Inputs(msgspec.Struct, frozen=True):
    """A decision's inputs: the view without the intersection."""

    now_ns: int
    state: SignalState
    green_since_ns: dict[int, int]
    red_since_ns: dict[int, int]
    queues: dict[str, QueueEstimate]
    flows: dict[str, float]
    downstream: dict[str, LinkState]
    serving: tuple[int, ...]
    coming: dict[str, Coming]
    situation: Situation
    unserved: tuple[tuple[str, tuple[int, ...]], ...] = ()
    inside: tuple[tuple[str, int], ...] = ()


def _seen(view: View | None) -> dict[str, Any]:
    """What a view holds besides the intersection, which is on record elsewhere."""
    if view is None:
        return {}
    seen = {name: getattr(view, name) for name in View.__struct_fields__ if name != "intersection"}
    return {**seen, "queues": estimates_of(view.queues).each}
