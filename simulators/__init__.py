"""Street hardware that does not exist here: SUMO streets, cabinets, meters, bins."""
