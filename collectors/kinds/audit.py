"""Which entry of the audit trail was the newest? In the store, so that a rewritten trail is found."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "audit",
    {
        "number": Field("int", low=0, doc="Number of the newest entry."),
        "hash": Field("str", doc="Its SHA-256, hexadecimal; covers every entry before it."),
    },
)
