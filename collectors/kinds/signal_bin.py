"""What did a quarter of an hour at an intersection come to? Measured from its events by arterial itself."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "signal_bin",
    {
        "events": Field("int", low=0, doc="High-resolution events in the quarter of an hour."),
        "complete": Field("bool", doc="Whether each five minutes of it had events."),
        "vehicles": Field("int", low=0, doc="Vehicles over stop-line detectors."),
        "arrivals": Field("int", low=0, doc="Vehicles at advance detectors."),
        "on_green": Field("int", low=0, doc="Of these, those that came on green."),
        "cycles": Field("int", low=0, doc="Whole cycles of phases with stop-line detectors."),
        "split_failures": Field("int", low=0, doc="Of these, those whose split failed."),
        "gap_outs": Field("int", low=0, doc="Greens that ended by gap-out."),
        "max_outs": Field("int", low=0, doc="Greens that ended by max-out."),
        "force_offs": Field("int", low=0, doc="Greens that ended by force-off."),
        "ped_waits": Field("int", low=0, doc="Waits of pedestrians that ended with walk."),
        "ped_wait_s": Field("float", low=0, doc="Seconds of all these waits together."),
        "detectors": Field("int", low=0, doc="Detectors of the intersection."),
        "faulty": Field("int", low=0, doc="Of these, those stuck on, erratic or chattering."),
        "silent": Field("int", low=0, doc="Of these, those without any actuation."),
    },
)
