"""Sensor kinds, one file each: schema, units and ranges. The folder is the registry."""
