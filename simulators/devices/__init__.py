"""Simulated field devices, one file each. The folder is the registry."""
