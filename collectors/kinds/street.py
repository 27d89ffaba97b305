"""How does a whole simulated street fare? One summary a second, of the street and of its twin."""

from collectors.kind import Field, flat_kind

KIND = flat_kind(
    "street",
    {
        "profile_s": Field("float", "s", low=0, doc="Second of the simulated demand day."),
        "vehicles": Field("int", "veh", low=0, doc="Vehicles on the street."),
        "waiting": Field("int", "veh", low=0, doc="Vehicles that stand or wait to enter."),
        "trips": Field("int", "", low=0, doc="Trips finished since the start."),
        "delay_s": Field("float", "s", required=False, doc="Mean delay of trips finished in the window."),
        "stops": Field("float", "", low=0, required=False, doc="Mean stops of trips finished in the window."),
        "window_s": Field("float", "s", low=0, doc="Length of the window that ends now."),
    },
)
