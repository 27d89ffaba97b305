"""The city's own certificates: an authority, servers, devices, and a list of what is no longer trusted."""
