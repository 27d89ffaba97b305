"""What does arterial think stands in a lane? The live estimate, with its spread and its age."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "queue",
    {
        "queue_veh": Field("float", "veh", low=0, doc="Estimated vehicles in the queue."),
        "sd_veh": Field("float", "veh", low=0, doc="Standard deviation of the estimate."),
        "health": Field("str", required=False, doc="The lane's detectors: ok, substituted or blind."),
        "age_s": Field("float", "s", doc="Time since the last event that the estimate rests on."),
    },
    tags=("intersection",),
)
