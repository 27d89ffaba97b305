"""What did arterial decide at an intersection, from what, and why?"""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "decision",
    {
        "strategy": Field("str", doc="The strategy that proposed."),
        "mode": Field("str", doc="adaptive, held, waiting, shadow, advisory, released, local or off."),
        "serve": Field("str", doc="Phases to show, for example '2,6'; empty: the local plan."),
        "reason": Field("str", doc="One sentence."),
        "binding": Field("str", doc="The safety rule that changed or held the proposal; empty: none."),
        "changed": Field("bool", doc="Whether this differs from the decision before."),
        "inputs": Field("str", doc="What the strategy saw (JSON)."),
        "candidates": Field("str", doc="What it weighed, with scores (JSON)."),
    },
)
