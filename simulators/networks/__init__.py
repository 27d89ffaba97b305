"""Any SUMO network: read, imported as intersections, given detectors, run and measured."""
