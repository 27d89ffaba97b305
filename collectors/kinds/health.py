"""What is wrong with a device or a feed, since when, until when? Made by arterial, as it changes."""

from collectors.health.finding import WHATS
from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "health",
    {
        "state": Field("str", choices=("open", "over"), doc="Whether it is still so."),
        "why": Field("str", doc="One sentence."),
        "severity": Field("str", choices=("info", "warning", "critical"), doc="How bad it is."),
        "broken_s": Field("float", "s", low=0, doc="How long it has been so."),
        "devices": Field("int", low=0, doc="How many devices it concerns."),
    },
    tags=("what", "scope"),
    example={
        "t": 1_754_000_000_000,
        "state": "open",
        "why": "it speaks usually every 5 min",
        "severity": "warning",
        "broken_s": 1200.0,
        "devices": 1,
        "what": WHATS[0],
        "scope": "device",
    },
)
"""The device is the one that is concerned, or the name of a feed. Said again once an hour while it is so."""
