"""Studies: what the logs and the models of some intersections together say, one file each, pure functions."""
