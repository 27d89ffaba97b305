"""Do the books balance? What became of every reading: received = stored + refused + duplicate + waiting."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "pipeline",
    {
        "received": Field("int", low=0, doc="Readings that arrived, refused payloads counted as one each."),
        "stored": Field("int", low=0, doc="Readings at rest in the store."),
        "refused": Field("int", low=0, doc="Payloads that are no readings, kept with the reason."),
        "duplicate": Field("int", low=0, doc="Readings delivered twice and kept once."),
        "waiting": Field("int", low=0, doc="Readings on disk on their way to the store."),
    },
)
