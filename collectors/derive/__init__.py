"""Readings made from readings, one file each. The folder is the registry; collectors.derived has its form."""
