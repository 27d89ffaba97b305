"""What was changed, by whom and why? The changes of the audit trail, for boards and their annotations."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "change",
    {
        "what": Field("str", doc="strategy, mode, ladder, config, start or repair."),
        "who": Field("str", doc="A person, a page, or arterial itself."),
        "before": Field("str", doc="What it was."),
        "after": Field("str", doc="What it is."),
        "why": Field("str", doc="One sentence."),
    },
)
