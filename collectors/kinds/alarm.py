"""What happened to an alarm: raised, acknowledged, suspended, over? The device is what it is about."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "alarm",
    {
        "what": Field("str", doc="raised, cleared, acknowledged, suspended, resumed, reminded or escalated."),
        "id": Field("str", doc="The incident: the same from raised to cleared."),
        "title": Field("str", doc="The kind of trouble in a few words."),
        "text": Field("str", doc="One sentence."),
        "code": Field("str", doc="RSMP's alarm code, or one of arterial's own (A9...)."),
        "category": Field("str", choices=("T", "D"), doc="Traffic or technical."),
        "priority": Field("int", low=1, high=3, doc="1 is the most urgent."),
        "level": Field("float", doc="How bad it is, in the unit of the rule."),
        "active": Field("bool", doc="Whether it is still so."),
        "acknowledged": Field("bool", doc="Whether somebody cares for it."),
        "suspended": Field("bool", doc="Whether nobody wants to hear of it now."),
        "who": Field("str", doc="A person, or arterial itself."),
        "why": Field("str", doc="One sentence, or nothing."),
    },
    tags=("rule",),
)
