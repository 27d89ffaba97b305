"""Which detector cannot be believed, since when and why? The judgements of health, as they change."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "detector",
    {
        "channel": Field("int", low=0, doc="Its channel at the cabinet."),
        "state": Field("str", doc="ok, stuck_on, silent, chatter or implausible."),
        "reason": Field("str", doc="One sentence; empty when it is ok."),
        "changed": Field("bool", doc="Whether it was another before; false: said again, once an hour."),
    },
    tags=("intersection",),
)
"""The device is the intersection's id, a dash, and the channel: x1-21."""
